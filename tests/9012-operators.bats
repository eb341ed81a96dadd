#!/usr/bin/env bats
# Four operators, each with keys of their own, start the network that they have made
# together; clients find it by its public file alone.
load lib.bash
load ledger.bash
load net.bash

# member NAME: keys, made where they are used.
member() {
	mkdir -p "$1/srv"
	(cd "$1" && jt-keygen -n --role validator "$1" && jt-keygen -n --role link "$1-link") \
	    >/dev/null
	cp "$1"/*.pub all
}

@test "from keys to payments, with an operator's lines" {
	members='acme brno cork dover'
	mkdir all
	for m in $members; do member $m; done
	jt-keygen -n bank alice >/dev/null
	cd all
	jt-deal -o dealing.jt acme.pub brno.pub cork.pub dover.pub
	printf 'account,balance\n%s,1000000\n' "$(jt-id ../bank.pub)" >bank.csv
	{
		printf 'name: alliance\ntime: 2017-03-01T12:00:00Z\nnonce: %064d\n' 7
		printf 'dealing: dealing.jt\naccounts: bank.csv\nvalidators:\n'
		for m in $members; do
			printf -- '- {name: %s, key: %s.pub, link: %s-link.pub, peer: "%s", client: "%s"}\n' \
			    $m $m $m "${PWD%/all}/$m/srv/run/peer" "${PWD%/all}/$m/srv/sock"
		done
	} >net.yaml
	jt-genesis -o ../net net.yaml
	jt-id ../net/network.jt
	cd ..
	for m in $members; do
		cp net/network.jt $m/srv
		mv $m/$m.key $m/srv/validator.key
		mv $m/$m-link.key $m/srv/link.key
		check 66 "jt-vote: $m/srv/coin.share: no share of the coin; jt-deal -k KEY $m/srv/network.jt makes it" \
			jt-vote -d $m/srv
		check 0 '' jt-deal -k $m/srv/validator.key $m/srv/network.jt
		cmp $m/$m.pub $m/srv/validator.pub
		check 1 '' jt-status $m/srv
	done
	for m in $members; do
		jt-node $m/srv 2>>$m/log 3>&- &
	done
	# A client has the network's file, and nothing else.
	export JT_NETWORK=$PWD/net/network.jt
	jt-tx pay from=bank to=alice amount=25 seq=1 | jt-sign -k bank.key |
		jt-submit -w 600 -o paid.jtp
	check 0 '' jt-check paid.jtp
	until_true jt-status acme/srv brno/srv cork/srv dover/srv >/dev/null
	# One is away, and comes back.
	kill "$(cat acme/srv/run/node.pid)"
	jt-tx pay from=bank to=alice amount=5 seq=2 | jt-sign -k bank.key |
		jt-submit -w 600 -o paid2.jtp
	until_true flock -n -s acme/srv/run/lock true
	jt-node acme/srv 2>>acme/log 3>&- &
	until_true has acme/srv alice 30
	for m in $members; do kill "$(cat $m/srv/run/node.pid)"; done
	wait
	same acme/srv brno/srv cork/srv dover/srv
}
