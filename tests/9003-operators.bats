#!/usr/bin/env bats
# Several operators make one network: each with keys of its own, from one file
# that all of them have.
load lib.bash

# member NAME: a directory with its keys.
member() {
	mkdir "$1"
	(cd "$1" && jt-keygen -n --role validator "$1" && jt-keygen -n --role link "$1-link") \
	    >/dev/null
}

# net_yaml MEMBER...: the file that all of them have.
net_yaml() {
	echo 'name: alliance'
	echo 'time: 2017-03-01T12:00:00Z'
	echo "nonce: $(printf %064d 7)"
	echo 'validators:'
	for m; do
		echo "- {name: $m, key: $m.pub, link: $m-link.pub, peer: \"$m.example:7070\"}"
	done
	echo 'dealing: dealing.jt'
	echo 'accounts: bank.csv'
}

@test "an operator's line: all keys given, no secret is made" {
	jt-keygen -n bank >/dev/null
	printf 'account,balance\n%s,1000000\n' "$(jt-id bank.pub)" >bank.csv
	net_yaml acme >net.yaml
	check 0 '' sh -ec 'jt-keygen -n --role validator acme; jt-keygen -n --role link acme-link
		jt-deal -o dealing.jt acme.pub; jt-genesis -o net net.yaml; jt-id net/network.jt'
	[ "$(out | wc -l)" -eq 4 ]
	[ "$(out | tail -n 2 | uniq | wc -l)" -eq 1 ]
	[ "$(cd net && find . -mindepth 1)" = ./network.jt ]
	[ "$(files | grep '^600 ')" = "600 acme-link.key
600 acme.key
600 bank.key" ]
}

@test "four members make the same network file, and each closes the same ledger" {
	members='acme brno cork dover'
	jt-keygen -n bank >/dev/null
	for m in $members; do member "$m"; done
	jt-deal -o dealing.jt cork/cork.pub acme/acme.pub brno/brno.pub dover/dover.pub
	# What goes round: public keys, the dealing, the accounts, the file. Written in another order by one.
	printf 'account,balance,seq\n%s,1000000,0\njLUEXYuLiQptky37CqLcm9USQpPiz5jkpD,5,7\n' \
	    "$(jt-id bank.pub)" >bank.csv
	net_yaml acme brno cork dover >net.yaml
	for m in $members; do
		for other in $members; do
			[ "$m" = "$other" ] || cp "$other"/*.pub "$m"
		done
		cp bank.csv dealing.jt net.yaml "$m"
	done
	net_yaml dover acme cork brno >dover/net.yaml
	for m in $members; do
		(cd "$m" && check 0 '' jt-genesis -o net net.yaml)
		cmp "$m/net/network.jt" acme/net/network.jt
		[ "$(cd "$m/net" && echo *)" = network.jt ]
		[ "$(jt-id "$m/net/network.jt")" = "$(jt-id acme/net/network.jt)" ]
	done

	# A directory of its own for each, of the network file and the key.
	for m in $members; do
		mkdir "$m/srv"
		cp "$m/net/network.jt" "$m/srv"
		cp "$m/$m.key" "$m/srv/validator.key"
		check 0 '' jt-deal -k "$m/srv/validator.key" "$m/srv/network.jt"
	done
	jt-tx -N acme/net/network.jt pay from=bank to=jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD amount=20 \
	    seq=1 | jt-sign -k bank.key >tx.jt
	for m in $members; do
		check 0 '' jt-close -d "$m/srv" -k "$m/srv/validator.key" -t 2017-03-01T12:00:05Z tx.jt
		out >"$m.jt"
	done
	[ "$(jt-id acme.jt brno.jt cork.jt dover.jt | sort -u | wc -l)" -eq 1 ]
	check 1 'jt-certify: ledger 1: 2 of 3 signatures' jt-certify -d acme/srv acme.jt dover.jt
	out_is ''
	check 0 '' jt-certify -d acme/srv cork.jt
	out >certificate.jt
	check 0 '' jt-check -N dover/net/network.jt certificate.jt
	out | grep -q 'in ledger 1 (2017-03-01T12:00:05Z) of network "alliance"'
	check 0 '' sh -c 'jt-prove -d acme/srv account jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD |
		jt-check -N brno/net/network.jt'
	out | grep -q ' has 25 SWT, highest seq 7$'
}

@test "another key, time, nonce, account or order of validators: which make another network" {
	member acme
	member brno
	cp acme/*.pub brno/*.pub .
	echo 'account,balance' >bank.csv
	echo "jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD,5" >>bank.csv
	jt-deal -o two.jt acme.pub brno.pub
	made() {
		jt-deal -o one.jt acme.pub
		cp two.jt dealing.jt
		grep -q brno.pub net.yaml || cp one.jt dealing.jt
		! grep -q other.pub net.yaml || jt-deal -o dealing.jt acme.pub other.pub
		n=$((${n:-0} + 1))
		jt-genesis -o "net$n" net.yaml >/dev/null
		id=$(jt-id "net$n/network.jt")
	}
	net_yaml acme brno >net.yaml
	made
	first=$id
	made
	[ "$id" = "$first" ]
	cmp net1/network.jt net2/network.jt
	net_yaml brno acme >net.yaml
	made
	[ "$id" = "$first" ]
	for change in 's/^time.*/time: 2017-03-01T12:00:01Z/' 's/^nonce.*/nonce: random/' \
	    's/^time.*/time: now/' 's/brno.pub/other.pub/' 's/brno.example/brno.test/' \
	    's/alliance/other/' '/name: brno/d'; do
		jt-keygen -n --role validator other >/dev/null 2>&1 || true
		net_yaml acme brno | sed "$change" >net.yaml
		made
		[ "$id" != "$first" ] || { echo "no other network: $change" >&2; return 1; }
	done
	net_yaml acme brno >net.yaml
	echo "j41BKa68HspZ2WDjzNNMkWUBGALy66X2xG,1" >>bank.csv
	made
	[ "$id" != "$first" ]
	net_yaml acme brno >net.yaml
	jt-deal -o two.jt acme.pub brno.pub
	made
	[ "$id" != "$first" ] || { echo 'no other network by another dealing' >&2; return 1; }
}
