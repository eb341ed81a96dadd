#!/usr/bin/env bats
# jt-close: what it reads, what it prints, what it leaves in the directory.
load lib.bash
load ledger.bash

ledger_id() {
	jt-get -d "$1" ledger | jt-id
}

@test "a file, several files and a pipe close the same ledger" {
	network
	pays 5 >txs
	pay net/bank alice 1 seq=6 >more
	cp -r net/v1 net/v2
	cp -r net/v1 net/v3
	check 0 '' jt-close -t 2030-01-01T00:00:00Z txs more
	out >first
	[ "$(kinds <first)" = 'jt/at/1 jt/header/1 ' ]
	check 0 '' sh -c 'cat txs more | jt-close -d net/v2 -t 2030-01-01T00:00:00Z'
	out >second
	cmp first second
	check 0 '' sh -c 'jt-close -d net/v3 -t 2030-01-01T00:00:00Z more - <txs'
	out >third
	cmp first third
	[ "$(field number <first)" = 1 ]
	[ "$(field time <first)" = 2030-01-01T00:00:00Z ]
	[ "$(jt-get ledger | jt-id)" = "$(jt-id <first)" ]
	[ "$(balance alice)" = 1 ]
}

@test "a network file that is cut off is named, and no ledger is made of it" {
	local size
	network
	size=$(($(wc -c <net/network.jt) - 30))
	mkdir d
	head -c $size net/network.jt >d/network.jt
	check 65 "jt-close: d/network.jt:#3: offset 30: ends early" jt-close -d d --empty </dev/null
	[ "$(ls d)" = network.jt ]
	cp net/network.jt d
	check 0 '' jt-close -d d --empty </dev/null
	head -c $size net/network.jt >d/network.jt
	check 65 "jt-replay: d/network.jt:#3: offset 30: ends early" jt-replay -d d
	[ "$(ls d)" = 'ledger
network.jt' ]
}

@test "the input's order does not matter, the salt does" {
	network
	for i in 1 2 3 4 5 6 7 8; do
		jt-keygen -n "a$i" >/dev/null
		pay net/bank "a$i" 10 seq="$i" >"first$i"
	done
	jt-close -t 2030-01-01T00:00:00Z first* >/dev/null
	for i in 1 2 3 4 5 6 7 8; do
		pay "a$i" bob 1 >"second$i"
	done
	for d in v2 v3 v4; do cp -r net/v1 net/$d; done
	jt-close -d net/v2 -t 2031-01-01T00:00:00Z second[1-8] >h2
	jt-close -d net/v3 -t 2031-01-01T00:00:00Z second8 second[1-7] >h3
	jt-close -d net/v4 -t 2031-01-01T00:00:00Z second[1-8] --salt "$(printf '%064d' 7)" >h4
	cmp h2 h3
	[ "$(field state <h2)" = "$(field state <h4)" ]
	[ "$(jt-id h2)" != "$(jt-id h4)" ]
	order() {
		for i in 1 2 3 4 5 6 7 8; do
			echo "$(jt-get -d "$1" tx "$(jt-id "second$i")" | field index) $i"
		done | sort -n | tr -d '\n'
	}
	[ "$(order net/v2)" = "$(order net/v3)" ]
	[ "$(order net/v2)" != "$(order net/v4)" ]
}

@test "jt/at and what is not certified come first" {
	network
	pay net/bank alice 5 >tx
	jt-close tx >h
	[ "$(field cut <h | head -n 1)" = 0 ]
	[ "$(field ledger <h)" = 0 ]
	check 66 'jt-close: stdin: empty, no object to work on' jt-close </dev/null
	pay net/bank bob 5 >tx2
	check 0 '' jt-close tx2
	out >h2
	[ "$(kinds <h2)" = 'jt/at/1 jt/header/1 jt/header/1 ' ]
	[ "$(field cut <h2 | head -n 1)" = 1 ]
	[ "$(field ledger <h2)" = 1 ]
	[ "$(jt-id h2 | head -n 1)" = "$(jt-id h)" ]
	# With the only validator's key all of it becomes certified, once.
	check 0 '' jt-close --empty -k net/v1/validator.key /dev/null
	out >h3
	[ "$(kinds <h3)" = 'jt/at/1 jt/header/1 jt/header/1 jt/header/1 ' ]
	jt-verify h3 >/dev/null
	check 0 '' jt-check -N net/network.jt h3
	check 0 '' jt-close --empty -k net/v1/validator.key /dev/null
	[ "$(out | kinds)" = 'jt/at/1 jt/header/1 ' ]
}

@test "the time: given, or now, but always after the ledger before" {
	network
	jt-close --empty -t 2040-01-01T00:00:00Z </dev/null >/dev/null
	[ "$(jt-get ledger | field time)" = 2040-01-01T00:00:00Z ]
	jt-close --empty -t 2030-01-01T00:00:00Z </dev/null >/dev/null
	[ "$(jt-get ledger | field time)" = 2040-01-01T00:00:00.001Z ]
	jt-close --empty -t 1970-01-01T00:00:00Z </dev/null >/dev/null
	[ "$(jt-get ledger | field time)" = 2040-01-01T00:00:00.002Z ]
	jt-close --empty </dev/null >/dev/null
	[ "$(jt-get ledger | field time)" = 2040-01-01T00:00:00.003Z ]
	usage='jt-close: usage: jt-close [-d DIR] [-k KEY] [-t TIME] [--salt HEX] [-r RESULTS] [--empty] [--verified] [--voted] [FILE...]'
	check 64 "jt-close: option -t needs a time like 2017-03-01T12:00:00Z, not tomorrow
$usage" jt-close -t tomorrow
	check 64 "jt-close: option --salt needs 64 hex digits, not 12
$usage" jt-close --salt 12
}

@test "nothing admissible closes nothing; --empty does" {
	network
	pay alice bob 1 seq=1 >tx
	id=$(jt-id tx)
	check 1 "jt-close: refused $id: no-account: from: $(jt-id alice.pub)
jt-close: nothing admissible: no ledger closed" jt-close tx
	[ "$(out | kinds)" = 'jt/at/1 ' ]
	[ "$(jt-get ledger | field number)" = 0 ]
	check 0 "jt-close: refused $id: no-account: from: $(jt-id alice.pub)" jt-close --empty tx
	[ "$(jt-get ledger | field number)" = 1 ]
	[ "$(jt-get ledger | field count | tail -n 1)" = 0 ]
	check 0 '' jt-close --empty </dev/null
	[ "$(jt-get ledger | field number)" = 2 ]
}

@test "what does not enter ledgers is named, and skipped" {
	network
	pay net/bank alice 5 >tx
	printf -- '--- {kind: jt/at/1, body: {cut: 7, ledger: 7}}\n' | jt-pack >at
	check 65 "jt-close: net/network.jt:#1: jt/genesis does not enter ledgers
jt-close: net/network.jt:#2: jt/dealing does not enter ledgers
jt-close: net/network.jt:#3: jt/accounts does not enter ledgers
jt-close: alice.pub:#1: jt/pub does not enter ledgers" jt-close net/network.jt alice.pub at tx
	[ "$(balance alice)" = 5 ]
}

@test "refused ones are told, ten of them" {
	network
	jt-close --empty </dev/null >/dev/null
	jt-keygen -n carol >/dev/null
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do pay carol bob 1 seq=$i; done >txs
	pay net/bank alice 5 >good
	code=0
	jt-close txs good >h 2>told || code=$?
	[ "$code" -eq 0 ]
	[ "$(grep -c ': no-account: from: j[A-Za-z0-9]*$' told)" -eq 10 ]
	[ "$(tail -n 1 told)" = 'jt-close: refused 2 more' ]
	[ "$(wc -l <told)" -eq 11 ]
	[ "$(balance alice)" = 5 ]
}

@test "failed ones are told, ten of them, each with the rule" {
	network
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do pay net/bank bob 0.5 seq=$i; done >txs
	pay net/bank alice 5 seq=13 >good
	code=0
	jt-close txs good >h 2>told || code=$?
	[ "$code" -eq 0 ]
	rule='a payment that makes an account must bring the reserve'
	[ "$(grep -c "^jt-close: failed [0-9a-f]\{64\}: too-small: $rule$" told)" -eq 10 ]
	[ "$(tail -n 1 told)" = 'jt-close: failed 2 more' ]
	[ "$(wc -l <told)" -eq 11 ]
	[ "$(balance alice)" = 5 ]
}

@test "what breaks a rule of its kind is told by its id" {
	network
	jt-tx pay from=net/bank to=alice amount=5 | jt-show | sed 's/amount: 5/amount: 0/' | jt-pack |
	    jt-sign -k net/bank.key >nothing
	id=$(jt-id nothing)
	check 1 "jt-close: refused $id: malformed: amount: expected more than 0
jt-close: nothing admissible: no ledger closed" jt-close -r results -o h nothing
	[ "$(field id <results)" = "$id" ]
}

@test "-r: what became of each, in the ledger's order" {
	network
	pay net/bank alice 10 >tx
	jt-close -r res tx >h
	[ "$(jt-show -j res)" = '{"kind":"jt/result/1","body":{"code":"ok","id":"'"$(jt-id tx)"'","ledger":"1"}}' ]
	# One that fails, one that is refused, one that is applied.
	pay alice bob 10 >failed
	jt-tx pay from=alice to=bob amount=1 seq=2 | jt-sign -k bob.key >refused
	pay alice bob 2 seq=3 >applied
	check 0 "jt-close: failed $(jt-id failed): unfunded: balance: 9.99999 after the fee, less 10, must leave the reserve 1
jt-close: refused $(jt-id refused): not-authorised: $(jt-id bob.pub) does not sign for the sender" \
	    jt-close -r res refused applied failed
	[ "$(field code <res)" = "unfunded
not-authorised
ok" ]
	[ "$(field index <res)" = 1 ]
	[ "$(field ledger <res)" = "2
2" ]
	# Beside the headers, on the same stream.
	pay alice bob 2 seq=4 >tx
	check 0 '' jt-close -r - tx
	[ "$(out | kinds | tr ' ' '\n' | sort | uniq -c | tr -s ' \n' ' ')" = \
	    ' 1 jt/at/1 3 jt/header/1 1 jt/result/1 ' ]
}

@test "one transaction twice, and a copy with another signature" {
	network
	pay net/bank alice 10 >tx
	id=$(jt-id tx)
	check 0 "jt-close: refused $id: seq-used: seq: 1, the highest used is 1" jt-close tx tx
	[ "$(balance alice)" = 10 ]
	check 1 "jt-close: refused $id: seq-used: seq: 1, the highest used is 1
jt-close: nothing admissible: no ledger closed" jt-close tx
	# A bad signature refuses that copy and only that copy, whichever comes first.
	pay net/bank bob 10 >good
	jt-show good | sed '/^- \[/s/, [0-9a-f]\{8\}/, 00000000/' | jt-pack >bad
	[ "$(jt-id good)" = "$(jt-id bad)" ]
	bank=$(jt-show good | sed -n 's/^- \[\([0-9a-f]*\),.*/\1/p')
	line="jt-close: refused $(jt-id good): bad-signature: bad signature by key $bank"
	check 0 "$line
$line" jt-close bad good bad
	[ "$(balance bob)" = 10 ]
}

@test "--verified trusts the signatures" {
	network
	jt-tx pay from=net/bank to=alice amount=10 | jt-sign -k net/bank.key |
		jt-show | sed '/^- \[/s/, [0-9a-f]\{8\}/, 00000000/' | jt-pack >bad
	check 0 '' jt-close --verified bad
	[ "$(balance alice)" = 10 ]
}

@test "-k: only a validator's key of this network" {
	network
	pay net/bank alice 10 >tx
	jt-keygen -n --role validator other >/dev/null
	check 77 "jt-close: expected a validator's key, found one of role account" \
	    jt-close -k alice.key tx
	check 77 "jt-close: expected a validator's key, found one of role link" \
	    jt-close -k net/v1/link.key tx
	check 78 'jt-close: the key is of no validator of this network' jt-close -k other.key tx
	[ "$(jt-get ledger | field number)" = 0 ]
	check 0 '' jt-close -k net/v1/validator.key tx
	out >headers
	check 0 '' jt-check -N net/network.jt headers
}

@test "no ledger is made beside the validators' directories" {
	network 2
	pay net/bank alice 10 >tx
	check 78 'jt-close: net: has directories of validators, name one: net/v1' jt-close -d net tx
	[ ! -e net/ledger ]
	# With the public file alone it is an observer's directory.
	mkdir mine
	cp net/network.jt mine
	check 0 '' jt-close -d mine tx
}

@test "-o: the headers, or no file" {
	network
	pay net/bank alice 10 >tx
	check 0 '' jt-close -o headers -k net/v1/validator.key tx
	out_is ''
	[ "$(kinds <headers)" = 'jt/at/1 jt/header/1 ' ]
	check 1 "jt-close: refused $(jt-id tx): seq-used: seq: 1, the highest used is 1
jt-close: nothing admissible: no ledger closed" jt-close -o again tx
}

@test "no ledger, no directory, a foreign one" {
	check 64 'jt-close: no directory: -d DIR or $JT_DIR
jt-close: usage: jt-close [-d DIR] [-k KEY] [-t TIME] [--salt HEX] [-r RESULTS] [--empty] [--verified] [--voted] [FILE...]' jt-close
	check 78 'jt-close: no network file: nowhere/network.jt or $JT_NETWORK' jt-close -d nowhere
	network
	# From the network file alone the ledger is made.
	rm -r net/v1/ledger
	env -u JT_DIR jt-tx -N net/network.jt pay from=net/bank to=alice amount=10 seq=1 |
		jt-sign -k net/bank.key >tx
	check 0 '' jt-close tx
	[ "$(balance alice)" = 10 ]
	mkdir empty
	check 78 'jt-close: no network file: empty/network.jt or $JT_NETWORK' jt-close -d empty tx
}
