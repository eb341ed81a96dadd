#!/usr/bin/env bats
# jt-anchor on a network of four validators: files, lists, what waits when too few
# validators run or one's own is gone, and a flood that is somebody else's.
load lib.bash
load ledger.bash
load net.bash

setup() {
	lib_setup
	export TMPDIR=$BATS_TEST_TMPDIR JT_DIR=net/v1
	mkdir dist
	for i in 1 2 3; do echo "file $i" >"dist/f$i"; done
}

# up [YAML]: stamps cost nothing here.
up() {
	echo "{validators: 4, records: {stamp: 0$*}}" >net.yaml
	jt-net up net.yaml
}

# offline ARGUMENT...: jt-check with the network's public file alone.
offline() {
	env -u JT_DIR jt-check -N net/network.jt "$@"
}

@test "files, a list, a single file, and all of it again" {
	up
	check 0 '' jt-anchor -w 600 --tag v1 dist/*
	out_is ''
	check 0 '' offline dist/f?
	[ "$(out | grep -c '^dist/f[123]: proven: these bytes existed not after ledger 1 (.*) of network "net" (.*), tag "v1", the record composed not before ledger 0 (.*)$')" -eq 3 ]
	cp -r dist before
	check 0 '' jt-anchor -w 600 dist/*
	diff -r before dist
	# A list in any order and form is one record, and found in every validator's ledger.
	perl -MDigest::SHA=sha256_hex -e 'print sha256_hex($_), "  $_\n" for 1 .. 20000' >SHA256SUMS
	check 0 '' jt-anchor -w 600 -d net/v2 -c SHA256SUMS
	printf 777 >one
	check 0 '' offline SHA256SUMS.jtp one
	[ "$(out | sed 's/.*, \([0-9]* digests of [0-9]*\) are.*/\1/' | head -n 2)" = '16384 digests of 20000
3616 digests of 20000' ]
	out | tail -n 1 | grep -q '^one: proven: these bytes existed not after ledger 2 '
	check 0 '' jt-anchor -w 600 -s net/v3/sock one
	for v in 1 2 3 4; do
		until_true jt-get -d net/v$v record "$(sha256sum one | cut -c 1-64)" >/dev/null 2>&1
	done
	# Asked of a server, with no ledger at hand: the same, proven.
	hash=$(sha256sum one | cut -c 1-64)
	check 0 '' env -u JT_DIR jt-get -N net/network.jt -s net/v4/sock record "$hash"
	[ "$(out | jt-show -1 | tail -n 1)" = "$(jt-get record "$hash" | jt-show -1 | tail -n 1)" ]
	[ "$(out | field hash)" = "$hash" ]
	check 0 '' env -u JT_DIR jt-get -N net/network.jt -s net/v4/sock record "$hash" 3
	[ "$(out | jt-show -1 | tail -n 1)" = "$(jt-get record "$hash" | jt-show -1 | tail -n 1)" ]
	[ "$(out | field hash)" = "$hash" ]
	check 1 "jt-get: no record of $hash in ledger 1" jt-get -s net/v4/sock record "$hash" 1
	check 1 'jt-get: no ledger holds it' jt-get -s net/v4/sock record "$(printf '%064d' 1)"
	check 1 'jt-get: no ledger holds it' jt-get -s net/v4/sock record "$(printf '%064d' 0)"
	check 78 'jt-get: records: no server tells this: -d DIR' jt-get -s net/v4/sock records
	for number in '' 3 1; do
		check 0 '' env -u JT_DIR jt-prove -N net/network.jt -s net/v4/sock record "$hash" $number
		out >proof
		check 0 '' offline proof
		[ "$(out | cut -d' ' -f 4-5)" = "ledger ${number:-3}" ]
	done
	check 1 "jt-prove: $(printf '%064d' 1): no ledger holds it" \
	    jt-prove -s net/v4/sock record "$(printf '%064d' 1)"
	check 0 '' jt-net down
	is_silent net/v?/log
}

@test "one record through all doors at once is kept once in a ledger, and each hears" {
	up
	jt-anchor -n --tag same dist/f1 >record
	for v in 1 2 3 4; do jt-submit -w 600 -s net/v$v/sock -o proof$v record 3>&- & jobs[v]=$!; done
	for v in 1 2 3 4; do wait "${jobs[v]}"; done
	check 0 '' offline proof1 proof2 proof3 proof4
	# Each ledger has it once at most.
	[ -z "$(jt-get records tag=same | jt-show -j | sed -n 's/.*"ledger":"\([0-9]*\)".*/\1/p' | sort | uniq -d)" ]
	check 0 '' jt-anchor -w 600 dist/f1
	check 0 '' offline dist/f1
	jt-net down
}

@test "too few validators, then one's own gone: the proofs wait, and are completed" {
	up
	jt-net kill 3
	jt-net kill 4
	not_yet stdin jt-anchor -w 1 dist/*
	check 1 "$(for i in 1 2 3; do echo "jt-check: dist/f$i: not proven: dist/f$i.jtp is pending, jt-anchor completes it"; done)" \
	    offline dist/f?
	jt-net restart 3
	jt-net restart 4
	# The record goes on by itself; here it is sent again, which does no harm.
	check 0 '' jt-anchor -w 600 dist/*
	check 0 '' offline dist/f?
	# A server that is killed while somebody waits for it.
	jt-net kill 2
	jt-net kill 3
	echo more >dist/g
	jt-anchor -w 600 dist/g 2>err 3>&- &
	waits=$!
	until_true test -e dist/g.jtp
	jt-net kill 1
	jt-net restart 2
	jt-net restart 3
	check 0 '' jt-anchor -d net/v2 -w 600 dist/g
	check 0 '' offline dist/g
	kill $waits
	code=0
	wait $waits || code=$?
	[ "$code" -ne 0 ]
	check 0 '' offline dist/g
	jt-net down
}

@test "a record whose time is over, and one of another network, are told" {
	up
	jt-genesis -o other >/dev/null
	jt-anchor -n -d other/v1 dist/f1 >/dev/null
	jt-anchor -n --after "$(printf '%064d' 3)" dist/f2 >/dev/null
	# Once the door has had the time to say so.
	told() {
		local seconds
		for seconds in 1 5 25 125; do
			check 75 "jt-anchor: dist/f1.jtp: its record is of another network
jt-submit: stdin:#1: not final after $seconds s: not-after: after is not a ledger of the last hour" \
			    jt-anchor -w $seconds dist/f1 dist/f2 && return
		done
		return 1
	}
	told
	rm dist/f?.jtp
	check 0 '' jt-anchor -w 600 dist/*
	jt-net down
}

@test "a flood through one door takes no place from who comes through another" {
	# By the time of ledgers, the flood has enough for a quarter of an hour.
	up ', rate: 1000'
	id=$(jt-id net/network.jt) zeros=$(printf %060d 0)
	for i in {1000..5999}; do
		echo "--- {kind: jt/record/1, body: {hash: $zeros$i, network: $id}}"
	done | jt-pack >flood
	jt-submit -w 10000 flood >flooded 2>/dev/null 3>&- &
	flood=$!
	until_true test -s flooded
	for i in 1 2 3; do
		check 0 '' jt-anchor -s net/v2/sock -w 600 dist/f$i
	done
	check 0 '' offline dist/f?
	kill -0 $flood
	kill $flood
	wait $flood || true
	jt-net down
}
