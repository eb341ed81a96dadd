#!/usr/bin/env bats
# jt-close fed as by a vote (parts, cuts, headers); two closers; kill -9.
load lib.bash
load ledger.bash

newest() {
	jt-get -d "${1:-$JT_DIR}" ledger | field number
}

@test "parts and cuts: a ledger for each cut, the end of the input is none" {
	network
	pay net/bank alice 10 seq=1 >tx1
	pay net/bank alice 20 seq=2 >tx2
	pay net/bank alice 40 seq=3 >tx3
	{
		part_object 1; cat tx1
		cut_object 1 2030-01-01T00:00:00Z 3
		part_object 0
		part_object 1; cat tx2
		cut_object 2 2030-01-01T00:00:01Z 4
		part_object 1; cat tx3
	} >stream
	check 0 '' jt-close --voted -r res stream
	out >h
	[ "$(kinds <h)" = 'jt/at/1 jt/header/1 jt/header/1 jt/at/1 ' ]
	[ "$(field cut <h | sed -n '1p;$p')" = "0
2" ]
	[ "$(field ledger <h)" = "0
2" ]
	[ "$(field number <h)" = "1
2" ]
	[ "$(field time <h)" = "2030-01-01T00:00:00Z
2030-01-01T00:00:01Z" ]
	[ "$(field cut <h | sed -n 2p)" = "$(cut_object 1 2030-01-01T00:00:00Z 3 | jt-id)" ]
	[ "$(field cut <h | sed -n 3p)" = "$(cut_object 2 2030-01-01T00:00:01Z 4 | jt-id)" ]
	[ "$(field code <res)" = "ok
ok" ]
	[ "$(balance alice)" = 30 ]
}

@test "results of a vote: a certificate follows them when it comes, or at once" {
	network 4
	pay net/bank alice 10 seq=1 >tx1
	{ part_object 1; cat tx1; cut_object 1; } >stream
	for v in 1 2 3; do
		jt-close --voted -d net/v$v -k net/v$v/validator.key -r res$v -o h$v stream
		[ "$(kinds <res$v)" = 'jt/result/1 ' ]
	done
	for v in 1 2 3; do jt-show -1 h$v | grep jt/header | jt-pack; done | jt-merge >certificate
	check 0 '' jt-close --voted -r res certificate
	cmp res certificate
	rm -r net
	jt-genesis >id
	pay net/bank alice 10 seq=1 >tx1
	{ part_object 1; cat tx1; cut_object 1; } >stream
	check 0 '' jt-close --voted -k net/v1/validator.key -r res stream
	[ "$(kinds <res)" = 'jt/result/1 jt/header/1 ' ]
}

@test "a cut of nothing closes no ledger, but counts; --empty closes one" {
	network
	{ cut_object 1; cut_object 2; part_object 0; cut_object 3; } >stream
	check 0 '' jt-close --voted stream
	out >h
	[ "$(kinds <h)" = 'jt/at/1 jt/at/1 ' ]
	[ "$(field cut <h)" = "0
3" ]
	[ "$(field ledger <h)" = "0
0" ]
	# Applied before: nothing is made durable, and nothing is said.
	check 0 '' sh -c 'jt-close --voted --empty -k net/v1/validator.key - <stream'
	[ "$(out | field cut)" = 3 ]
	[ "$(newest)" = 0 ]
	cut_object 4 >four
	check 0 '' jt-close --voted --empty four
	[ "$(newest)" = 1 ]
	check 0 '' jt-close --voted /dev/null
	out >h
	[ "$(kinds <h)" = 'jt/at/1 jt/header/1 ' ]
	[ "$(field ledger <h)" = 1 ]
}

@test "cuts that were applied are skipped with their parts, gaps are refused" {
	network
	pay net/bank alice 10 seq=1 >tx1
	pay net/bank alice 20 seq=2 >tx2
	{ part_object 1; cat tx1; cut_object 1; } >first
	{ part_object 1; cat tx2; cut_object 2; } >second
	check 0 '' jt-close --voted first
	id=$(jt-get ledger | jt-id)
	check 0 '' jt-close --voted first second
	[ "$(newest)" = 2 ]
	[ "$(jt-get ledger 1 | jt-id)" = "$id" ]
	check 0 '' jt-close --voted first second first second
	[ "$(newest)" = 2 ]
	# Another payload behind an old number changes nothing either.
	{ part_object 1; pay net/bank bob 5 seq=3; cut_object 2; } >other
	check 0 '' jt-close --voted other
	[ "$(newest)" = 2 ]
	{ part_object 1; pay net/bank bob 5 seq=3; cut_object 4; } >gap
	check 65 'jt-close: gap:#3: cut 4, expected 3' jt-close --voted gap
	[ "$(newest)" = 2 ]
	check 1 'jt-get: no account bob in ledger 2' jt-get account bob
}

@test "loose transactions: no part and no cut is taken from anybody" {
	network
	pay net/bank alice 10 seq=1 >tx1
	pay net/bank alice 20 seq=2 >tx2
	{ part_object 0; cat tx1; cut_object 1 9998-01-01T00:00:00Z; cat tx2; } >stream
	check 65 "jt-close: stream:#1: jt/part, but the input is no vote's (--voted)
jt-close: stream:#3: jt/cut, but the input is no vote's (--voted)" \
	    jt-close -t 2030-01-01T00:00:00Z stream
	[ "$(out | kinds)" = 'jt/at/1 jt/header/1 ' ]
	[ "$(out | field time)" = 2030-01-01T00:00:00Z ]
	[ "$(balance alice)" = 30 ]
	cut_object 2 >cut
	check 65 "jt-close: cut:#1: jt/cut, but the input is no vote's (--voted)" jt-close cut
	[ "$(newest)" = 1 ]
}

@test "--voted: transactions come in parts, and the cut says the time" {
	network
	pay net/bank alice 10 seq=1 >tx1
	pay net/bank alice 20 seq=2 >tx2
	{ part_object 1; cat tx1 tx2; cut_object 1; } >more
	check 65 'jt-close: more:#3: a transaction outside of a part' jt-close --voted more
	check 65 'jt-close: tx1:#1: a transaction outside of a part' jt-close --voted tx1
	{ part_object 1; cat tx1; part_object 0; cat tx2; cut_object 1; } >empty
	check 65 'jt-close: empty:#4: a transaction outside of a part' jt-close --voted empty
	check 65 'jt-pack: stdin: line 1: count: expected at most 1048576, not "1048577"' \
	    part_object 1048577
	[ "$(newest)" = 0 ]
	# What cannot be read or does not enter ledgers came from strangers, so it
	# never makes an exit code; nor does what jt-verify took out on the way.
	{
		part_object 4; cat tx1; printf '\223\246jt/pay\001\304\001\300'
		cat alice.pub; jt-tx pay from=net/bank to=bob amount=1 seq=5
		part_object 2; cat tx2; cut_object 1
	} >odd
	check 0 'jt-verify: odd:#3: offset 0: nil
jt-verify: odd:#5: not signed
jt-close: stdin:#3: jt/pub does not enter ledgers' \
	    sh -c 'jt-verify --voted odd | jt-close --voted --verified'
	[ "$(balance alice)" = 30 ]
	for option in '-t 2030-01-01T00:00:00Z' "--salt $(printf %064d 1)"; do
		code=0
		# shellcheck disable=SC2086 # two words
		jt-close --voted $option odd 2>err || code=$?
		[ "$code" -eq 64 ]
		[ "$(head -n 1 err)" = "jt-close: option ${option%% *}: with --voted the cuts say it" ]
	done
}

@test "the end of time: no cut leaves less than a year to those behind it" {
	network
	pay net/bank alice 10 seq=1 >tx1
	pay net/bank alice 20 seq=2 >tx2
	{ part_object 1; cat tx1; cut_object 1 9999-01-01T00:00:00Z; } >late
	check 65 'jt-close: late:#3: time: expected a year up to 9998, behind which there is time for later ledgers' \
	    jt-close --voted late
	code=0
	jt-close -t 9999-01-01T00:00:00Z tx1 2>err || code=$?
	[ "$code" -eq 64 ]
	[ "$(head -n 1 err)" = "jt-close: option -t: expected a year up to 9998, behind which there is time for later ledgers" ]
	[ "$(newest)" = 0 ]
	check 0 '' jt-close -t 9998-12-31T23:59:59.999Z tx1
	check 0 '' jt-close tx2
	[ "$(jt-get ledger | field time)" = 9999-01-01T00:00:00Z ]
	check 0 '' jt-replay
}

@test "broken framing closes nothing of what is not yet closed" {
	network
	pay net/bank alice 10 seq=1 >tx1
	pay net/bank alice 20 seq=2 >tx2
	{ part_object 1; cat tx1; cut_object 1; part_object 1; cat tx2; } >start
	cut_object 2 | head -c -1 >end
	cat start end >stream
	check 65 "jt-close: stream:#6: offset $(wc -c <end): ends early" jt-close --voted stream
	[ "$(newest)" = 0 ]
	{ cat tx1; printf 'x'; } >loose
	check 65 'jt-close: loose:#2: offset 0: no object begins here, but text' jt-close loose
	{ cat tx1; printf '\301'; } >broken_off
	check 65 'jt-close: broken_off:#2: offset 0: no object begins here, its writer had to stop' jt-close broken_off
	check 66 'jt-close: nowhere: No such file or directory' jt-close tx1 nowhere
	check 1 'jt-get: no account alice in ledger 0' jt-get account alice
	# The frame is good, what is in it is not: skipped.
	{ cat tx1; printf '\223\246jt/pay\001\304\001\300'; cat tx2; } >skipped
	check 65 'jt-close: skipped:#2: offset 0: nil' jt-close skipped
	[ "$(balance alice)" = 30 ]
}

@test "a live pipe gets each header when its ledger is durable" {
	network
	mkfifo pipe
	jt-close --voted -k net/v1/validator.key <pipe >headers &
	closer=$!
	exec 7>pipe
	until_true test -s headers
	for i in 1 2 3; do
		{ part_object 1; pay net/bank alice 10 seq=$i; cut_object $i; } >&7
		until_true sh -c "[ \"\$(jt-id headers | wc -l)\" -eq $i ]"
		# What was printed is in the directory, for anybody.
		[ "$(newest)" = "$i" ]
		[ "$(balance alice)" = "${i}0" ]
	done
	exec 7>&-
	wait $closer
	check 0 '' jt-check -N net/network.jt headers
}

@test "a bad object behind a cut does not hold its ledger back" {
	network
	mkfifo pipe
	jt-close --voted -k net/v1/validator.key <pipe >headers 2>complaint &
	closer=$!
	exec 7>pipe
	until_true test -s headers
	{ part_object 1; pay net/bank alice 10; cut_object 1
	    printf '\223\246jt/pay\001\304\001\300'; } >stream
	cat stream >&7
	until_true test -s complaint
	until_true sh -c '[ "$(jt-id headers | wc -l)" -eq 1 ]'
	[ "$(balance alice)" = 10 ]
	exec 7>&-
	wait $closer
	[ "$(wc -l <complaint)" -eq 1 ]
}

@test "half of a large object behind a cut does not hold its ledger back" {
	network
	mkfifo pipe
	jt-close --voted -k net/v1/validator.key <pipe >headers 2>complaint &
	closer=$!
	exec 7>pipe
	until_true test -s headers
	# More than the closer reads at once, and less than the object; all of it is in
	# the pipe when the closer comes to the cut.
	{ part_object 1; pay net/bank alice 10; cut_object 1
	    printf '\223\246jt/pay\001\306\000\003\000\000'; head -c 120000 /dev/zero; } >start
	kill -STOP $closer
	/usr/bin/python3 -c 'import fcntl, sys
fcntl.fcntl(1, 1031, 1 << 20)
sys.stdout.buffer.write(open("start", "rb").read())' >&7
	kill -CONT $closer
	until_true sh -c '[ "$(jt-id headers | wc -l)" -eq 1 ]'
	[ "$(balance alice)" = 10 ]
	head -c $((0x30000 - 120000)) /dev/zero >&7
	exec 7>&-
	wait $closer
	[ "$(wc -l <complaint)" -eq 1 ]
}

@test "a second closer is told to try again" {
	network
	mkfifo pipe
	jt-close <pipe >headers &
	closer=$!
	exec 7>pipe
	until_true test -s headers
	pay net/bank alice 10 >tx
	check 75 'jt-close: net/v1/ledger: in use by another closer' jt-close tx
	# Readers, and jt-certify, are not kept out.
	check 0 '' jt-get ledger
	check 0 '' sh -c 'jt-get ledger | jt-certify'
	cat tx >&7
	exec 7>&-
	wait $closer
	[ "$(balance alice)" = 10 ]
	check 1 "jt-close: refused $(jt-id tx): seq-used: seq: 1, the highest used is 1
jt-close: nothing admissible: no ledger closed" jt-close tx
}

# four: net/v1..v4, the same payment closed and signed by v1, v2 and v3.
four() {
	network 4
	pay net/bank alice 10 >tx
	for i in 1 2 3; do
		jt-close -d net/v$i -k net/v$i/validator.key -t 2030-01-01T00:00:00Z tx >h$i
	done
}

@test "certified headers come back on the input and are passed on" {
	four
	jt-certify h2 h3 >certificate
	{ jt-get ledger; cat certificate; } >stream
	rm -rf net/v4/ledger
	check 0 '' jt-close -d net/v4 -k net/v4/validator.key -t 2030-01-01T00:00:00Z tx
	check 0 '' jt-close -d net/v4 certificate
	out >h4
	# As it stood, then certified by all four.
	[ "$(kinds <h4)" = 'jt/at/1 jt/header/1 jt/header/1 ' ]
	check 1 'jt-check: h4:#2: not proven: 1 of 3 signatures' jt-check -N net/network.jt h4
	[ "$(out | wc -l)" -eq 1 ]
	check 0 '' jt-close -d net/v4 certificate
	[ "$(out | kinds)" = 'jt/at/1 jt/header/1 ' ]
	check 0 '' jt-prove -d net/v4 account alice
}

@test "a certificate that differs from the own header stops the closer" {
	four
	jt-certify h2 h3 >certificate
	pay net/bank alice 11 seq=1 >other
	jt-close -d net/v4 -t 2030-01-01T00:00:00Z other >/dev/null
	pay net/bank alice 12 seq=2 >more
	hint="jt-close: hint: validators who close by hand must all give jt-close the same transactions, -t and --salt"
	check 1 "jt-close: certificate:#1: ledger 1: own header differs in state, transactions
$hint" \
	    jt-close -d net/v4 certificate more
	[ "$(newest net/v4)" = 1 ]
	# One validator alone cannot stop it.
	check 1 "jt-close: h2:#2: ledger 1: own header differs in state, transactions
$hint" \
	    jt-close -d net/v4 h2 more
	[ "$(newest net/v4)" = 2 ]
	# A vote's closer cannot be told to do otherwise.
	check 1 "jt-close: certificate:#1: ledger 1: own header differs in state, transactions" \
	    jt-close --voted -d net/v4 certificate
}

@test "validators who give another time or salt hear of it" {
	network 4
	pay net/bank alice 10 >tx
	hint="jt-certify: hint: validators who close by hand must all give jt-close the same transactions, -t and --salt"
	jt-close -d net/v1 -k net/v1/validator.key -t 2030-01-01T00:00:00Z -o h1 tx
	jt-close -d net/v2 -k net/v2/validator.key -t 2030-01-01T00:00:01Z -o h2 tx
	jt-close -d net/v3 -k net/v3/validator.key -t 2030-01-01T00:00:00Z \
	    --salt "$(printf %064d 1)" -o h3 tx
	check 1 "jt-certify: h2:#2: ledger 1: own header differs in cut, time
$hint
jt-certify: h3:#2: ledger 1: own header differs in cut
$hint
jt-certify: ledger 1: 1 of 3 signatures" jt-certify h1 h2 h3
}

@test "headers of ledgers not closed here, of other networks, with bad signatures" {
	four
	cp -r net/v4 before
	check 75 'jt-close: h1:#2: ledger 1 is not closed here' jt-close -d net/v4 h1
	jt-genesis -o net2 >/dev/null
	jt-close -d net2/v1 -k net2/v1/validator.key --empty </dev/null >foreign
	check 1 'jt-close: foreign:#2: header of another network' jt-close foreign
	# Also of one with the same validators: it says nothing against us.
	printf 'validators: [{name: a, key: x.pub, link: l.pub}]\n' >same.yaml
	jt-keygen -n --role validator x >/dev/null
	jt-keygen -n --role link l >/dev/null
	for n in 3 4; do
		jt-genesis -o net$n same.yaml >/dev/null
		jt-close -d net$n -k x.key --empty </dev/null >same$n
	done
	check 1 'jt-close: same4:#2: header of another network' jt-close -d net3 --empty same4
	[ "$(newest net3)" = 2 ]
	jt-show h2 | sed '/^- \[/s/, [0-9a-f]\{8\}/, 00000000/' | jt-pack >bad
	key=$(jt-show h2 | sed -n 's/^- \[\([0-9a-f]*\),.*/\1/p')
	check 1 "jt-close: bad:#2: bad signature by key $key" jt-close bad
	jt-keygen -n --role validator other >/dev/null
	jt-show h1 | sed '/^- \[/d; s/^sigs:/sigs: []/' | jt-pack | jt-sign -k other.key >stranger
	key=$(jt-show stranger | sed -n 's/^- \[\([0-9a-f]*\),.*/\1/p')
	check 1 "jt-close: stranger:#2: signed by $key, which is no validator" jt-close stranger
	[ "$(newest)" = 1 ]
}

# After a kill the ledger is the old one or the new one, and the next run goes on.
@test "kill -9 at any instant loses nothing and breaks nothing" {
	network
	seq=1 old=0 new=0 span=0
	for i in $(seq 0 40); do
		for k in 1 2 3 4 5 6 7 8; do
			pay net/bank alice 10 seq=$((seq + k - 1))
		done >txs
		was=$(newest)
		cut=$(jt-close /dev/null 2>/dev/null | jt-show -j 2>/dev/null | sed -n '1s/.*"cut":"\([0-9]*\)".*/\1/p')
		{ part_object 8; cat txs; cut_object $((cut + 1)); } >stream
		# The first run is left alone, to see how long one takes; the others
		# are killed after one part of that more than the one before.
		begun=${EPOCHREALTIME/[.,]/}
		if [ $i -eq 0 ]; then
			jt-close --voted -k net/v1/validator.key stream >headers
			span=$((${EPOCHREALTIME/[.,]/} - begun))
		else
			jt-close --voted -k net/v1/validator.key stream >headers 2>/dev/null &
			closer=$!
			sleep "$(printf '0.%06d' $((span * i / 40)))"
			kill -KILL $closer 2>/dev/null || true
			# Gone for good: what it had asked of the kernel may still have been done.
			wait $closer 2>/dev/null || true
		fi
		now=$(newest)
		if [ "$now" = "$was" ]; then
			old=$((old + 1))
			# Then its header was not printed either.
			[ "$(jt-show -j headers 2>/dev/null | grep -c "\"number\":\"$((was + 1))\"")" -eq 0 ]
		else
			[ "$now" = $((was + 1)) ]
			new=$((new + 1))
			seq=$((seq + 8))
		fi
	done
	[ $new -gt 0 ]
	[ $old -gt 0 ] || echo "# all runs were quicker than their kill" >&3
	[ "$(balance alice)" = $(((seq - 1) * 10)) ]
	check 0 '' jt-close -k net/v1/validator.key --empty /dev/null
	check 0 '' jt-prove account net/bank
	check 0 '' jt-replay
}
