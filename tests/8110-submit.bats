#!/usr/bin/env bats
# jt-submit, and what else asks a server: jt-get, jt-prove, jt-tx.
load lib.bash
load ledger.bash
load door.bash
load fault.bash

USAGE='jt-submit: usage: jt-submit [-N NETWORK] [-d DIR] [-s SERVER] [-w SEC] [-o FILE] [FILE...]'

# fake PYTHON: a server at ./fake that does what the lines say with each connection c;
# `tx` are the objects that came, one after the other, of the first payment's size.
fake() {
	rm -f fake fake.out
	/usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind("fake")
s.listen(8)
print("listens", flush=True)
while True:
    c, _ = s.accept()
    try:
        exec(sys.argv[1])
    except OSError:
        pass
    c.close()
' "$1" >fake.out 3>&- &
	FAKE=$!
	until_true grep -q listens fake.out
}

fake_stop() {
	kill "$FAKE"
	wait "$FAKE" || true
} 2>/dev/null

# distrusts FILE REASON: jt-submit waits in vain, and says this of the server, once it
# has had the time for it.
distrusts() {
	local code seconds
	for seconds in 1 5 25; do
		code=0
		jt-submit -w $seconds -s fake "$1" >out 2>err || code=$?
		[ "$code" -eq 75 ] && [ ! -s out ] || return 1
		! grep -q "^jt-submit: fake: $2" err || return 0
	done
	return 1
}

# answer STATE ID [FIELD: VALUE]...
answer() {
	printf 'kind: jt/answer/1\nbody: {state: %s, id: %s%s}\n' "$1" "$2" "${3:+, $3}" | jt-pack
}

@test "wrong words, no server, no network" {
	network
	pay net/bank alice 10 seq=1 >tx
	check 64 "jt-submit: no option -x
$USAGE" jt-submit -x
	check 64 "jt-submit: option -w needs a number from 0 to 1000000, not x
$USAGE" jt-submit -w x tx
	check 78 'jt-submit: no server: -s SERVER, a socket DIR/sock, or an address in the network file' \
	    jt-submit tx
	check 78 'jt-submit: no server: -s SERVER, -d DIR, or an address in the network file' \
	    env -u JT_DIR jt-submit -N net/network.jt tx
	check 78 'jt-submit: no network file: -N FILE, DIR/network.jt or $JT_NETWORK' \
	    env -u JT_DIR jt-submit -s net/v1/sock tx
	not_final tx 'no/where: No such file or directory' -s no/where
	not_final tx 'localhost:1: Connection refused' -s localhost:1
	# No nameserver is asked for such a name.
	for program in 'jt-get ledger' 'jt-prove ledger 0' 'jt-tx pay from=net/bank to=bob amount=1'; do
		set -- $program
		check 75 "$1: a..b:1: Name or service not known" "$@" -s a..b:1
	done
	check 64 'jt-get: localhost:1x: Servname not supported for ai_socktype' \
	    jt-get -s localhost:1x ledger
	door
	check 66 'jt-submit: none: No such file or directory' jt-submit none
	check 66 'jt-submit: stdin: empty, no object to work on' sh -c 'jt-submit </dev/null'
	check 66 'jt-submit: /dev/null: empty, no object to work on' jt-submit /dev/null
	check 74 'jt-submit: stdout: No space left on device' sh -c 'jt-submit tx >/dev/full'
	check 74 'jt-submit: stdin: Bad file descriptor' sh -c 'jt-submit <&-'
	door_stop
}

@test "applied, failed, refused for good: proofs, lines and codes" {
	network
	door
	pay net/bank alice 10 seq=1 >good
	pay net/bank bob 0.5 seq=2 >small
	pay net/bank bob 5 seq=1 >used
	jt-tx pay from=net/bank to=bob amount=1 seq=4 >unsigned
	pay net/bank bob 1 seq=5 network=4f09000000000000000000000000000000000000000000000000000000000000 >foreign
	pay net/bank bob 1 seq=6 | jt-show | sed '/^- \[/s/, [0-9a-f]\{8\}/, 00000000/' | jt-pack >bad
	pay net/bank bob 1 seq=7 fee=0.000001 >low
	check 0 '' jt-submit -w 600 good
	out >paid
	check 0 '' jt-check --applied paid
	check 1 'jt-submit: small:#1: failed: too-small: a payment that makes an account must bring the reserve' \
	    jt-submit small
	out >failed
	check 0 '' jt-check failed
	check 1 'jt-check: failed:#1: failed (too-small), expected it applied' jt-check --applied failed
	check 1 'jt-submit: used:#1: refused: seq-used: seq: 1, the highest used is 2' jt-submit used
	out_is ''
	check 1 'jt-submit: unsigned:#1: refused: bad-signature: is not signed' jt-submit unsigned
	check 1 'jt-submit: foreign:#1: refused: wrong-network: made for another network' \
	    jt-submit foreign
	check 1 "jt-submit: bad:#1: refused: bad-signature: signature of $(jt-id net/bank.pub) is bad" \
	    jt-submit bad || check 1 "$(cat "$BATS_TEST_TMPDIR/err")" jt-submit bad
	grep -q '^jt-submit: bad:#1: refused: bad-signature: ' "$BATS_TEST_TMPDIR/err"
	check 1 'jt-submit: low:#1: refused: low-fee: fee: expected 0.00001 or more, found 0.000001' \
	    jt-submit low
	# All of them: what is good is not held up.
	pay net/bank bob 7 seq=8 >more
	code=0
	cat used unsigned good bad small more | jt-submit >out 2>err || code=$?
	[ "$code" -eq 1 ]
	[ "$(wc -l <err)" -eq 4 ]
	[ "$(kinds <out)" = 'jt/proof-tx/1 jt/proof-tx/1 jt/proof-tx/1 ' ]
	[ "$(balance bob)" = 7 ]
	door_stop
}

@test "passed for good: last, until, and the ledger that proves it" {
	network
	door
	pay net/bank alice 10 seq=1 >first
	jt-submit first >/dev/null
	pay net/bank alice 10 seq=2 last=1 >last
	pay net/bank alice 10 seq=3 until=2020-01-01T00:00:00Z >until
	check 1 'jt-submit: last:#1: refused: too-late: last: 1, this is ledger 2' jt-submit last
	check 1 'jt-submit: until:#1: refused: too-late: until: has passed at the ledger'\''s time' \
	    jt-submit until
	door_stop
}

@test "not final: what may still come is waited for, and comes" {
	network
	door
	jt-tx -N net/network.jt pay from=alice to=bob amount=2 seq=1 | jt-sign -k alice.key >early
	not_final early "no-account: from: $(jt-id alice.pub)"
	# In one stream it waits for what makes it possible.
	pay net/bank alice 10 seq=1 >makes
	check 0 '' jt-submit -w 600 early makes
	[ "$(balance bob)" = 2 ]
	door_stop
}

@test "-w 0: accepted is enough, and nothing is written" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	check 0 '' jt-submit -w 0 tx
	out_is ''
	check 0 '' jt-submit -w 600 tx
	[ "$(balance alice)" = 10 ]
	door_stop
}

@test "many, of one account and of many, in any order" {
	local i
	network
	door
	for ((i = 1; i <= 20; i++)); do
		jt-keygen -n a$i >/dev/null
		pay net/bank a$i 10 seq=$i
	done >makes
	check 0 '' jt-submit -w 600 makes
	[ "$(out | kinds | wc -w)" -eq 20 ]
	{
		for ((i = 1; i <= 150; i++)); do
			printf '%s,%s,0.01,%s\n' net/bank "$(jt-id alice.pub)" $((i + 20))
		done
	} | { echo from,to,amount,seq; cat; } >many.csv
	sed -i 's/,0.01,/,1,/' many.csv
	jt-tx pay -c many.csv | jt-sign -k net/bank.key >many
	for ((i = 1; i <= 20; i++)); do
		for j in 1 2 3; do jt-tx pay from=a$i to=alice amount=1 seq=$j; done | jt-sign -k a$i.key
	done >others
	# Shuffled: numbers far above the window come first.
	jt-show -1 many others | sort -R --random-source=<(yes "${JT_SEED:-1}") | jt-pack >shuffled
	check 0 '' jt-submit -w 600 shuffled
	[ "$(out | kinds | wc -w)" -eq 210 ]
	[ "$(balance alice)" = 210 ]
	# The same again has no effect, and the same proofs.
	out | jt-id | sort >ids
	check 0 '' jt-submit -w 600 shuffled
	out | jt-id | sort | cmp - ids
	[ "$(balance alice)" = 210 ]
	door_stop
}

@test "one transaction several times in the input: a proof each" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	check 0 '' jt-submit -w 600 tx tx tx
	[ "$(out | kinds)" = 'jt/proof-tx/1 jt/proof-tx/1 jt/proof-tx/1 ' ]
	[ "$(balance alice)" = 10 ]
	door_stop
}

@test "input: what is no transaction, a stream that breaks off" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	check 65 'jt-submit: alice.pub:#1: jt/pub is nothing to submit' jt-submit alice.pub tx
	[ "$(out | kinds)" = 'jt/proof-tx/1 ' ]
	pay net/bank alice 10 seq=2 >tx2
	head -c -1 tx >short
	# What came before is brought to its end.
	check 65 'jt-submit: stdin:#2: offset 248: ends early' sh -c 'cat tx2 short | jt-submit' ||
		grep -q '^jt-submit: stdin:#2: offset [0-9]*: ends early$' "$BATS_TEST_TMPDIR/err"
	[ "$(out | kinds)" = 'jt/proof-tx/1 ' ]
	[ "$(balance alice)" = 20 ]
	check 65 'jt-submit: stdin:#1: offset 0: no object begins here, but text' \
	    sh -c 'echo hello | jt-submit'
	door_stop
}

@test "a pipe that stays open: each result when it comes" {
	network
	door
	mkfifo in
	jt-submit <in >out 3>&- &
	exec 8>in
	for i in 1 2 3; do
		pay net/bank alice 1 seq=$i >&8
		until_true test "$(kinds <out | wc -w)" -ge 0
		until_true sh -c "[ \$(wc -c <out) -ge $((i * 900)) ]"
	done
	exec 8>&-
	wait $!
	[ "$(kinds <out | wc -w)" -eq 3 ]
	door_stop
}

@test "the server dies again and again: each payment in exactly one ledger" {
	local i
	network
	door
	jt-tx pay from=net/bank to=alice amount=1000 seq=1 | jt-sign -k net/bank.key | jt-submit >/dev/null
	for ((i = 1; i <= 400; i++)); do
		echo "net/bank,$(jt-id alice.pub),1,$((i + 1))"
	done | { echo from,to,amount,seq; cat; } >many.csv
	jt-tx pay -c many.csv | jt-sign -k net/bank.key >many
	jt-submit -w 600 many >out 2>err 3>&- &
	submit=$!
	for i in 1 2 3 4; do
		sleep 0.0$((RANDOM % 9 + 1))
		{ kill -9 "$DOOR" "${HOUSE[@]}"; wait "$DOOR" "${HOUSE[@]}" || true; } 2>/dev/null
		door
	done
	wait $submit || { cat err; false; }
	[ "$(kinds <out | wc -w)" -eq 400 ]
	[ "$(balance alice)" = 1400 ]
	[ "$(jt-get ledgers | field count | awk '{ n += $1 } END { print n }')" -eq 401 ]
	jt-replay >/dev/null
	door_stop
}

@test "servers that lie, are silent, or are of another network" {
	network
	pay net/bank alice 10 seq=1 >tx
	# What they refuse though it is good.
	answer refused "$(jt-id tx)" 'code: bad-signature' >lie
	fake 'c.recv(65536); c.sendall(open("lie", "rb").read()); c.recv(65536)'
	distrusts tx 'refuses what is good'
	[ "$(sed -n 1p err)" = 'jt-submit: fake: refuses what is good' ]
	grep -qx 'jt-submit: tx:#1: not final after [0-9]* s: fake: refuses what is good' err
	fake_stop
	# A result that is not proven: another network's, one with a changed byte.
	door
	jt-submit tx >proof
	door_stop
	python3 - <<-'END'
		b = bytearray(open("proof", "rb").read())
		b[-20] ^= 1
		open("bent", "wb").write(b)
	END
	jt-genesis -o net2 >/dev/null
	jt-tx -d net2/v1 pay from=net2/bank to=alice amount=1 >other
	jt-sign -k net2/bank.key other | jt-close -d net2/v1 -k net2/v1/validator.key >/dev/null
	jt-prove -d net2/v1 tx "$(jt-id other)" >foreign
	pay net/bank alice 10 seq=2 >tx2
	for lie in bent foreign; do
		cp $lie lie
		fake 'c.recv(65536); c.sendall(open("lie", "rb").read()); c.recv(65536)'
		distrusts tx2 'a result is not proven: '
		fake_stop
	done
	# Garbage, silence, and a server that only says accepted.
	fake 'c.sendall(b"hello"); c.recv(65536)'
	code=0
	jt-submit -w 1 -s fake tx2 >out 2>err || code=$?
	[ "$code" -eq 75 ]
	fake_stop
	fake 'c.recv(65536); c.recv(65536)'
	not_final tx2 '' -s fake
	fake_stop
	answer accepted "$(jt-id tx2)" >accepted
	fake 'c.recv(65536); c.sendall(open("accepted", "rb").read()); c.recv(65536)'
	not_final tx2 'accepted, and without a result so far' -s fake
	fake_stop
	# A used number that no ledger proves to be used is not final.
	answer refused "$(jt-id tx2)" 'code: seq-used' >lie
	fake 'c.recv(65536); c.sendall(open("lie", "rb").read()); c.recv(65536)'
	code=0
	jt-submit -w 1 -s fake tx2 >out 2>err || code=$?
	[ "$code" -eq 75 ]
	fake_stop
}

@test "a clock that is set back is no time that has passed" {
	need_faults
	network
	pay net/bank alice 10 seq=1 >tx
	answer accepted "$(jt-id tx)" >accepted
	echo 3600 >clock
	fake '
import os, time
c.recv(65536)
open("clock.new", "w").write("0")
os.rename("clock.new", "clock")
time.sleep(1)
c.sendall(open("accepted", "rb").read())'
	check 0 '' with_clock "$PWD/clock" jt-submit -w 0 -s fake tx
	fake_stop
}

@test "several servers in the network file: the next one when one is no good" {
	local v
	{
		echo 'accounts: bank'
		echo 'validators:'
		for v in a b c d; do
			jt-keygen -n --role validator $v >/dev/null
			jt-keygen -n --role link ${v}l >/dev/null
			echo "- {name: $v, key: $v.pub, link: ${v}l.pub, client: ./$v.sock}"
		done
	} >net.yaml
	jt-genesis net.yaml >id
	jt-keygen -n alice >/dev/null
	for v in a b c; do
		mkdir $v
		cp net/network.jt $v
		jt-tx -N net/network.jt pay from=net/bank to=alice amount=3 seq=1 |
			jt-sign -k net/bank.key >tx
		jt-close -d $v -k $v.key -t 2030-01-01T00:00:00Z tx >h$v
	done
	jt-certify -d c ha hb hc >/dev/null
	# a: nobody; b: says nothing; c: not proven; d is good.
	/usr/bin/python3 - b.sock c.sock >fake.out 3>&- <<-'END' &
		import select, socket, sys
		all = []
		for path in sys.argv[1:]:
		    s = socket.socket(socket.AF_UNIX)
		    s.bind(path)
		    s.listen(8)
		    all.append(s)
		print("listens", flush=True)
		while True:
		    for s in select.select(all, [], [])[0]:
		        c, _ = s.accept()
		        if s is all[1]:
		            c.sendall(open("hb", "rb").read())
		        c.close()
	END
	FAKE=$!
	until_true grep -q listens fake.out
	jt-listen -d c -a d.sock --ready-fd 9 >items 9>ready 3>&- &
	DOOR=$! HOUSE=()
	until_true test -s ready
	export JT_NETWORK=net/network.jt
	check 0 '' jt-submit -w 600 tx
	out >proof
	jt-check --applied proof
	check 0 '' jt-prove tx "$(jt-id tx)"
	cmp proof <(out)
	[ "$(balance alice)" = 3 ]
	[ "$(jt-tx pay from=net/bank to=alice amount=1 | field seq)" = 2 ]
	fake_stop
	kill "$DOOR"
	wait "$DOOR"
	DOOR=
	code=0
	jt-get account alice 2>err || code=$?
	[ "$code" -eq 75 ] && [ "$(wc -l <err)" -eq 1 ]
}

@test "a terminal is told how far it is" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	pay net/bank bob 10 seq=1 >used
	check 1 '' "$JT_SRC/tests/terminal" '' sh -c 'jt-submit tx used >/dev/null'
	out | grep -q 'refused: seq-used'
	door_stop
}

@test "jt-get, jt-prove, jt-tx: the same from a server as from the ledger" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	jt-submit tx >/dev/null
	mkdir empty
	cp net/network.jt empty
	for what in 'account alice' "tx $(jt-id tx)" ledger 'ledger 0' 'ledger 1' ledgers network; do
		for how in "-s net/v1/sock -d net/v1" "-s net/v1/sock -N net/network.jt"; do
			jt-get -d net/v1 $what >want
			check 0 '' env -u JT_DIR jt-get $how $what
			cmp want <(out)
			jt-get -j -d net/v1 $what | cmp - <(env -u JT_DIR jt-get -j $how $what)
		done
	done
	check 1 "jt-get: no account bob in ledger 1" jt-get -s net/v1/sock account bob
	check 1 "jt-get: no ledger 9, the newest is 1" jt-get -s net/v1/sock ledger 9
	check 1 "jt-get: no transaction $(printf '%064d' 1) up to ledger 1" \
	    jt-get -s net/v1/sock tx "$(printf '%064d' 1)"
	# The account of zeros, and a hash of zeros, are like any other.
	check 1 'jt-get: no account jjjjjjjjjjjjjjjjjjjjjhoLvTp in ledger 1' \
	    jt-get -s net/v1/sock account jjjjjjjjjjjjjjjjjjjjjhoLvTp
	check 1 "jt-get: no transaction $(printf '%064d' 0) up to ledger 1" \
	    jt-get -s net/v1/sock tx "$(printf '%064d' 0)"
	check 78 'jt-get: accounts: no server tells this: -d DIR' jt-get -s net/v1/sock accounts
	jt-prove account alice bob >want
	check 0 '' jt-prove -s net/v1/sock account alice bob
	cmp want <(out)
	jt-prove tx "$(jt-id tx)" >want
	check 0 '' jt-prove -s net/v1/sock tx "$(jt-id tx)"
	cmp want <(out)
	check 1 "jt-prove: $(printf '%064d' 1): no transaction $(printf '%064d' 1) up to ledger 1" \
	    jt-prove -s net/v1/sock tx "$(printf '%064d' 1)"
	jt-prove ledger 1 >want
	check 0 '' jt-prove -s net/v1/sock ledger 1
	cmp want <(out)
	check 0 '' jt-prove -s net/v1/sock ledger 0 1
	out | jt-check -N net/network.jt >said
	[ "$(wc -l <said)" -eq 2 ]
	check 1 'jt-prove: no ledger 9, the newest is 1' jt-prove -s net/v1/sock ledger 9
	# No ledger in the directory, but a socket.
	ln -s ../net/v1/sock empty/sock
	jt-get account alice | cmp - <(jt-get -d empty account alice)
	jt-tx -d net/v1 pay from=net/bank to=alice amount=1 >want
	jt-tx -d empty pay from=net/bank to=alice amount=1 | cmp - want
	jt-tx -s net/v1/sock pay from=net/bank to=alice amount=1 last=+1000 | cmp - want
	jt-tx -s net/v1/sock -N net/network.jt pay -c <(printf 'from,amount\nnet/bank,1\nnet/bank,1\n') to=alice |
		field seq >seqs
	[ "$(cat seqs)" = "2
3" ]
	check 1 'jt-tx: from: no such account in ledger 1' \
	    jt-tx -s net/v1/sock pay from=bob to=alice amount=1
	check 64 'jt-tx: -s and -p: one of them
'"$(jt-tx -x 2>&1 | tail -n 1)" jt-tx -s net/v1/sock -p want pay from=net/bank to=alice amount=1
	door_stop
	# Gone: said so. What is all given needs none.
	rm empty/sock
	check 66 'jt-get: empty/ledger: holds no ledger' jt-get -d empty account alice ||
		check 66 "$(cat "$BATS_TEST_TMPDIR/err")" jt-get -d empty account alice
	check 75 'jt-get: net/v1/sock: No such file or directory' jt-get -s net/v1/sock ledger
	check 75 'jt-tx: net/v1/sock: No such file or directory' \
	    jt-tx -s net/v1/sock pay from=net/bank to=alice amount=1
	nosocket jt-tx -N net/network.jt pay from=net/bank to=alice amount=1 seq=9 >/dev/null
}

@test "jt-get and jt-prove believe only what is proven" {
	network
	pay net/bank alice 10 seq=1 >tx
	jt-close -k net/v1/validator.key tx >/dev/null
	jt-prove account alice >proof
	jt-prove account bob >absent
	# The right proof of the wrong account; a changed one.
	cp absent lie
	fake 'c.recv(65536); c.sendall(open("lie", "rb").read()); c.recv(65536)'
	check 65 'jt-get: fake: not proven: it is of another account' jt-get -s fake account alice
	out_is ''
	check 65 'jt-prove: alice: fake: not proven: it is of another account' \
	    jt-prove -s fake account alice
	fake_stop
	python3 - <<-'END'
		b = bytearray(open("proof", "rb").read())
		b[100] ^= 1
		open("lie", "wb").write(b)
	END
	fake 'c.recv(65536); c.sendall(open("lie", "rb").read()); c.recv(65536)'
	code=0
	jt-get -s fake account alice >out 2>err || code=$?
	[ "$code" -eq 65 ] && [ ! -s out ]
	fake_stop
	# A record of another hash; of another ledger; a ledger's word for all of them.
	printf 'kind: jt/record/1\nbody: {hash: %064d, network: %s}\n' 5 "$(cat id)" | jt-pack |
	    jt-close -k net/v1/validator.key >/dev/null
	for lie in "5||6|it is of another hash" "5|2|5 1|it is of ledger 2" \
	    "6|2|6|it is of one ledger alone" "6|2|7 2|it is of another hash" "6|2|6 1|it is of ledger 2"; do
		IFS='|' read -r hash number asked why <<<"$lie"
		jt-prove record "$(printf '%064d' "$hash")" $number >lie
		fake 'c.recv(65536); c.sendall(open("lie", "rb").read()); c.recv(65536)'
		check 65 "jt-get: fake: not proven: $why" \
		    jt-get -s fake record "$(printf '%064d' "${asked% *}")" ${asked#"${asked% *}"}
		fake_stop
	done
	fake 'c.recv(65536)'
	check 75 'jt-get: fake: closed the connection' jt-get -s fake ledger
	fake_stop
}
