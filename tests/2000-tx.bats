#!/usr/bin/env bats
# jt-tx: every field, what is filled in, CSV files, and all the ways to be wrong.
load lib.bash
load ledger.bash

usage='jt-tx: usage: jt-tx [-N NETWORK] [-d DIR | -s SERVER | -p PROOF...] [-c CSV] [-o FILE] KIND FIELD=VALUE...'
zero=0000000000000000000000000000000000000000000000000000000000000000

# wrong FIELDS MESSAGE: a payment with these words is refused with this line.
wrong() {
	check 64 "jt-tx: $2" jt-tx pay from=net/bank $1
	out_is ''
}

# The objects of the last check, a line each.
shown() {
	out | jt-show -1 | sed 's/, network: [0-9a-f]*//; s/, sigs: \[\]} #.*/}/'
}

@test "a payment: what is given, what is filled in" {
	network
	bank=$(jt-id net/bank.pub) alice=$(jt-id alice.pub)
	check 0 '' jt-tx pay from=net/bank to=alice amount=100
	[ "$(shown)" = "--- {kind: jt/pay/1, body: {amount: 100, fee: 0.00001, from: $bank, last: 1000, seq: 1, to: $alice}}" ]
	[ "$(out | field network)" = "$(cat id)" ]
	# Every field, names and addresses.
	check 0 '' jt-tx pay from=net/bank.pub to="$alice" amount=0.000001 fee=1.5 seq=7 last=5 \
	    memo='two words, "quoted": yes' app=bob until=2030-01-01T00:00:00Z after=${zero//0/a} network=${zero//0/b}
	[ "$(out | jt-show -j | sed 's/"network":"b*",//')" = "{\"kind\":\"jt/pay/1\",\"body\":{\"after\":\"${zero//0/a}\",\"amount\":\"0.000001\",\"app\":\"$(jt-id bob.pub)\",\"fee\":\"1.5\",\"from\":\"$bank\",\"last\":\"5\",\"memo\":\"two words, \\\"quoted\\\": yes\",\"seq\":\"7\",\"to\":\"$alice\",\"until\":\"2030-01-01T00:00:00Z\"},\"sigs\":[]}" ]
	[ "$(out | field network)" = ${zero//0/b} ]
	# A token, and the most to spend.
	check 0 '' jt-tx pay from=net/bank to=alice amount=12.50CNY/bob max=3
	[ "$(out | field amount)" = "12.50CNY/$(jt-id bob.pub)" ]
	[ "$(out | field max)" = 3 ]
	# last=0 and empty fields are as none.
	check 0 '' jt-tx pay from=net/bank to=alice amount=1 last=0 memo=
	[ "$(shown)" = "--- {kind: jt/pay/1, body: {amount: 1, fee: 0.00001, from: $bank, seq: 1, to: $alice}}" ]
}

@test "settings: keys, signers, flags" {
	network
	bank=$(jt-id net/bank.pub) alice=$(jt-id alice.pub) bob=$(jt-id bob.pub)
	check 0 '' jt-tx set from=net/bank key=alice flags=no-master,require-memo
	[ "$(shown)" = "--- {kind: jt/set/1, body: {fee: 0.00001, flags: [no-master, require-memo], from: $bank, key: $alice, last: 1000, seq: 1}}" ]
	check 0 '' jt-tx set from=net/bank signers=alice:1,"$bob":2 quorum=3 unset=key,refuse-unasked
	[ "$(out | jt-show | grep -c "^  - \[$alice, 1\]$")" -eq 1 ]
	[ "$(out | jt-show | grep -c "^  - \[$bob, 2\]$")" -eq 1 ]
	[ "$(out | field quorum)" = 3 ]
	check 0 '' jt-tx set from=net/bank holds=CNY.2/alice,SWT
	[ "$(out | jt-show -j | grep -c "\"holds\":\[\"CNY.2/$alice\",\"SWT\"\]")" -eq 1 ]
	check 64 'jt-tx: expected one of flags, holds, key, signers, unset, found none' jt-tx set from=net/bank
	check 64 'jt-tx: signers and quorum come together' jt-tx set from=net/bank signers=alice:1
	check 64 'jt-tx: signers and quorum come together' jt-tx set from=net/bank quorum=1
	check 64 'jt-tx: quorum: 3, more than all weights together (2)' \
	    jt-tx set from=net/bank signers=alice:1,bob:1 quorum=3
	check 64 'jt-tx: signers: expected a weight of 1 or more' jt-tx set from=net/bank signers=alice:0 quorum=1
	check 64 'jt-tx: signers: element 1: weight: expected at most 65535, not "65536"' \
	    jt-tx set from=net/bank signers=alice:65536 quorum=1
	check 64 'jt-tx: signers: element 1: weight: expected a whole number, not "x"' \
	    jt-tx set from=net/bank signers=alice:x quorum=1
	check 64 "jt-tx: signers: element 1: expected 2 words with \":\" between them, not \"$alice\"" \
	    jt-tx set from=net/bank signers=alice quorum=1
	check 64 "jt-tx: signers: account $alice twice" jt-tx set from=net/bank signers=alice:1,bob:1,alice:1 quorum=1
	check 64 'jt-tx: signers: carol: not an address (no j first), and no file carol.pub' \
	    jt-tx set from=net/bank signers=alice:1,carol:1 quorum=1
	check 64 'jt-tx: signers: the account itself' jt-tx set from=net/bank signers=net/bank:1 quorum=1
	check 64 'jt-tx: key: all zeros stand for none, which is left out' \
	    jt-tx set from=net/bank flags=no-master key=jjjjjjjjjjjjjjjjjjjjjhoLvTp
	check 64 "jt-tx: key: the account's own master key" jt-tx set from=net/bank key=net/bank
	check 64 'jt-tx: flags: expected one of no-master, no-new-signers, refuse-unasked, require-memo, not "open"' \
	    jt-tx set from=net/bank flags=open
	check 64 'jt-tx: flags: no-master twice' jt-tx set from=net/bank flags=no-master,no-master
	check 64 'jt-tx: unset: expected one of key, no-master, refuse-unasked, require-memo, signers, not "no-new-signers"' \
	    jt-tx set from=net/bank unset=no-new-signers
	check 64 'jt-tx: flags and unset name the same flag' \
	    jt-tx set from=net/bank flags=require-memo unset=require-memo
	check 64 'jt-tx: unset: clears what is given beside it' jt-tx set from=net/bank key=alice unset=key
}

@test "wrong values name the field, what was expected, and what came" {
	network
	wrong 'to=alice' 'amount: missing: what the receiver gets: 12.5 (SWT), or 12.50CNY/ISSUER'
	wrong 'amount=5' 'to: missing: the account that receives'
	check 64 'jt-tx: from: missing: the account that acts and pays' jt-tx pay to=alice amount=5
	wrong 'to=alice amount=1.0000001' 'amount: expected a number with at most 6 decimals, not "1.0000001"'
	wrong 'to=alice amount=1e3' 'amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "1e3"'
	wrong 'to=alice amount=-1' 'amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "-1"'
	wrong 'to=alice amount=1,5' 'amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "1,5"'
	wrong 'to=alice amount=' 'amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not ""'
	wrong 'to=alice amount=0' 'amount: expected more than 0'
	wrong 'to=alice amount=5cny' 'amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "5cny"'
	wrong 'to=alice amount=5C/bob' 'amount: expected an asset'"'"'s code (2 to 12 letters and digits) before "/", not "C"'
	wrong 'to=alice amount=5CNY/x' 'amount: x: not an address (no j first), and no file x.pub'
	wrong 'to=alice amount=9223372036854.775808' \
	    'amount: expected at most 9223372036854.775807, not "9223372036854.775808"'
	wrong 'to=alice amount=5 max=6' 'max: same asset as amount'
	wrong 'to= amount=5' 'to: expected an address, not ""'
	wrong 'to=carol amount=5' 'to: carol: not an address (no j first), and no file carol.pub'
	wrong 'to=jLUEXYuLiQptky37CqLcm9USQpPiz5jkpd amount=5' \
	    'to: jLUEXYuLiQptky37CqLcm9USQpPiz5jkpd: not an address (checksum), and no file jLUEXYuLiQptky37CqLcm9USQpPiz5jkpd.pub'
	wrong 'to=net/bank amount=5' 'to: same account as from'
	wrong 'to=alice amount=5 fee=x' 'fee: expected a number with at most 6 decimals, not "x"'
	wrong 'to=alice amount=5 seq=0' 'seq: expected 1 or more, found 0'
	wrong 'to=alice amount=5 seq=-1' 'seq: expected a whole number, not "-1"'
	wrong 'to=alice amount=5 seq=01' 'seq: expected a whole number, not "01"'
	wrong 'to=alice amount=5 seq=9223372036854775808' \
	    'seq: expected at most 9223372036854775807, not "9223372036854775808"'
	wrong 'to=alice amount=5 last=+x' 'last: expected +NUMBER, not "+x"'
	wrong 'to=alice amount=5 last=soon' 'last: expected a whole number, not "soon"'
	wrong 'to=alice amount=5 last=+18446744073709551615x' 'last: expected +NUMBER, not "+18446744073709551615x"'
	wrong 'to=alice amount=5 last=+9223372036854775808' 'last: 9223372036854775808 is more than 9223372036854775807'
	wrong 'to=alice amount=5 until=tomorrow' 'until: expected a time like 2017-03-01T12:00:00Z, not "tomorrow"'
	wrong 'to=alice amount=5 until=2030-02-30T00:00:00Z' \
	    'until: expected a time like 2017-03-01T12:00:00Z, not "2030-02-30T00:00:00Z"'
	wrong 'to=alice amount=5 after=12' 'after: expected 64 hex digits, not "12"'
	wrong "to=alice amount=5 after=$(printf '%064d' 0)" 'after: all zeros stand for none, which is left out'
	wrong 'to=alice amount=5 app=12' 'app: 12: not an address (no j first), and no file 12.pub'
	wrong 'to=alice amount=5 network=12' 'network: expected 64 hex digits, not "12"'
	wrong "to=alice amount=5 memo=$(head -c 1025 /dev/zero | tr '\0' x)" 'memo: expected at most 1024 bytes, not 1025'
	wrong 'to=alice amount=5 memo='$'\xff' 'memo: text is not UTF-8'
	wrong 'tp=alice' 'jt/pay has no field "tp" (jt-tx pay shows them)'
	wrong '=alice' 'jt/pay has no field "" (jt-tx pay shows them)'
	wrong 'alice' "expected FIELD=VALUE, not \"alice\"
$usage"
	wrong 'to=alice to=bob' "to: given twice
$usage"
	check 64 "jt-tx: expected a kind of transaction
$usage" jt-tx
	check 64 "jt-tx: no kind of transaction is called \"header\"; there are: pay set
$usage" jt-tx header
	check 64 "jt-tx: -d and -p: one of them
$usage" jt-tx -d net/v1 -p x pay from=net/bank to=alice amount=5
}

@test "a kind alone shows its fields" {
	check 0 '' jt-tx pay
	[ "$(out | head -n 1)" = 'jt/pay: move an amount from one account to another' ]
	[ "$(out | wc -l)" -eq 13 ]
	[ "$(out | sed -n 's/^  \([a-z]*\) *filled in .*/\1/p' | tr '\n' ' ')" = 'fee last network seq ' ]
	[ "$(out | sed -n 's/^  \([a-z]*\) *optional .*/\1/p' | tr '\n' ' ')" = 'after app max memo until ' ]
	check 0 '' jt-tx set
	[ "$(out | sed -n 's/^  \([a-z]*\) .*/\1/p' | tr '\n' ' ')" = \
	    'after app fee flags from holds key last memo network quorum seq signers unset until ' ]
}

@test "values from files, times and ledgers from now" {
	network
	printf 'line one\nline two\n' >memo
	check 0 '' jt-tx pay from=net/bank to=alice amount=1 memo=@memo
	[ "$(out | field memo)" = 'line one\nline two' ]
	jt-id alice.pub >who
	check 0 '' jt-tx pay from=net/bank to=@who amount=1
	[ "$(out | field to)" = "$(jt-id alice.pub)" ]
	check 66 'jt-tx: nowhere: No such file or directory' jt-tx pay from=net/bank to=alice amount=1 memo=@nowhere
	head -c 70000 /dev/zero >big
	check 65 'jt-tx: big: longer than 65536 bytes' jt-tx pay from=net/bank to=alice amount=1 memo=@big
	for i in 1 2 3; do jt-close --empty </dev/null >/dev/null; done
	check 0 '' jt-tx pay from=net/bank to=alice amount=1 last=+20
	[ "$(out | field last)" = 23 ]
	check 0 '' jt-tx pay from=net/bank to=alice amount=1
	[ "$(out | field last)" = 1003 ]
	before=$(date -u +%s)
	check 0 '' jt-tx pay from=net/bank to=alice amount=1 until=+3600
	until=$(date -u -d "$(out | field until)" +%s)
	[ $((until - before)) -ge 3600 ]
	[ $((until - before)) -lt 4600 ]
	check 64 'jt-tx: last: +N needs a ledger or a proof to count from' \
	    env -u JT_DIR jt-tx -N net/network.jt pay from=net/bank to=alice amount=1 seq=1 last=+5
}

@test "seq is the lowest free number" {
	network
	for seq in 1 2 5; do pay net/bank alice 10 seq=$seq; done | jt-close -k net/v1/validator.key >/dev/null
	check 0 '' jt-tx pay from=net/bank to=alice amount=1
	[ "$(out | field seq)" = 3 ]
	pay net/bank alice 10 seq=69 | jt-close >/dev/null
	check 0 '' jt-tx pay from=net/bank to=alice amount=1
	[ "$(out | field seq)" = 6 ]
	# One that was given need not be free: it may replace another, or be too early.
	check 0 '' jt-tx pay from=net/bank to=alice amount=1 seq=5
	[ "$(out | field seq)" = 5 ]
	check 1 'jt-tx: from: no such account in ledger 2' jt-tx pay from=bob to=alice amount=1
	check 0 '' jt-tx pay from=bob to=alice amount=1 seq=1
}

@test "the fee: the network's, times the signers of a list" {
	cat >net.yaml <<-END
	fee: 0.25
	END
	network 1 net.yaml
	check 0 '' jt-tx pay from=net/bank to=alice amount=1
	[ "$(out | field fee)" = 0.25 ]
	jt-tx set from=net/bank signers=alice:1,bob:1 quorum=2 | jt-sign -k net/bank.key | jt-close >/dev/null
	check 0 '' jt-tx pay from=net/bank to=alice amount=1
	[ "$(out | field fee)" = 0.5 ]
	out | jt-sign -k alice.key | jt-sign -k bob.key >tx
	check 0 '' jt-close tx
	[ "$(balance alice)" = 1 ]
	check 0 '' jt-tx pay from=net/bank to=alice amount=1 fee=0
	[ "$(out | field fee)" = 0 ]
}

@test "from a proof, with no ledger at hand" {
	network
	pay net/bank alice 10 | jt-close -k net/v1/validator.key >/dev/null
	jt-prove account net/bank >bank.jtp
	jt-prove account bob >bob.jtp
	cat bank.jtp bob.jtp >both.jtp
	mkdir desk
	cp net/network.jt net/bank.pub net/bank.key alice.pub bob.pub ./*.jtp desk/
	rm -r net
	cd desk
	unset JT_DIR
	export JT_NETWORK=network.jt
	check 0 '' jt-tx -p bank.jtp pay from=bank to=alice amount=5 last=+2000
	[ "$(out | field seq)" = 2 ]
	[ "$(out | field last)" = 2001 ]
	check 0 '' jt-tx -p both.jtp pay from=bank to=alice amount=5
	check 0 '' jt-tx -p bob.jtp -p bank.jtp pay from=bank to=alice amount=5
	[ "$(out | field seq)" = 2 ]
	check 64 'jt-tx: from: no proof of this account was given (-p)' \
	    jt-tx -p bank.jtp pay from=alice to=bob amount=5
	check 1 'jt-tx: from: no such account in ledger 1' jt-tx -p bob.jtp pay from=bob to=alice amount=5
	check 64 'jt-tx: seq: missing, and no ledger (-d), server (-s) or proof (-p) to take it from' \
	    jt-tx pay from=bank to=alice amount=5
	check 0 '' jt-tx pay from=bank to=alice amount=5 seq=2
	[ "$(out | field last)" = '' ]
	# Not any file will do.
	check 66 'jt-tx: nowhere: No such file or directory' jt-tx -p nowhere pay from=bank to=alice amount=5
	check 65 'jt-tx: alice.pub: not proven: expected jt/proof-account, found jt/pub' \
	    jt-tx -p alice.pub pay from=bank to=alice amount=5
	sed 's/epoch/xpoch/' bank.jtp >bad.jtp
	offset=$(jt-check bad.jtp 2>&1 | sed -n 's/.*offset \([0-9]*\): .*/\1/p')
	check 65 "jt-tx: bad.jtp:#1: header: offset $offset: map keys out of order" \
	    jt-tx -p bad.jtp pay from=bank to=alice amount=5
	jt-genesis -o other >/dev/null
	check 1 'jt-tx: bank.jtp: not proven: header: header of another network' \
	    jt-tx -N other/network.jt -p bank.jtp pay from=bank to=alice amount=5
	unset JT_NETWORK
	check 78 'jt-tx: no network file: -N FILE, DIR/network.jt or $JT_NETWORK' \
	    jt-tx -p bank.jtp pay from=bank to=alice amount=5
}

@test "CSV: a transaction for each row" {
	network
	cat >p.csv <<-END
	to,amount,memo
	alice,5,rent
	$(jt-id bob.pub),0.5,"a ""quoted"", long
	memo"

	bob.pub,7,
	END
	check 0 '' jt-tx pay -c p.csv from=net/bank memo=default last=9
	out >txs
	[ "$(field seq <txs | tr '\n' ' ')" = '1 2 3 ' ]
	[ "$(field amount <txs | tr '\n' ' ')" = '5 0.5 7 ' ]
	[ "$(field last <txs | tr '\n' ' ')" = '9 9 9 ' ]
	[ "$(jt-show -j txs | sed -n 's/.*"memo":"\(.*\)","network.*/\1/p')" = 'rent
a \"quoted\", long\nmemo
default' ]
	# The same with the line ends and the mark at the beginning that spreadsheets write.
	{ printf '\357\273\277'; sed 's/$/\r/' p.csv; } >dos.csv
	check 0 '' sh -c 'jt-tx pay -c - from=net/bank memo=default last=9 <dos.csv'
	[ "$(out | field amount | tr '\n' ' ')" = '5 0.5 7 ' ]
	jt-tx pay -c p.csv from=net/bank | jt-sign -k net/bank.key >signed
	failed=$(jt-id signed | sed -n 2p)
	check 0 "jt-close: failed $failed: too-small: a payment that makes an account must bring the reserve" \
	    jt-close signed
	[ "$(balance alice)" = 5 ]
	# Columns for the sender and the number; a row's number stays its own.
	printf 'seq,from,to,amount\n,net/bank,alice,1\n9,net/bank,alice,2\n,net/bank,alice,3\n1,alice,bob,1\n' >q.csv
	check 0 '' jt-tx pay -c q.csv
	[ "$(out | field seq | tr '\n' ' ')" = '4 9 5 1 ' ]
	# More rows than the window has numbers: all of them, one after the other.
	{ echo amount; seq 1 150; } >many.csv
	check 0 '' jt-tx pay -c many.csv from=net/bank to=alice
	[ "$(out | field seq | tail -n 1)" = 153 ]
	# A number that was given ahead of the window is passed over when its turn comes.
	{ echo amount,seq; echo 1,100; seq -f %g, 1 100; } >ahead.csv
	check 0 '' jt-tx pay -c ahead.csv from=net/bank to=alice
	[ "$(out | field seq | tr '\n' ' ')" = "100 $(seq 4 99 | tr '\n' ' ')101 102 103 104 " ]
	printf 'to,amount\n' >none.csv
	check 0 '' jt-tx pay -c none.csv from=net/bank
	out_is ''
}

@test "CSV: what is wrong is named with file and line, and the stream breaks off" {
	network
	bad() {
		printf "$1" >p.csv
		check "$2" "jt-tx: p.csv$3" jt-tx pay -c p.csv from=net/bank
	}
	bad '' 66 ': empty'
	bad '\n\n' 66 ': empty'
	bad 'to,amuont\nalice,5\n' 65 ':1: jt/pay has no field "amuont" (jt-tx pay shows them)'
	bad 'to;amount\nalice;5\n' 65 ':1: jt/pay has no field "to;amount" (jt-tx pay shows them)
jt-tx: hint: commas separate the fields'
	bad 'to,amount,to\nalice,5,bob\n' 65 ':1: to: two columns of this name'
	bad 'to\nalice\n' 65 ':2: amount: missing: what the receiver gets: 12.5 (SWT), or 12.50CNY/ISSUER'
	bad 'to,amount\nalice,5\nbob\n' 65 ':3: expected 2 fields, found 1'
	[ "$(out | head -c -1 | kinds)" = 'jt/pay/1 ' ]
	[ "$(out | tail -c 1 | od -An -tx1)" = ' c1' ]
	bad 'to,amount\nalice,5,\n' 65 ':2: expected 2 fields, found 3'
	bad 'to,amount\nalice,5\n\nbob,x\n' 65 ':4: amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "x"'
	bad 'to,amount\n"ali\nce",5\n' 65 ':2: to: ali?ce: not an address (no j first), and no file ali?ce.pub'
	bad 'to,amount\nalice,"5\n' 65 ':2: a quoted field does not end'
	bad 'to,amount\nalice,5"\n' 65 ':2: a quote inside a field that is not quoted'
	bad 'to,amount\n"alice"x,5\n' 65 ':2: text behind a quoted field'
	bad 'to,amount\nalice,\377\n' 65 ':2: text is not UTF-8'
	# No two rows have one number of a sender's, whether it was given or found.
	bad 'to,amount,seq\nbob,1,\nbob,2,1\n' 65 ":3: seq: a row before has this account's 1"
	bad 'to,amount,seq\nbob,1,99\nbob,2,99\n' 65 ":3: seq: a row before has this account's 99"
	bad 'from,to,amount,seq\nalice,bob,1,5\nbob,alice,1,5\nalice,bob,1,5\n' 65 \
	    ":4: seq: a row before has this account's 5"
	bad 'from,to,amount\nalice,bob,5\n' 1 ':2: from: no such account in ledger 0'
	check 66 'jt-tx: nowhere: No such file or directory' jt-tx pay -c nowhere from=net/bank
	check 65 'jt-tx: stdin:2: amount: expected more than 0' \
	    sh -c "printf 'to,amount\nalice,0\n' | jt-tx pay -c - from=net/bank"
	# With -o there is no file at all.
	# A name ends where the cell ends, not where C thinks.
	printf 'to,amount\nalice\000x,5\n' >p.csv
	check 65 'jt-tx: p.csv:2: to: a name with a zero byte' jt-tx pay -c p.csv from=net/bank
	printf 'to,amount\nalice,5\nbob,x\n' >p.csv
	check 65 'jt-tx: p.csv:3: amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "x"' \
	    jt-tx pay -c p.csv -o txs from=net/bank
	[ ! -e txs ]
	# Nothing of a stream that broke off is closed.
	check 65 'jt-tx: p.csv:3: amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "x"
jt-sign: stdin:#2: offset 0: no object begins here, its writer had to stop
jt-close: stdin:#2: offset 0: no object begins here, its writer had to stop' \
	    sh -c 'jt-tx pay -c p.csv from=net/bank | jt-sign -k net/bank.key | jt-close'
	check 1 'jt-get: no account alice in ledger 0' jt-get account alice
}

@test "several signatures, in a pipe and joined" {
	network
	pay net/bank alice 100 | jt-close >/dev/null
	jt-tx set from=alice signers=bob:1,net/bank:1 quorum=2 flags=no-master | jt-sign -k alice.key |
		jt-close >/dev/null
	[ "$(jt-get account alice | field quorum)" = 2 ]
	check 0 '' jt-tx pay from=alice to=bob amount=5
	out >tx
	[ "$(field fee <tx)" = 0.00002 ]
	jt-sign -k bob.key tx >one
	jt-sign -k net/bank.key tx >two
	check 1 "jt-close: refused $(jt-id tx): no-quorum: weight: 1, the quorum is 2
jt-close: nothing admissible: no ledger closed" jt-close one
	jt-sign -k alice.key tx >three
	check 1 "jt-close: refused $(jt-id tx): not-authorised: $(jt-id alice.pub) does not sign for the sender
jt-close: nothing admissible: no ledger closed" jt-close three
	check 0 '' sh -c 'jt-merge one two | jt-verify | jt-close -k net/v1/validator.key'
	[ "$(balance bob)" = 5 ]
	# The pipe gives the same bytes as the two made apart.
	cmp <(jt-merge two one) <(jt-sign -k bob.key tx | jt-sign -k net/bank.key)
}
