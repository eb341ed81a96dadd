#!/usr/bin/env bats
# jt-genesis: the network file, keys and first ledgers; every field of a set-up.
load lib.bash
load ledger.bash

@test "an existing directory is kept, and nothing is left behind" {
	check 0 '' jt-genesis
	before=$(find net -type f -exec sha256sum {} + | sort)
	check 73 'jt-genesis: net: exists, and is kept' jt-genesis
	out_is ''
	[ "$(find net -type f -exec sha256sum {} + | sort)" = "$before" ]
	[ "$(ls -A)" = net ]
	touch file
	check 73 'jt-genesis: file: exists, and is kept' jt-genesis -o file
	ln -s nowhere link
	check 73 'jt-genesis: link: exists, and is kept' jt-genesis -o link
	[ "$(ls -A)" = "$(printf 'file\nlink\nnet')" ]
	mkdir empty
	check 0 '' jt-genesis -o empty/
	[ -f empty/network.jt ]
}

@test "a signal while it works leaves nothing behind" {
	for delay in 0.02 0.05 0.1 0.2 0.3; do
		code=0
		timeout -s TERM "$delay" jt-genesis -v 128 -o "net$delay" >id || code=$?
		# 124: timeout's own word for "it was killed".
		[ "$code" -eq 124 ] || [ -f "net$delay/v128/network.jt" ]
		rm -rf "net$delay" id
		[ "$(ls -A)" = '' ]
	done
}

# genesis YAML [ARG...]: jt-genesis with this set-up.
genesis() {
	printf -- "$1" >set.yaml
	jt-genesis "${@:2}" set.yaml
}

# wrong CODE MESSAGE YAML: refused with this line, and nothing is made.
wrong() {
	check "$1" "jt-genesis: $2" genesis "$3"
	out_is ''
	[ ! -e net ]
}

@test "without a set-up: all defaults" {
	check 0 '' jt-genesis
	id=$(out)
	[ "$id" = "$(jt-id net/network.jt)" ]
	[ "$(jt-show -j net/network.jt | wc -l)" -eq 3 ]
	bank=$(jt-id net/bank.pub)
	jt-show -j net/network.jt | head -n 1 | sed 's/"[0-9a-f]\{64\}"/HEX/g; s/"time":"[^"]*"/TIME/' >shown
	[ "$(cat shown)" = '{"kind":"jt/genesis/1","body":{"accounts":"1","authority":{"quorum":"1","signers":[["'"$bank"'","1"]]},"coins":"600000000000","dealing":HEX,"fee":"0.00001","interval":"50","name":"net","network":HEX,"nonce":HEX,"object":"0.2","records":{"rate":"1048576","stamp":"18"},"reserve":"1","state":HEX,TIME,"validators":[{"box":HEX,"key":HEX,"link":HEX,"name":"v1"}]},"sigs":[]}' ]
	[ "$(jt-show -j net/network.jt | tail -n 1)" = '{"kind":"jt/accounts/1","body":{"accounts":[["'"$bank"'","600000000000","0"]]}}' ]
	cd net
	[ "$(files)" = '600 bank.key
644 bank.pub
644 network.jt
700 v1
600 v1/coin.share
700 v1/ledger
644 v1/ledger/data.mdb
600 v1/ledger/lock
644 v1/ledger/lock.mdb
600 v1/link.key
644 v1/network.jt
600 v1/validator.key
644 v1/validator.pub
755 v1/vote
644 v1/vote/0000000001.jt
644 v1/vote/lock' ]
	cmp network.jt v1/network.jt
}

@test "-v makes validators, -o names the directory and the network" {
	check 0 '' jt-genesis -v 4 -o acme/
	# In the order of their keys.
	[ "$(field name <acme/network.jt | tr '\n' ' ')" = 'acme v1 v2 v3 v4 ' ]
	for i in 1 2 3 4; do
		jt-id acme/v$i/validator.pub
	done >ids
	jt-show -j acme/v?/vote/*.jt | sed -n 's/.*"key":"\([0-9a-f]*\)".*/\1/p' >keys
	[ "$(wc -l <keys)" -eq 4 ]
	sort -c keys
	for i in 1 2 3 4; do
		cmp acme/network.jt acme/v$i/network.jt
		[ "$(jt-get -d acme/v$i ledger 0 | jt-id)" = "$(jt-get -d acme/v1 ledger 0 | jt-id)" ]
		jt-close -d acme/v$i -k acme/v$i/validator.key --empty </dev/null >/dev/null
	done
	[ ! -e acme/v5 ]
	usage='jt-genesis: usage: jt-genesis [-v N] [-o DIR] [NET.yaml]'
	check 64 "jt-genesis: option -v needs a number from 1 to 128, not 0
$usage" jt-genesis -v 0
	check 64 "jt-genesis: option -v needs a number from 1 to 128, not 129
$usage" jt-genesis -v 129
	check 64 "jt-genesis: expected one set-up file, found 2
$usage" jt-genesis a b
	check 66 'jt-genesis: nowhere: No such file or directory' jt-genesis nowhere
	check 73 'jt-genesis: nowhere/net: No such file or directory' jt-genesis -o nowhere/net
}

@test "every field of a set-up" {
	jt-keygen -n alice bob >/dev/null
	mkdir sub
	mv alice.pub sub
	cat >sub/set.yaml <<-END
	# a comment
	name: Fab "Metal" é
	time: 2030-01-01T00:00:00.500Z
	nonce: $(printf '%064d' 7)
	validators: 3
	dealing: auto
	accounts:
	- {account: alice, balance: 1000.5, seq: 7}
	- account: $(jt-id bob.pub)
	  balance: 0
	authority: {quorum: 3, signers: {alice: 2, ../bob.pub: 1}}
	fee: 0.000001
	reserve: 0
	object: 12
	interval: 1
	heartbeat: 2.5
	records: {rate: 0, stamp: 64}
	END
	check 0 '' jt-genesis sub/set.yaml
	jt-show net/network.jt >shown
	for line in 'accounts: 2' 'coins: 1000.5' 'fee: 0.000001' 'heartbeat: 2500' 'interval: 1' \
	    'name: "Fab \"Metal\" é"' "nonce: $(printf '%064d' 7)" 'object: 12' 'reserve: 0' \
	    'time: 2030-01-01T00:00:00.500Z' '  rate: 0' '  stamp: 64' '  quorum: 3'; do
		grep -qxF -- "  $line" shown || {
			echo "no line: $line" >&2
			cat shown >&2
			return 1
		}
	done
	[ "$(grep -c "\[$(jt-id sub/alice.pub), 2\]\|\[$(jt-id bob.pub), 1\]" shown)" -eq 2 ]
	[ "$(jt-get -d net/v2 account sub/alice | field balance)" = 1000.5 ]
	[ "$(jt-get -d net/v2 account sub/alice | field seq)" = 7 ]
	[ ! -e net/bank.key ]
	# Its numbers up to 7 are used, its window begins behind them.
	check 0 '' jt-tx -d net/v1 pay from=sub/alice to=bob amount=1
	[ "$(out | field seq)" = 8 ]
}

@test "listed validators: no secret is made; the same set-up gives the same bytes" {
	for v in a b c; do
		jt-keygen -n --role validator $v >/dev/null
		jt-keygen -n --role link $v-link >/dev/null
	done
	cat >set.yaml <<-END
	name: trio
	time: 2030-01-01T00:00:00Z
	nonce: $(printf '%064d' 1)
	dealing: dealing
	accounts: accounts.csv
	validators:
	- {name: acme, key: a.pub, link: a-link.pub, peer: "acme.example:7070", client: "acme.example:7071"}
	- {name: b, key: b.pub, link: b-link.pub}
	- {name: c, key: c.pub, link: c-link.pub}
	END
	jt-deal -o dealing a.pub b.pub c.pub
	jt-keygen -n alice bob >/dev/null
	printf 'balance,account\n10,%s\n\n0.5,%s\n' "$(jt-id alice.pub)" "$(jt-id bob.pub)" >accounts.csv
	check 0 '' jt-genesis -o one set.yaml
	out >id
	[ "$(cd one && files)" = '644 network.jt' ]
	printf 'account,seq,balance\n%s,0,0.5\n%s,0,10\n' "$(jt-id bob.pub)" "$(jt-id alice.pub)" >accounts.csv
	check 0 '' jt-genesis -o two set.yaml
	cmp one/network.jt two/network.jt
	cmp id <(out)
	[ "$(jt-show -j one/network.jt | grep -c '"client":"acme.example:7071".*"peer":"acme.example:7070"')" -eq 1 ]
	# One of them starts with the network file and its key alone.
	mkdir b
	cp one/network.jt b.key b/
	check 0 '' jt-close -d b -k b/b.key --empty /dev/null
	check 0 '' jt-get -d b account alice
	# Without authority there is none.
	[ "$(jt-show one/network.jt | grep -c authority)" -eq 0 ]
	check 64 'jt-genesis: -v: set.yaml lists the validators' jt-genesis -v 3 -o three set.yaml
}

@test "from stdin, without accounts, with a zero nonce and time" {
	check 0 '' sh -c 'printf "accounts: []\nnonce: %064d\ntime: 1970-01-01T00:00:00Z\n" 0 | jt-genesis -'
	[ "$(jt-show net/network.jt | sed -n 's/^  coins: //p')" = 0 ]
	[ "$(jt-get -d net/v1 ledger | field time)" = 1970-01-01T00:00:00Z ]
	[ "$(jt-show net/network.jt | sed -n 's/^  nonce: //p' | tr -d '0"')" = '' ]
	check 65 'jt-genesis: stdin: line 2: fee: expected a number of SWT with at most 6 decimals, not "x"' \
	    sh -c 'printf "name: y\nfee: x\n" | jt-genesis -o other -'
	check 66 'jt-genesis: stdin: empty, no set-up in it' sh -c 'jt-genesis -o other - </dev/null'
	[ "$(ls)" = net ]
}

@test "a set-up of comments is one of defaults" {
	printf '# name: x\n\n  # fee: 5\r\n#' >set.yaml
	check 0 '' jt-genesis set.yaml
	jt-show net/network.jt | grep -qx '  name: "net"'
	rm -r net
	wrong 65 'set.yaml: line 2: set-up: expected a map of fields, not "5"' '# fee:\n5 # fee\n'
}

@test "-o names the directory, since it is made whole" {
	usage=$(jt-genesis 2>&1 -? | sed -n 2p)
	mkdir empty
	for dir in . .. ./ ../ empty/. empty/.. empty/../; do
		check 64 "jt-genesis: option -o needs the name of a directory to make, not $dir
$usage" jt-genesis -o $dir
	done
	[ "$(files)" = '755 empty' ]
	check 0 '' jt-genesis -o ...
}

@test "fields that are wrong" {
	jt-keygen -n alice >/dev/null
	jt-keygen -n --role validator v w >/dev/null
	jt-keygen -n --role link l m >/dev/null
	alice=$(jt-id alice.pub)
	coins='a number of SWT with at most 6 decimals'
	wrong 65 'set.yaml: line 1: set-up: expected a field that jt-genesis(1) lists, not "colour"' 'colour: red\n'
	wrong 65 'set.yaml: line 1: set-up: expected a map of fields' '- a\n'
	wrong 65 'set.yaml: line 1: set-up: expected a map of fields, not "hello"' 'hello\n'
	long=$(printf '%080d' 0)
	wrong 65 "set.yaml: line 1: set-up: expected a map of fields, not \"$long\"" "\"$long\"\n"
	wrong 65 "set.yaml: line 1: set-up: expected a map of fields, not \"$long...\"" "\"${long}0\"\n"
	wrong 65 'set.yaml: line 2: set-up: expected each field once, not "fee"' 'fee: 1\nfee: 2\n'
	# Each is compared with each, which takes minutes where there are many.
	seq -f '%.0f: 1' 65 >set.yaml
	check 65 'jt-genesis: set.yaml: line 1: set-up: expected at most 64 fields' jt-genesis -o n set.yaml
	wrong 65 'set.yaml: line 1: name: expected a short text, not ""' 'name: ""\n'
	wrong 65 'set.yaml: line 1: name: expected a short text' 'name: [a]\n'
	wrong 65 "set.yaml: line 1: name: expected a short text, not \"$(printf '%065d' 0)\"" "name: $(printf '%065d' 0)\n"
	wrong 65 'set.yaml: line 1: time: expected now or a time like 2017-03-01T12:00:00Z, not "then"' 'time: then\n'
	wrong 65 'set.yaml: line 1: nonce: expected random or 64 hex digits, not "12"' 'nonce: 12\n'
	wrong 65 'set.yaml: line 1: dealing: expected a short text' 'dealing: [auto]\n'
	wrong 78 "set.yaml: dealing: expected auto where the validators' keys are made" 'dealing: file\n'
	wrong 65 "set.yaml: line 1: fee: expected $coins, not \"-1\"" 'fee: -1\n'
	wrong 65 "set.yaml: line 1: fee: expected $coins, not \"0.0000001\"" 'fee: 0.0000001\n'
	wrong 65 "set.yaml: line 1: fee: expected $coins" 'fee: {a: 1}\n'
	wrong 65 "set.yaml: line 2: reserve: expected $coins, not \"1e3\"" '\nreserve: 1e3\n'
	wrong 65 "set.yaml: line 1: object: expected $coins, not \"9223372036854.775808\"" 'object: 9223372036854.775808\n'
	wrong 65 'set.yaml: line 1: interval: expected milliseconds, not "0.5"' 'interval: 0.5\n'
	wrong 65 'interval: expected 1 ms or more' 'interval: 0\n'
	wrong 65 'time: expected a year up to 9998' 'time: 9999-01-01T00:00:00Z\n'
	wrong 65 'set.yaml: line 1: heartbeat: expected seconds, not "often"' 'heartbeat: often\n'
	wrong 65 'set.yaml: line 1: records: expected a map with rate and stamp, not "5"' 'records: 5\n'
	wrong 65 'set.yaml: line 1: records: expected one of rate, stamp, not "bits"' 'records: {bits: 5}\n'
	wrong 65 'set.yaml: line 1: records: expected stamp of 0 to 64 bits' 'records: {stamp: 65}\n'
	wrong 65 'set.yaml: line 1: validators: expected 1 to 128, not "0"' 'validators: 0\n'
	wrong 65 'set.yaml: line 1: validators: expected 1 to 128, not "129"' 'validators: 129\n'
	wrong 65 'set.yaml: line 1: validators: expected a number or a list, not "many"' 'validators: many\n'
	wrong 65 'set.yaml: line 1: validators: expected a number or a list of 1 to 128' 'validators: []\n'
	wrong 65 'set.yaml: line 1: validators: expected a map with name, key and link' 'validators: [{name: a}]\n'
	wrong 65 'set.yaml: line 1: validators: expected one of name, key, link, peer, client, not "port"' \
	    'validators: [{name: a, port: 5}]\n'
	wrong 66 'set.yaml: line 1: key: x.pub: No such file or directory' 'validators: [{name: a, key: x.pub}]\n'
	wrong 65 'set.yaml: line 1: key: expected a key of role validator, found account' \
	    'validators: [{name: a, key: alice.pub}]\n'
	wrong 65 'set.yaml: line 1: link: expected a key of role link, found validator' \
	    'validators: [{name: a, key: v.pub, link: v.pub}]\n'
	wrong 65 'validators: name "a" twice' \
	    'validators: [{name: a, key: v.pub, link: l.pub}, {name: a, key: w.pub, link: m.pub}]\n'
	wrong 65 'validators: a and b have the same key' \
	    'validators: [{name: a, key: v.pub, link: l.pub}, {name: b, key: v.pub, link: l.pub}]\n' ||
	wrong 65 'validators: b and a have the same key' \
	    'validators: [{name: a, key: v.pub, link: l.pub}, {name: b, key: v.pub, link: l.pub}]\n'
	one_link='validators: [{name: a, key: v.pub, link: l.pub}, {name: b, key: w.pub, link: l.pub}]\n'
	wrong 65 'validators: a and b have the same link key' "$one_link" ||
	wrong 65 'validators: b and a have the same link key' "$one_link"
	for address in nonsense a:99999 :7070 a:b:1; do
		for field in peer client; do
			wrong 65 "set.yaml: line 1: $field: expected HOST:PORT, or the path of a socket with a / in it, not \"$address\"" \
			    "validators: [{name: a, key: v.pub, link: l.pub, $field: \"$address\"}]\n"
		done
	done
	wrong 65 'set.yaml: line 1: accounts: expected bank, a list, or a .csv file, not "all"' 'accounts: all\n'
	wrong 65 'set.yaml: line 1: accounts: expected a map with account and balance' "accounts: [{account: $alice}]\n"
	wrong 65 'set.yaml: line 1: accounts: expected one of account, balance, seq, not "coins"' \
	    "accounts: [{account: $alice, coins: 5}]\n"
	wrong 65 "set.yaml: line 1: balance: expected $coins, not \"x\"" "accounts: [{account: $alice, balance: x}]\n"
	wrong 65 'set.yaml: line 1: seq: expected a number, not "x"' "accounts: [{account: $alice, balance: 1, seq: x}]\n"
	wrong 65 'set.yaml: line 1: account: carol: not an address (no j first), and no file carol.pub' \
	    'accounts: [{account: carol, balance: 1}]\n'
	wrong 65 "accounts: $alice twice" "accounts: [{account: $alice, balance: 1}, {account: alice, balance: 2}]\n"
	jt-keygen -n bob >/dev/null
	wrong 65 'accounts: balances are too much together' \
	    'accounts: [{account: alice, balance: 9223372036854}, {account: bob, balance: 9223372036854}]\n'
	wrong 65 'set.yaml: line 1: authority: expected a map with quorum and signers, not "bank"' 'authority: bank\n'
	wrong 65 'set.yaml: line 1: authority: expected signers, a map of at most 32 accounts and weights' 'authority: {quorum: 1}\n'
	wrong 65 'set.yaml: line 1: authority: expected one of quorum, signers, not "who"' 'authority: {who: 1}\n'
	wrong 65 'set.yaml: line 1: signers: expected a map of accounts and weights' 'authority: {signers: [bank]}\n'
	wrong 65 'set.yaml: line 1: signers: expected a weight, not "x"' 'authority: {signers: {bank: x}}\n'
	wrong 65 'authority: signers: expected a weight of 1 or more' 'authority: {signers: {bank: 0}}\n'
	wrong 65 'authority: quorum 2 is more than all weights together (1)' 'authority: {quorum: 2, signers: {bank: 1}}\n'
	wrong 65 'authority: signers and quorum come together' 'authority: {quorum: 2, signers: {}}\n'
	wrong 65 'authority: signers and quorum come together' "accounts: [{account: alice, balance: 1}]\nauthority: {quorum: 2, signers: {}}\n"
	wrong 65 "authority: signers: $alice twice" "authority: {quorum: 2, signers: {alice: 1, $alice: 1}}\n"
	[ -z "$(find . -maxdepth 1 -name "*net*")" ]
}

@test "account lists in CSV that are wrong" {
	jt-keygen -n alice >/dev/null
	alice=$(jt-id alice.pub)
	echo 'accounts: a.csv' >set.yaml
	bad() {
		printf "$1" >a.csv
		check 65 "jt-genesis: a.csv$2" jt-genesis set.yaml
		[ ! -e net ]
	}
	check 66 'jt-genesis: a.csv: No such file or directory' jt-genesis set.yaml
	: >a.csv
	check 66 'jt-genesis: a.csv: empty' jt-genesis set.yaml
	echo 'account,balance' >a.csv
	check 66 'jt-genesis: a.csv: no account in it' jt-genesis set.yaml
	bad 'account,coins\n' ':1: expected account, balance or seq, not "coins"'
	bad 'account,account\n' ':1: account: two columns of this name'
	bad "account,balance\n$alice\n" ':2: expected 2 fields, found 1'
	bad "account,balance\n$alice,x\n" ':2: balance: expected a number of SWT'
	bad 'account,balance\nalice,1\n' ':2: account: expected an address'
	bad "account,balance,seq\n$alice,1,x\n" ':2: seq: expected a number'
	bad "account\n$alice\n" ':2: balance: expected a number of SWT'
	bad 'account,"balance\n' ':1: a quoted field does not end'
	printf 'account,balance\n%s,1\n%s,1\n' "$alice" "$alice" >a.csv
	check 65 "jt-genesis: accounts: $alice twice" jt-genesis set.yaml
}
