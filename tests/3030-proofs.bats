#!/usr/bin/env bats
# jt-certify, jt-get, jt-prove, jt-check: what they say, and what they refuse.
load lib.bash
load ledger.bash

zero=0000000000000000000000000000000000000000000000000000000000000000

# Four validators close the same: net/v1..v4 hold ledger 1, each signed by its own.
four() {
	network 4
	pay net/bank alice 10 >tx
	for i in 1 2 3 4; do
		jt-close -d net/v$i -k net/v$i/validator.key -t 2030-01-01T00:00:00Z tx >h$i
	done
}

# One validator, and a certified ledger with a payment that was applied and one that failed.
one() {
	network
	printf 'rent, \001"May"' >memo
	pay net/bank alice 10 seq=1 memo=@memo >tx
	pay net/bank bob 5000000000000 seq=2 >failed
	jt-close -k net/v1/validator.key -t 2030-01-01T00:00:00Z tx failed >h
	start="proven: in ledger 1 (2030-01-01T00:00:00Z) of network \"net\" ($(head -c 16 id)...),"
}

# flips FILE STEP: FILE.N for every STEP-th byte N, with one of its bits flipped.
flips() {
	perl -e '
		my ($file, $step) = @ARGV;
		open my $in, "<:raw", $file or die; local $/; my $bytes = <$in>;
		for (my $i = int rand $step; $i < length $bytes; $i += $step) {
			my $copy = $bytes;
			substr($copy, $i, 1) ^= chr(1 << int rand 8);
			open my $out, ">:raw", "$file.$i" or die; print $out $copy; close $out or die;
		}' "$1" "$2"
}

@test "jt-certify joins signatures and prints what has a quorum" {
	four
	check 1 'jt-certify: ledger 1: 1 of 3 signatures' jt-certify h1
	out_is ''
	check 1 'jt-certify: ledger 1: 2 of 3 signatures' jt-certify h2
	check 1 'jt-certify: ledger 1: 2 of 3 signatures' sh -c 'cat h1 h2 h1 | jt-certify'
	out_is ''
	jt-get ledger >two
	check 1 'jt-check: two:#1: not proven: 2 of 3 signatures' jt-check -N net/network.jt two
	out_is ''
	check 0 '' jt-certify -o certificate h3
	check 0 '' jt-check -N net/network.jt certificate
	[ "$(kinds <certificate)" = 'jt/header/1 ' ]
	[ "$(jt-id certificate)" = "$(jt-get ledger | jt-id)" ]
	cmp certificate <(jt-get ledger)
	# Once more, with the last one's.
	check 0 '' jt-certify h4 h1
	[ "$(out | jt-show | grep -c '^- \[')" -eq 4 ]
}

@test "jt-certify names only the ledgers that were named" {
	four
	for i in 2 3 4; do
		jt-close -k net/v1/validator.key --empty -t "2030-01-01T00:00:0${i}Z" </dev/null >/dev/null
		for v in 2 3; do
			jt-close -d net/v$v -k net/v$v/validator.key --empty -t "2030-01-01T00:00:0${i}Z" \
			    </dev/null >/dev/null
		done
	done
	for v in 2 3; do
		for i in 1 4; do jt-get -d net/v$v ledger $i; done
	done >signed
	check 0 '' jt-certify signed
	[ "$(out | field number | tr '\n' ' ')" = '1 4 ' ]
	jt-get -d net/v2 ledger 3 >three
	check 1 'jt-certify: ledger 3: 2 of 3 signatures' jt-certify three signed
	[ "$(out | field number | tr '\n' ' ')" = '1 4 ' ]
	# The newest certificate counts, and a closer says which are missing: those alone.
	check 1 '' jt-status
	out | grep -q '^  ledger     4, certified 4, of 20'
	check 0 '' jt-close --empty -t 2030-01-01T00:00:05Z /dev/null
	[ "$(out | kinds)" = 'jt/at/1 jt/header/1 jt/header/1 jt/header/1 ' ]
	[ "$(out | field number | tr '\n' ' ')" = '2 3 5 ' ]
}

@test "ledger 0 keeps no signatures: its proofs hold without, and only without" {
	network
	jt-get ledger 0 >zero
	jt-sign -k net/v1/validator.key zero >signed
	check 0 '' jt-certify -o certificate signed
	cmp zero certificate
	cmp zero <(jt-get ledger 0)
	jt-prove account net/bank >proof
	check 0 '' jt-check -N net/network.jt proof
}

@test "jt-certify waits for input without the ledger" {
	network
	pay net/bank alice 5 >tx
	jt-close -k net/v1/validator.key -r res tx >h
	mkfifo pipe
	jt-certify <pipe >certificate 2>complaint &
	certifier=$!
	exec 7>pipe
	# What comes behind the header in one write is no header, or nothing at all.
	cat h res >both
	cat both >&7
	check 0 '' timeout 600 jt-close --empty </dev/null
	{ cat h; printf '\223\246jt/pay\001\304\001\300'; } >bad
	cat bad >&7
	until_true test -s complaint
	check 0 '' timeout 600 jt-close --empty </dev/null
	exec 7>&-
	code=0
	wait $certifier || code=$?
	[ "$code" -eq 65 ]
	[ "$(kinds <certificate)" = 'jt/header/1 ' ]
}

@test "jt-certify: headers that differ, of other networks, of nobody, bad ones" {
	four
	pay net/bank alice 11 seq=2 >other
	cp -r net/v2 net/v5
	jt-close --empty -t 2031-01-01T00:00:00Z </dev/null >/dev/null
	jt-close -d net/v5 -k net/v2/validator.key -t 2031-01-01T00:00:00Z other | jt-show -j | tail -n 1 | jt-pack >differs
	check 1 'jt-certify: differs:#1: ledger 2: own header differs in state, totals, transactions
jt-certify: hint: validators who close by hand must all give jt-close the same transactions, -t and --salt' \
	    jt-certify differs
	out_is ''
	jt-close -d net/v5 -k net/v2/validator.key --empty </dev/null | jt-show -j | tail -n 1 | jt-pack >ahead
	check 75 'jt-certify: ahead:#1: ledger 3 is not closed here' jt-certify ahead
	jt-genesis -o net2 >/dev/null
	jt-close -d net2/v1 -k net2/v1/validator.key --empty </dev/null >foreign
	check 1 'jt-certify: foreign:#2: header of another network' jt-certify foreign
	jt-show h2 | sed '/^- \[/s/, [0-9a-f]\{8\}/, 00000000/' | jt-pack >bad
	key=$(jt-show h2 | sed -n 's/^- \[\([0-9a-f]*\),.*/\1/p')
	check 1 "jt-certify: bad:#2: bad signature by key $key
jt-certify: ledger 1: 2 of 3 signatures" jt-certify bad h2
	check 66 'jt-certify: stdin: empty, no object to work on' jt-certify </dev/null
	check 66 'jt-certify: nowhere: No such file or directory' jt-certify nowhere
	check 65 'jt-certify: stdin:#1: offset 0: no object begins here, but text' sh -c 'echo hello | jt-certify'
}

@test "jt-get: account, accounts" {
	one
	check 0 '' jt-get -j account alice
	out_is "{\"kind\":\"jt/account/1\",\"body\":{\"account\":\"$(jt-id alice.pub)\",\"balance\":\"10\"}}"
	check 0 '' jt-get account "$(jt-id alice.pub)"
	[ "$(out | kinds)" = 'jt/account/1 ' ]
	check 1 'jt-get: no account bob in ledger 1' jt-get account bob
	out_is ''
	check 64 'jt-get: carol: not an address (no j first), and no file carol.pub' jt-get account carol
	check 0 '' jt-get -j accounts
	[ "$(out | wc -l)" -eq 2 ]
	[ "$(out | grep -c "$(jt-id alice.pub)")" -eq 1 ]
	[ "$(out | grep -c '"balance":"599999999989.99998","seq":"2","used":"1"')" -eq 1 ]
}

@test "jt-get: tx, ledger, ledgers, network" {
	one
	id=$(jt-id tx)
	check 0 '' jt-get tx "$id"
	out >got
	[ "$(kinds <got)" = 'jt/pay/1 jt/result/1 ' ]
	cmp tx <(head -c "$(wc -c <tx)" got)
	check 0 '' jt-get -j tx "$(jt-id failed)"
	[ "$(out | tail -n 1)" = '{"kind":"jt/result/1","body":{"code":"unfunded","id":"'"$(jt-id failed)"'","index":"1","ledger":"1"}}' ]
	check 1 "jt-get: no transaction $zero up to ledger 1" jt-get tx $zero
	check 0 '' jt-get ledger
	out >one
	check 0 '' jt-get ledger 1
	cmp one "$BATS_TEST_TMPDIR/out"
	check 0 '' jt-get ledger 0
	[ "$(out | field number)" = 0 ]
	check 1 'jt-get: no ledger 2, the newest is 1' jt-get ledger 2
	check 0 '' jt-get ledgers
	[ "$(out | field number | tr '\n' ' ')" = '0 1 ' ]
	check 0 '' jt-get network
	[ "$(out | jt-id)" = "$(cat id)" ]
	check 0 '' jt-get -o file network
	out_is ''
	[ "$(jt-id file)" = "$(cat id)" ]
}

@test "jt-get: wrong words" {
	one
	usage='jt-get: usage: jt-get [-N NETWORK] [-d DIR] [-s SERVER] [-j] [-o FILE] account ACCOUNT | accounts | tx ID | ledger [N] | ledgers | network | record HASH [N] | records [tag=TAG] [prev=HASH]'
	check 64 "jt-get: expected what to get
$usage" jt-get
	check 64 "jt-get: cannot get \"money\"
$usage" jt-get money
	check 64 "jt-get: account: expected which
$usage" jt-get account
	check 64 "jt-get: accounts: one word too many: \"alice\"
$usage" jt-get accounts alice
	check 64 "jt-get: ledger: expected a number, not \"one\"
$usage" jt-get ledger one
	check 64 "jt-get: ledger: expected a number, not \"-1\"
$usage" jt-get ledger -- -1
	check 64 "jt-get: tx: expected an id of 64 hex digits, not \"4f09\"
$usage" jt-get tx 4f09
	check 66 'jt-get: net/ledger: holds no ledger' jt-get -d net accounts
	unset JT_DIR
	check 64 "jt-get: no directory: -d DIR or \$JT_DIR
$usage" jt-get accounts
}

@test "jt-prove and jt-check: accounts, there and not" {
	one
	check 0 '' jt-prove account alice bob net/bank
	out >p
	[ "$(kinds <p)" = 'jt/proof-account/1 jt/proof-account/1 jt/proof-account/1 ' ]
	check 0 '' jt-check -N net/network.jt p
	out_is "p: $start account $(jt-id alice.pub) has 10 SWT, highest seq 0
p: $start there is no account $(jt-id bob.pub)
p: $start account $(jt-id net/bank.pub) has 599999999989.99998 SWT, highest seq 2"
	check 0 '' jt-check -j -N net/network.jt p
	[ "$(out | head -n 1)" = '{"file":"p","proven":true,"network":"'"$(cat id)"'","ledger":"1","time":"2030-01-01T00:00:00Z","what":"account","account":"'"$(jt-id alice.pub)"'","balance":"10","seq":"0"}' ]
	[ "$(out | sed -n '2s/.*"what"/"what"/p')" = '"what":"no-account","account":"'"$(jt-id bob.pub)"'","balance":"0","seq":"0"}' ]
	# From stdin, a name a line.
	printf 'alice\n\nbob\n' >names
	check 64 'jt-prove: carol: not an address (no j first), and no file carol.pub' \
	    sh -c 'jt-prove account - carol alice <names'
	[ "$(out | kinds)" = 'jt/proof-account/1 jt/proof-account/1 jt/proof-account/1 ' ]
}

@test "jt-prove and jt-check: transactions and their outcomes" {
	one
	check 0 '' jt-prove tx "$(jt-id tx)" "$(jt-id failed)"
	out >p
	check 0 '' jt-check -N net/network.jt p
	out_is "p: $start jt/pay $(jt-id tx) was applied: from $(jt-id net/bank.pub), to $(jt-id alice.pub), amount 10, memo \"rent, \\u0001\\\"May\\\"\"
p: $start jt/pay $(jt-id failed) failed (unfunded): from $(jt-id net/bank.pub), to $(jt-id bob.pub), amount 5000000000000"
	check 0 '' jt-check -j -N net/network.jt p
	[ "$(out | /usr/bin/python3 -c 'import json, sys
for line in sys.stdin: print(json.loads(line).get("memo"))')" = 'rent, '$'\x01''"May"
None' ]
	[ "$(out | tail -n 1)" = '{"file":"p","proven":true,"network":"'"$(cat id)"'","ledger":"1","time":"2030-01-01T00:00:00Z","what":"tx","id":"'"$(jt-id failed)"'","code":"unfunded","kind":"pay","from":"'"$(jt-id net/bank.pub)"'","to":"'"$(jt-id bob.pub)"'","amount":"5000000000000"}' ]
	# Proven is not yet paid.
	check 1 'jt-check: p:#2: failed (unfunded), expected it applied' \
	    jt-check --applied -N net/network.jt p
	[ "$(out | wc -l)" -eq 2 ]
	jt-prove tx "$(jt-id tx)" >applied
	jt-prove account alice >>applied
	check 0 '' jt-check --applied -N net/network.jt applied
	check 1 "jt-prove: $zero: no ledger holds it" jt-prove tx $zero
	check 64 'jt-prove: 4f09: expected an id of 64 hex digits' jt-prove tx 4f09
	check 65 'jt-prove: stdin: line longer than 1023 bytes' \
	    sh -c 'head -c 3000 /dev/zero | tr "\\0" x | jt-prove tx -'
	check 1 "jt-prove: $zero: no ledger holds it" jt-prove tx $zero "$(jt-id tx)"
	[ "$(out | kinds)" = 'jt/proof-tx/1 ' ]
}

@test "jt-check: the account of zeros receives like any other" {
	network
	pay net/bank jjjjjjjjjjjjjjjjjjjjjhoLvTp 1 >tx
	jt-close -k net/v1/validator.key tx >h
	jt-prove tx "$(jt-id tx)" >p
	check 0 '' jt-check p
	[[ "$(out)" == *" was applied: from j"*", to jjjjjjjjjjjjjjjjjjjjjhoLvTp, amount 1" ]]
	check 0 '' jt-check -j p
	[[ "$(out)" == *'","to":"jjjjjjjjjjjjjjjjjjjjjhoLvTp","amount":"1"}' ]]
}

@test "long memos and strange file names" {
	network
	head -c 1024 /dev/zero | tr '\0' '\001' >memo
	pay net/bank alice 10 memo=@memo >tx
	jt-close -k net/v1/validator.key tx >/dev/null
	jt-prove tx "$(jt-id tx)" >p
	check 0 '' jt-check -N net/network.jt p
	[ "$(out | wc -c)" -gt 6144 ]
	name=$'a\x1b[31m "q" \\ \xe2\x82'
	cp p "$name"
	check 0 '' jt-check -j -N net/network.jt "$name"
	[ "$(out | python3 -c 'import json, sys; print(json.load(sys.stdin)["file"])')" = 'a?[31m ?q? ? ??' ]
	check 0 '' jt-check -N net/network.jt "$name"
	[ "$(out | tr -d '\n -~' | wc -c)" -eq 0 ]
	long=$(printf '%0200d' 0)
	mkdir -p "$long/$long/$long/$long/$long/$long"
	cp p "$long/$long/$long/$long/$long/$long/p"
	check 0 '' jt-check -N net/network.jt "$long/$long/$long/$long/$long/$long/p"
	[ "$(out | wc -l)" -eq 1 ]
}

@test "jt-prove: what is not certified, and wrong words" {
	four
	id=$(jt-id tx)
	check 75 'jt-prove: alice: ledger 1 is not certified: 1 of 3 signatures' jt-prove account alice
	check 75 "jt-prove: $id: ledger 1 is not certified: 1 of 3 signatures" jt-prove tx "$id"
	out_is ''
	jt-certify h2 h3 >/dev/null
	check 0 '' jt-prove tx "$id"
	usage=$(jt-prove -h | head -n 1)
	usage="jt-prove: ${usage}"
	check 64 "jt-prove: expected what to prove: account, tx, record or ledger
$usage" jt-prove
	check 64 "jt-prove: cannot prove \"accounts\"
$usage" jt-prove accounts
	check 64 "jt-prove: tx: expected which
$usage" jt-prove tx
}

@test "jt-check: ledger 0, headers, streams of everything" {
	one
	jt-get ledger 0 >zero
	check 0 '' jt-check -N net/network.jt zero
	[ "$(out | sed 's/.*(4/(4/; s/.*, //')" = 'the header is certified: 0 transactions' ]
	check 0 '' jt-check -N net/network.jt h
	out_is "h: $start the header is certified: 2 transactions"
	check 0 '' jt-check -j -N net/network.jt h
	out_is '{"file":"h","proven":true,"network":"'"$(cat id)"'","ledger":"1","time":"2030-01-01T00:00:00Z","what":"ledger","transactions":"2","records":"0"}'
	{ jt-get ledgers; jt-prove account alice; jt-prove tx "$(jt-id tx)"; } >all
	check 0 '' sh -c 'jt-check -N net/network.jt <all'
	[ "$(out | wc -l)" -eq 4 ]
	[ "$(out | grep -c '^stdin: proven: in ledger ')" -eq 4 ]
	check 65 'jt-check: tx:#1: jt/pay proves nothing' jt-check -N net/network.jt tx
	jt-close 2>/dev/null </dev/null | jt-show -1 | grep jt/at | jt-pack >at
	check 1 'jt-check: not proven: no proof was given' jt-check -N net/network.jt at
	check 66 'jt-check: stdin: empty, no object to work on' jt-check -N net/network.jt </dev/null
	check 78 'jt-check: no network file: -N FILE, DIR/network.jt or $JT_NETWORK' \
	    env -u JT_DIR jt-check all
	check 65 'jt-check: all: begins with no jt/genesis, is no network file' \
	    env -u JT_DIR jt-check -N all all
}

@test "two network files: the command line wins, two that say the same much are an error" {
	local program differ='net/v1/network.jt and net2/network.jt are different networks'
	one
	jt-genesis -o net2 >id2
	jt-close -d net2/v1 --empty </dev/null >h2
	jt-sign -k net2/v1/validator.key h2 | jt-certify -d net2/v1 >/dev/null
	jt-prove -d net2/v1 account net2/bank >p2
	# On the command line.
	for program in 'jt-get ledger' 'jt-prove ledger 0' jt-replay "jt-explain $(jt-id tx)" \
	    'jt-tx pay from=net/bank to=bob amount=1'; do
		set -- $program
		check 78 "$1: $differ" "$1" -d net/v1 -N net2/network.jt "${@:2}"
	done
	# In the environment.
	export JT_NETWORK=net2/network.jt
	check 78 "jt-get: $differ" jt-get ledger
	check 78 "jt-close: $differ" jt-close --empty </dev/null
	check 78 "jt-certify: $differ" jt-certify h
	check 78 "jt-check: $differ" jt-check h
	check 78 "jt-status: $differ" jt-status
	# What is said wins.
	check 0 '' jt-get -d net/v1 ledger
	check 0 '' jt-prove -d net/v1 tx "$(jt-id tx)"
	check 0 '' jt-tx pay -d net/v1 from=net/bank to=bob amount=1
	check 0 '' jt-check -N net/network.jt h
	unset JT_NETWORK
	check 0 '' jt-check -N net2/network.jt p2
	check 0 '' jt-tx -N net2/network.jt -p p2 pay from=net2/bank to=bob amount=1
	# But not over what the ledger is.
	check 78 'jt-get: net/v1: a ledger of another network than net2/network.jt' \
	    jt-get -N net2/network.jt ledger
	cp net2/network.jt net/v1/network.jt
	for program in jt-get\ ledger jt-close\ --empty jt-certify\ h jt-prove\ ledger\ 0 \
	    jt-replay "jt-explain $(jt-id tx)" jt-tx\ pay\ from=net/bank\ to=bob\ amount=1 \
	    jt-status jt-listen\ -a\ s; do
		set -- $program
		check 78 "$1: net/v1: a ledger of another network than net/v1/network.jt" \
		    "$@" </dev/null
	done
	rm net/v1/network.jt
	check 0 '' jt-get ledger
}

@test "jt-check: proofs of another network; the network by JT_NETWORK" {
	one
	jt-prove account alice >p
	jt-genesis -o net2 >/dev/null
	unset JT_DIR
	check 1 'jt-check: p:#1: not proven: header: header of another network' \
	    jt-check -N net2/network.jt p
	out_is ''
	mv net away
	JT_NETWORK=away/network.jt check 0 '' jt-check p
	[ "$(out | wc -l)" -eq 1 ]
}

@test "building, signing, closing, proving and checking make no socket" {
	one
	nosocket true
	check 0 '' nosocket jt-tx pay from=net/bank to=bob amount=3
	out >tx
	check 0 '' nosocket jt-sign -k net/bank.key tx
	out >signed
	check 0 '' nosocket jt-close -k net/v1/validator.key signed
	check 0 '' nosocket jt-get account bob
	check 0 '' nosocket jt-prove account bob
	out >p
	check 0 '' nosocket jt-check -N net/network.jt p
	check 0 '' nosocket jt-genesis -o net3
}

@test "every byte of a proof flipped is refused by jt-check" {
	one
	jt-prove account alice >account
	jt-prove account bob >absent
	jt-prove tx "$(jt-id tx)" >paid
	for p in account absent paid; do
		flips $p 8
		for f in "$p".*; do
			code=0
			jt-check -N net/network.jt "$f" >told 2>why || code=$?
			if [ $code -ne 1 ] && [ $code -ne 65 ] || [ -s told ]; then
				echo "$f: exit $code: $(cat told why)" >&2
				return 1
			fi
		done
	done
}

@test "jt-explain: what was not there before, and is not any more, is none" {
	network
	jt-keygen -n spare >/dev/null
	jt-tx set from=net/bank key=spare signers=alice:1 quorum=1 flags=require-memo |
	    jt-sign -k net/bank.key >set
	jt-tx set from=net/bank unset=key,signers,require-memo seq=2 | jt-sign -k net/bank.key >unset
	jt-close -o h set
	jt-close -o h unset
	check 0 '' jt-explain "$(jt-id set)"
	out | grep -x "  key: none -> $(jt-id spare.pub)"
	out | grep -x "  signers: none -> $(jt-id alice.pub):1"
	out | grep -x '  flags: none -> require-memo'
	check 0 '' jt-explain "$(jt-id unset)"
	out | grep -x "  key: $(jt-id spare.pub) -> none"
	out | grep -x "  signers: $(jt-id alice.pub):1 -> none"
	out | grep -x '  flags: require-memo -> none'
}

@test "jt-explain: what a rule compared is there with the rule" {
	network 1 <(echo 'reserve: 2')
	pay net/bank alice 1.5 >tx
	jt-close -o h tx 2>/dev/null
	check 0 '' jt-explain "$(jt-id tx)"
	[ "$(out | sed -n 2,6p)" = 'result: too-small (failed)
rule: a payment that makes an account must bring the reserve
terms: fee 0.00001, reserve 2, and 0.2 for each object
fields:
  amount: 1.5' ]
}
