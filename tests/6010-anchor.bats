#!/usr/bin/env bats
# jt-anchor, and jt-check of what it anchored: files, lists, digests; what is pending,
# what has changed, what was there before.
load lib.bash
load ledger.bash

close() {
	jt-close -k net/v1/validator.key -t 2030-01-01T00:00:0"${1:-1}"Z "${@:2}"
}

# A network that begins when the ledgers here do, for records after its first one.
network_2030() {
	echo 'time: 2030-01-01T00:00:00Z' >net.yaml
	network 1 net.yaml
}

# dist N: dist/f1..fN.
dist() {
	local i
	mkdir -p dist
	for ((i = 1; i <= $1; i++)); do echo "file $i" >"dist/f$i"; done
}

# digest FILE
digest() {
	sha256sum "$1" | cut -c 1-64
}

in_ledger() {
	echo "ledger $1 (2030-01-01T00:00:0$1Z) of network \"net\" ($(head -c 16 id)...)"
}

usage() {
	echo "jt-anchor: $(jt-anchor -h | head -n 1)"
}

@test "one file: its own digest is recorded, its proof waits, and is completed" {
	network
	dist 1
	check 0 '' jt-anchor -n dist/f1
	out >record
	[ "$(field hash <record)" = "$(digest dist/f1)" ]
	[ "$(kinds <dist/f1.jtp)" = 'jt/pending/1 ' ]
	check 1 'jt-check: dist/f1: not proven: dist/f1.jtp is pending, jt-anchor completes it' \
	    jt-check -N net/network.jt dist/f1
	check 1 'jt-check: dist/f1.jtp:#1: not proven: pending, jt-anchor completes it' \
	    jt-check -N net/network.jt dist/f1.jtp
	check 75 'jt-anchor: dist/f1.jtp: no ledger holds its record yet' jt-anchor dist/f1
	close 1 record >/dev/null
	check 0 '' jt-anchor dist/f1
	out_is ''
	[ "$(kinds <dist/f1.jtp)" = 'jt/proof-record/1 ' ]
	check 0 '' nosocket jt-check -N net/network.jt dist/f1
	out_is "dist/f1: proven: these bytes existed not after $(in_ledger 1)"
	check 0 '' jt-check -j -N net/network.jt dist/f1
	out_is '{"file":"dist/f1","proven":true,"network":"'"$(cat id)"'","ledger":"1","time":"2030-01-01T00:00:01Z","what":"bytes","digest":"'"$(digest dist/f1)"'","record":"'"$(digest dist/f1)"'"}'
	# Nothing more is to be done, for the file or for its proof.
	cp dist/f1.jtp before
	check 0 '' nosocket jt-anchor -n dist/f1 dist/f1.jtp
	out_is ''
	cmp before dist/f1.jtp
	[ "$(jt-get record "$(digest dist/f1)" | kinds)" = 'jt/record/1 jt/result/1 ' ]
}

@test "dist/*: as typed in CI, and again" {
	network_2030
	dist 5
	check 0 '' jt-anchor -n --tag v1 --after "$(jt-get ledger | jt-id)" dist/*
	out >record
	[ "$(kinds <record)" = 'jt/record/1 ' ]
	[ "$(find dist -name '*.jtp' | wc -l)" -eq 5 ]
	# The same command once more gives the same record, and complains that it waits.
	check 75 'jt-anchor: dist/f1.jtp: no ledger holds its record yet
jt-anchor: dist/f2.jtp: no ledger holds its record yet' jt-anchor -n dist/f1* dist/f2*
	[ "$(out | jt-show -1 | sort -u)" = "$(jt-show -1 record)" ]
	close 1 record >/dev/null
	check 0 '' jt-anchor dist/*
	check 0 '' jt-check -N net/network.jt dist/f?
	since=2030-01-01T00:00:00Z
	out_is "$(for i in 1 2 3 4 5; do
		echo "dist/f$i: proven: these bytes existed not after $(in_ledger 1), tag \"v1\", the record composed not before ledger 0 ($since)"
	done)"
	check 0 '' jt-check -N net/network.jt dist/f3.jtp
	out_is "dist/f3.jtp: proven: in $(in_ledger 1), the digest $(digest dist/f3) is recorded, tag \"v1\", the record composed not before ledger 0 ($since)"
	# Proofs travel alone; they can be named in any order.
	mkdir elsewhere
	cp dist/f1 dist/f2 elsewhere
	check 1 'jt-check: elsewhere/f1: not proven: there is no elsewhere/f1.jtp' \
	    jt-check -N net/network.jt elsewhere/f1
	check 1 'jt-check: elsewhere/f1: not proven: is in no proof that was named, and there is no elsewhere/f1.jtp' \
	    jt-check -N net/network.jt elsewhere/f1 dist/f2.jtp elsewhere/f2
	[ "$(out | wc -l)" -eq 2 ]
	check 0 '' jt-check -N net/network.jt elsewhere/f1 dist/f1.jtp
	[ "$(out | grep -c '^elsewhere/f1: proven: these bytes')" -eq 1 ]
	check 1 'jt-check: dist/f4: not proven: dist/f4.jtp is of other bytes' \
	    sh -c 'cp dist/f5.jtp dist/f4.jtp; jt-check -N net/network.jt dist/f4'
}

@test "a file that changed, and what else is there, is not written over" {
	network
	dist 3
	jt-anchor -n dist/f1 >/dev/null
	echo more >>dist/f1
	files >before
	check 73 'jt-anchor: dist/f1.jtp: exists, and is of other bytes' jt-anchor -n dist/f2 dist/f1 dist/f3
	out_is ''
	files | diff before -
	echo text >dist/f2.jtp
	check 65 'jt-anchor: dist/f2.jtp: offset 0: no object begins here, but text' jt-anchor -n dist/f2
	cp net/network.jt dist/f3.jtp
	check 65 'jt-anchor: dist/f3.jtp: expected jt/proof-record, found jt/genesis' jt-anchor -n dist/f3
	files | grep -v 'jtp$' | diff <(grep -v 'jtp$' before) -
	rm dist/f3.jtp
	mkfifo dist/f3.jtp
	check 73 'jt-anchor: dist/f3.jtp: exists, and is no file' jt-anchor -n dist/f3
	# With -o nothing beside the files is looked at.
	check 0 '' jt-anchor -n -o all dist/f2 dist/f3
	[ "$(kinds <all)" = 'jt/pending/1 ' ]
}

@test "a list: one record, one file of proofs, that finds each of them" {
	network
	dist 30
	sha256sum dist/* >SHA256SUMS
	check 0 '' jt-anchor -n -c SHA256SUMS
	out >record
	check 0 '' jt-anchor -n -o all dist/*
	cmp record <(out)
	cmp all SHA256SUMS.jtp
	# In any order and form, with comments, and twice.
	{ echo '# a comment'; echo; tac SHA256SUMS; sha256sum --tag dist/f3; } >other
	check 0 '' sh -c 'jt-anchor -n -c - -o third <other'
	cmp record <(out)
	cmp all third
	sed 's/^/sha256:/; s/ .*//' SHA256SUMS >oci
	check 0 '' jt-anchor -n -c oci
	cmp record <(out)
	mapfile -t words <oci
	check 0 '' jt-anchor -n -o words "${words[@]}"
	cmp record <(out)
	check 0 '' jt-anchor -n -o both -c <(head -n 20 oci) dist/f?
	[ "$(out | kinds)" = 'jt/record/1 ' ]
	close 1 record >/dev/null
	check 0 '' jt-anchor SHA256SUMS.jtp
	check 0 '' jt-check -N net/network.jt SHA256SUMS.jtp dist/*
	[ "$(out | sed -n 1p)" = "SHA256SUMS.jtp: proven: in $(in_ledger 1), 30 digests of 30 are recorded" ]
	[ "$(out | grep -c '^dist/f[0-9]*: proven: these bytes existed not after')" -eq 30 ]
	echo other >dist/f7
	check 1 'jt-check: dist/f7: not proven: is in no proof that was named, and there is no dist/f7.jtp' \
	    jt-check -N net/network.jt dist/f7 SHA256SUMS.jtp
}

@test "large lists: proofs of 32 bytes each, in parts that share their path" {
	network
	perl -MDigest::SHA=sha256_hex -e 'print sha256_hex($_), "  $_\n" for 1 .. 40000' >list
	check 0 '' jt-anchor -n -c list
	close 1 <(out) >/dev/null
	check 0 '' jt-anchor list.jtp
	[ "$(wc -c <list.jtp)" -lt $((40000 * 32 + 3 * 2000)) ]
	[ "$(kinds <list.jtp)" = 'jt/proof-record/1 jt/proof-record/1 jt/proof-record/1 ' ]
	for i in 1 20000 40000; do
		printf %s "$i" >file
		check 0 '' jt-check -N net/network.jt list.jtp file
		[ "$(out | tail -n 1)" = "file: proven: these bytes existed not after $(in_ledger 1)" ]
	done
	[ "$(out | head -n 3 | sed 's/.*, //')" = '16384 digests of 40000 are recorded
16384 digests of 40000 are recorded
7232 digests of 40000 are recorded' ]
	printf 40001 >file
	check 1 'jt-check: file: not proven: is in no proof that was named, and there is no file.jtp' \
	    jt-check -N net/network.jt list.jtp file
}

@test "lists that are none" {
	network
	h=$(echo x | sha256sum | cut -c 1-64)
	printf '%s  a\n\n%s\nnothing\n' "$h" "$h" >list
	check 65 'jt-anchor: list: line 4: expected a SHA-256 digest of 64 hex digits, and a name' \
	    jt-anchor -n -c list
	check 65 'jt-anchor: stdin: line 1: expected a SHA-256 digest of 64 hex digits, and a name' \
	    sh -c 'echo 5891 | jt-anchor -n -o x -c -'
	printf '# only\n\n' >empty
	check 66 'jt-anchor: empty: empty, no digest in it' jt-anchor -n -c empty
	check 66 'jt-anchor: none: No such file or directory' jt-anchor -n -c none
	perl -e 'print "a" x 9000, "\n"' >long
	check 65 'jt-anchor: long: line 1: longer than 8192 bytes' jt-anchor -n -c long
	[ ! -e x ] && [ ! -e list.jtp ]
	# One digest is no fold, however often it comes.
	printf '%s\n%s\n' "$h" "$h" >one
	check 0 '' jt-anchor -n -c one
	[ "$(out | field hash)" = "$h" ]
	# The same list again is completed; proofs of other digests are kept.
	check 75 'jt-anchor: one.jtp: no ledger holds its record yet' jt-anchor -n -c one
	out >record
	cp one.jtp before
	sha256sum /dev/null >>one
	check 73 'jt-anchor: one.jtp: exists, and is of other bytes' jt-anchor -n -c one
	check 73 'jt-anchor: one.jtp: exists, and is of other bytes' jt-anchor -n -o one.jtp -c one
	cmp before one.jtp
	echo text >one.jtp
	check 73 'jt-anchor: one.jtp: exists, and is kept' jt-anchor -n -c one
	# A file that is no proof is replaced by -o, as everywhere.
	check 0 '' jt-anchor -n -o one.jtp -c one
	check 75 'jt-anchor: one.jtp: no ledger holds its record yet' jt-anchor -n -o one.jtp -c <(tac one)
	cmp <(out) <(jt-anchor -n one.jtp 2>/dev/null)
}

@test "words, prev and after; what is wrong usage" {
	network
	dist 1
	h=$(digest dist/f1)
	check 0 '' jt-anchor -n -o p --prev sha256:"$h" --tag 'a "word"' sha256:"$h"
	out >r
	[ "$(field prev <r)" = "$h" ]
	close 1 r >/dev/null
	check 0 '' jt-anchor p
	check 0 '' jt-check -N net/network.jt p
	out | grep -q "tag \"a \\\\\"word\\\\\"\", prev $h$"
	[ "$(jt-get records prev="$h" | field tag | wc -l)" -eq 1 ]
	check 64 "jt-anchor: expected files, digests or -c LIST
$(usage)" jt-anchor -n
	check 64 "jt-anchor: expected -o FILE: there is no file to put the proofs beside
$(usage)" jt-anchor -n sha256:"$h"
	check 64 "jt-anchor: expected -o FILE: there is no file to put the proofs beside
$(usage)" sh -c "echo $h | jt-anchor -n -c -"
	check 64 "jt-anchor: option -c: expected one list; - takes more, from cat
$(usage)" jt-anchor -n -c r -c r
	check 64 "jt-anchor: digest: expected a hash of 64 hex digits, not \"sha256:12\"
$(usage)" jt-anchor -n -o x sha256:12
	check 64 "jt-anchor: option --prev: expected a hash of 64 hex digits, not \"x\"
$(usage)" jt-anchor -n --prev x dist/f1
	check 64 "jt-anchor: option --after: expected a hash of 64 hex digits, not \"x\"
$(usage)" jt-anchor -n --after x dist/f1
	check 64 "jt-anchor: option --tag: expected text of at most 128 bytes
$(usage)" jt-anchor -n --tag "$(printf %0129d 0)" dist/f1
	check 64 "jt-anchor: option --tag: expected text of at most 128 bytes
$(usage)" jt-anchor -n --tag $'\377' dist/f1
	check 64 "jt-anchor: option -o: stdout is for records, expected a file
$(usage)" jt-anchor -n -o - dist/f1
	check 66 'jt-anchor: dist: Is a directory' jt-anchor -n dist
	check 66 'jt-anchor: none: No such file or directory' jt-anchor -n dist/f1 none
	check 78 'jt-anchor: no network file: -N FILE, DIR/network.jt or $JT_NETWORK' \
	    env -u JT_DIR jt-anchor -n dist/f1
	[ ! -e dist/f1.jtp ]
}

@test "without -n a server is needed, and without one nothing is made" {
	network
	dist 2
	check 78 'jt-anchor: no server: -s SERVER, DIR/sock, or an address in the network file
jt-anchor: hint: -n writes the record, for jt-close' jt-anchor dist/*
	check 75 'jt-anchor: ./none: No such file or directory' jt-anchor -s ./none dist/*
	[ -z "$(find dist -name '*.jtp')" ]
	# What waits is told of by jt-submit, and goes on to wait.
	jt-anchor -n dist/* >record
	cp dist/f1.jtp before
	code=0
	jt-anchor -s ./none -w 1 dist/* >out 2>err || code=$?
	[ "$code" -ne 0 ] && [ ! -s out ]
	grep -q '^jt-submit: ' err
	cmp before dist/f1.jtp
}

@test "proofs without a ledger, of another network, broken ones" {
	network
	dist 2
	jt-anchor -n dist/* >r
	check 75 'jt-anchor: dist/f1.jtp: no ledger holds its record yet' \
	    env -u JT_DIR jt-anchor dist/f1.jtp
	jt-genesis -o net2 >/dev/null
	jt-close -d net2/v1 --empty </dev/null >/dev/null
	check 1 'jt-anchor: dist/f1.jtp: its record is of another network' jt-anchor -d net2/v1 dist/f1.jtp
	cp dist/f1 dist/f3
	jt-anchor -n -d net2/v1 dist/f3 >/dev/null
	cat dist/f3.jtp dist/f2.jtp >both.jtp
	jt-close -t 2030-01-01T00:00:01Z r >/dev/null
	check 75 'jt-anchor: dist/f1.jtp: ledger 1 is not certified: 0 of 1 signatures' jt-anchor dist/f1.jtp
	head -c 100 dist/f1.jtp >short.jtp
	cp short.jtp before
	check 65 'jt-anchor: short.jtp: offset 100: ends early' jt-anchor short.jtp
	cmp short.jtp before
	close 2 --empty </dev/null >/dev/null
	check 0 '' jt-anchor dist/f1.jtp
	check 0 '' jt-check -N net/network.jt dist/f1
	out_is "dist/f1: proven: these bytes existed not after $(in_ledger 1)"
	# A file of proofs of which some wait.
	cat dist/f1.jtp dist/f2.jtp >mixed.jtp
	check 0 '' jt-anchor mixed.jtp
	[ "$(kinds <mixed.jtp)" = 'jt/proof-record/1 jt/proof-record/1 ' ]
	check 0 '' jt-check -N net/network.jt mixed.jtp
	# What is of another network stands in nobody's way.
	check 1 'jt-anchor: both.jtp: its record is of another network' jt-anchor both.jtp
	[ "$(kinds <both.jtp)" = 'jt/pending/1 jt/proof-record/1 ' ]
	# Other validators' word counts for nothing.
	check 1 'jt-check: dist/f1: not proven: dist/f1.jtp: header: header of another network' \
	    env -u JT_DIR jt-check -N net2/network.jt dist/f1
}

@test "every byte of a file's proof counts" {
	network_2030
	dist 4
	jt-anchor -n --after "$(jt-get ledger | jt-id)" dist/* | close 1 >/dev/null
	jt-anchor dist/*
	cp dist/f2 file
	size=$(wc -c <dist/f2.jtp)
	seed=$RANDOM
	echo "seed $seed"
	for ((at = seed % 17; at < size; at += 17)); do
		perl -e 'local $/; open my $in, "<:raw", $ARGV[0] or die; my $s = <$in>;
		    substr($s, $ARGV[1], 1) ^= chr(1 << $ARGV[1] % 8); print $s' dist/f2.jtp $at >file.jtp
		code=0
		jt-check -N net/network.jt file >out 2>err || code=$?
		[ "$code" -eq 1 ] || [ "$code" -eq 65 ] || { echo "byte $at: $code"; cat out err; return 1; }
		[ ! -s out ]
		grep -q '^jt-check: file: not proven: ' err
		[ "$(wc -l <err)" -eq 1 ]
	done
}

@test "a file that is named twice, by two names; many of them" {
	network
	dist 3
	check 0 '' jt-anchor -n dist/f1 dist/f1
	check 75 'jt-anchor: dist/f1.jtp: no ledger holds its record yet' \
	    jt-anchor -n dist/f1 dist/f1.jtp dist/f1 dist/f1.jtp
	[ "$(out | kinds)" = 'jt/record/1 ' ]
	check 64 'jt-anchor: dist/f2.jtp: two outputs to one file' jt-anchor -n dist/f2 ./dist/f2
	[ ! -e dist/f2.jtp ]
	# One record for all, and a line for some.
	rm dist/f1.jtp
	dist 100
	check 0 '' jt-anchor -n dist/*
	out >record
	check 75 "$(find dist -name '*.jtp' | LC_ALL=C sort | head -n 10 |
		sed 's/.*/jt-anchor: &: no ledger holds its record yet/')
jt-anchor: 90 more wait" jt-anchor -n dist/*
	cmp record <(out)
	close 1 record >/dev/null
	check 0 '' jt-anchor dist/*
	check 0 '' jt-check -N net/network.jt dist/*
	[ "$(out | grep -c ': proven: ')" -eq 200 ]
}

@test "a file that is written to while it is read" {
	network
	# The longer it grows, the longer the reading takes: it happens sooner or later.
	: >log
	for ((i = 0; i < 5000000; i++)); do echo more; done >>log 3>&- &
	writer=$!
	code=0
	while [ "$code" -eq 0 ] && kill -0 $writer; do
		rm -f p
		code=0
		jt-anchor -n -o p log >out 2>err || code=$?
	done
	kill $writer
	[ "$code" -eq 75 ]
	[ "$(cat err)" = 'jt-anchor: log: changed while it was read' ]
	[ ! -e p ]
}

@test "a proof in the place of the data proves nothing of it" {
	network
	dist 2
	jt-anchor -n -o SUMS.jtp -c <(cd dist && sha256sum f1 f2 | sed 's/ / /') >record
	jt-anchor -n dist/f1 >>record
	close 1 record >/dev/null
	jt-anchor SUMS.jtp dist/f1
	check 0 '' jt-check -N net/network.jt dist/f1
	check 0 '' jt-check -N net/network.jt SUMS.jtp dist/f2
	for f in f1 f2; do cp dist/f1.jtp dist/$f; done
	check 1 'jt-check: dist/f1: not proven: dist/f1.jtp is of other bytes' \
	    jt-check -N net/network.jt dist/f1
	check 1 'jt-check: dist/f2: not proven: is in no proof that was named, and there is no dist/f2.jtp' \
	    jt-check -N net/network.jt SUMS.jtp dist/f2
	# Alone it is a proof, of what it says.
	check 0 '' jt-check -N net/network.jt dist/f2
	out | grep -q ' is recorded$'
}

@test "pending, and more behind it that is malformed: that is told" {
	network
	dist 1
	jt-anchor -n dist/f1 >record
	echo >>dist/f1.jtp
	check 65 'jt-anchor: dist/f1.jtp: offset 0: no object begins here, but text' jt-anchor dist/f1.jtp
}

@test "an empty file, objects as data, a pipe" {
	network
	mkdir dist
	: >dist/empty
	pay net/bank alice 1 >dist/tx.jt
	mkfifo pipe
	check 0 '' jt-anchor -n dist/empty dist/tx.jt
	close 1 <(out) >/dev/null
	jt-anchor dist/*
	check 0 '' jt-check -N net/network.jt dist/empty dist/tx.jt
	[ "$(out | grep -c ': proven: these bytes existed')" -eq 2 ]
	# Without a proof they are what they were.
	rm dist/*.jtp
	check 65 'jt-check: dist/tx.jt:#1: jt/pay proves nothing' jt-check -N net/network.jt dist/tx.jt
	check 66 'jt-check: dist/empty: empty, no object to work on' jt-check -N net/network.jt dist/empty
	# Nor are they anything beside others that are proven.
	echo first >first
	jt-anchor -n -o first.jtp first | close 2 >/dev/null
	jt-anchor first
	for empty in dist/empty /dev/null; do
		check 66 "jt-check: $empty: empty, $([ -c $empty ] && echo no object to work on ||
			echo and in no proof that was named)" jt-check -N net/network.jt first.jtp $empty
		[ "$(out | wc -l)" -eq 1 ]
	done
	echo "from a pipe" >pipe &
	check 0 '' jt-anchor -n -o piped pipe
	[ "$(out | field hash)" = "$(echo "from a pipe" | sha256sum | cut -c 1-64)" ]
	check 0 '' sh -c 'echo "from a pipe" | jt-anchor -n -o other -'
	cmp other piped
	check 64 "jt-anchor: expected -o FILE: there is no file to put the proofs beside
$(usage)" sh -c 'echo x | jt-anchor -n /dev/stdin'
}

@test "a terminal sees how far it is, and nothing else" {
	network
	dist 3
	[ -x "$JT_SRC/tests/terminal" ] || skip "no terminal"
	perl -MDigest::SHA=sha256_hex -e 'print sha256_hex($_), "\n" for 1 .. 50000' >list
	check 0 '' "$JT_SRC/tests/terminal" '' jt-anchor -n -c list
	out | grep -q 'line [0-9]*'
	out | tr '\r' '\n' | grep -q '^.*hash: '
}
