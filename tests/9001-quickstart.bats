#!/usr/bin/env bats
# examples/quickstart on spreadsheets of all sorts, on the payments of real
# ledgers, and when something goes wrong. Outside of the sources, so that it
# runs this build and does not build.
load lib.bash

load ledger.bash
load net.bash

setup() {
	lib_setup
	cp "$JT_SRC/examples/quickstart" .
	export TMPDIR=$BATS_TEST_TMPDIR
}

# Without a socket, where that can be shown.
offline() {
	if [ -x "$JT_BUILD/tests/nosocket" ]; then
		"$JT_BUILD/tests/nosocket" "$@"
	else
		"$@"
	fi
}

# gone DIR: no program is left of it.
gone() {
	check 1 '' jt-status "$1"/net/v?
}

# finished DIR PAYMENTS ACCOUNTS: the work in DIR came to its end.
finished() {
	local dir=$1 n payments=0
	[ "$(out | sed -n '3s/ in [0-9]* ledgers, / /; 3s/: [0-9.]* seconds, [0-9]* payments.s$//p')" = \
	    "$2 payments of $3 accounts $2 proofs" ]
	[ "$(out | tail -n 1)" = "files: $dir" ]
	# Every payment is proven, with what was mailed and without a socket.
	(cd "$dir/to-mail" && offline jt-check -N network.jt payments.jtp >../again)
	cmp "$dir/checked" "$dir/again"
	[ "$(grep -c ' was applied' "$dir/again")" -eq "$2" ]
	# All validators hold the same ledgers, certified; their accounts are all there.
	for n in 1 2 3 4; do
		jt-get -d "$dir/net/v$n" -o "$dir/ledgers.$n" ledgers
		[ "$(jt-id "$dir/ledgers.$n")" = "$(jt-id "$dir/ledgers.1")" ]
		[ "$(jt-get -d "$dir/net/v$n" -j accounts | wc -l)" -eq $(($3 + 1)) ]
		jt-replay -d "$dir/net/v$n" >/dev/null
	done
	jt-check -N "$dir/net/network.jt" -j "$dir/ledgers.1" >"$dir/headers"
	payments=$(sed 's/.*"transactions":"\([0-9]*\)".*/\1/' "$dir/headers" | tail -n +2 |
		awk '{ n += $1 } END { print n }')
	[ "$payments" -eq $(($2 + $3)) ]
	gone "$dir"
	# The tampered proof is the good one but for one byte, and is refused.
	[ "$(cmp -l "$dir/one.jtp" "$dir/tampered.jtp" | wc -l)" -eq 1 ]
	check 0 '' jt-check -N "$dir/net/network.jt" "$dir/one.jtp"
	check 1 "jt-check: $dir/tampered.jtp:#1: not proven: path: does not lead to the ledger's transactions" \
	    jt-check -N "$dir/net/network.jt" "$dir/tampered.jtp"
	[ -z "$(find "$dir" -name '*.key' ! -perm 600)" ]
}

@test "names with quotes, commas and accents, line ends of both kinds, blank lines" {
	printf '%s\r\n' 'from,to,amount,memo' '' \
	    'Zoë & Co,"Smith, Jones ""The Best""",12.5,"two' 'lines, ""quoted"""' \
	    '"Smith, Jones ""The Best""",A/S,3,' 'A/S,A S,0.000001,x' '-x,../../etc,5,' >odd.csv
	check 0 '' ./quickstart odd.csv "my work"
	finished "$PWD/my work" 4 6
	[ "$(cut -d , -f 1 "my work/accounts.csv")" = \
	    "$(printf '%s\n' Zoë-Co Smith-Jones-The-Best A-S A-S-2 x etc)" ]
	[ ! -e "my work/etc.key" ]
	cd "my work"
	# By name: 3 came to the 2 it had, a millionth and the fee spent.
	jt-prove -d net/v1 account keys/A-S | jt-check -N net/network.jt |
		grep -q ' has 4.999989 SWT'
	grep -q 'memo "two\\nlines, \\"quoted\\""' checked
}

@test "columns in any order, further fields, a byte order mark, no line end at the end" {
	printf '\357\273\277memo,from,last,amount,to\nx,Ann,20,5,Bob\n"y, z",Ann,,"6",Bob' >bom.csv
	check 0 '' ./quickstart bom.csv work
	finished "$PWD/work" 2 2
	jt-show -1 work/payments.jt >shown
	grep -q ' last: 20, memo: "x",' shown
	grep -q ' last: 10[0-9]*, memo: "y, z",' shown
}

@test "progress on a terminal only" {
	printf 'from,to,amount\nAnn,Bob,5\nBob,Ann,6\nAnn,Bob,7\n' >small.csv
	check 0 '' ./quickstart small.csv work
	"$JT_SRC/tests/terminal" '' ./quickstart small.csv other >shown
	tr '\r' '\n' <shown | grep -q 'building and signing 3 payments'
	# It is wiped: the last lines are the result, and nothing was shown by jt-sign.
	[ "$(tail -n 1 shown)" = "files: $PWD/other" ]
	! grep -q 'kind: jt/pay' shown || false
}

@test "what is no spreadsheet of payments is refused before anything is signed" {
	refused() {
		printf '%b' "$1" >bad.csv
		rm -rf work
		check "$2" "$3
quickstart: stopped, its files are in $PWD/work" ./quickstart bad.csv work
		out_is ''
		[ ! -e work/funds.jt ]
	}
	refused '' 65 "quickstart: $PWD/bad.csv:0: no payment"
	refused 'from,to,amount\n' 65 "quickstart: $PWD/bad.csv:1: no payment"
	refused 'from,to\na,b\n' 65 \
	    "quickstart: $PWD/bad.csv:1: expected the columns from, to and amount, found: from,to"
	refused 'from,to,amount\na,b,1\n\na,b,1,2\n' 65 \
	    "quickstart: $PWD/bad.csv:4: expected 3 cells, found 4"
	refused 'from,to,amount\na,b,1\na,"b,1\n' 65 "quickstart: $PWD/bad.csv:3: a quoted field does not end"
	refused 'from,to,amount\na,"b"x,1\n' 65 "quickstart: $PWD/bad.csv:2: text behind a quoted field"
	refused 'from,to,amount\na,,1\n' 65 "quickstart: $PWD/bad.csv:2: from or to is empty"
	refused 'from,to,amount\na,b,1\na,b,1.5 EUR\n' 65 \
	    'jt-tx: payments.csv:3: amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "1.5 EUR"'
	refused 'from,to,amount\na,a,1\n' 65 'jt-tx: payments.csv:2: to: same account as from'
	refused 'from,to,amount\na,b,0\n' 65 'jt-tx: payments.csv:2: amount: expected more than 0'
	refused 'from,to,amount,colour\na,b,1,red\n' 65 \
	    'jt-tx: payments.csv:1: jt/pay has no field "colour" (jt-tx pay shows them)'
}

@test "no file, and a directory that has a network" {
	check 66 'quickstart: nothing.csv: no such file, or not readable' ./quickstart nothing.csv
	mkdir -p work/net
	printf 'from,to,amount\na,b,1\n' >good.csv
	check 73 'quickstart: work: has a network already; name another directory' \
	    ./quickstart good.csv work
	[ "$(ls work)" = net ]
}

@test "it stops at the first program that fails, and leaves no validator behind" {
	printf 'from,to,amount\nAnn,Bob,5\nAnn,Bob,6\nAnn,Bob,7\n' >small.csv
	mkdir bin
	# The fourth validator does not start.
	printf '%s\n' '#!/bin/sh' "$JT_BUILD/cmd/jt-genesis \"\$@\"" 'echo jbos=2 >net/v4/conf' \
	    >bin/jt-genesis
	chmod +x bin/jt-genesis
	code=0
	PATH=$PWD/bin:$PATH ./quickstart small.csv work >out 2>err || code=$?
	[ "$code" -eq 78 ]
	grep -q '^jt-net: net/v4: does not start, see net/v4/log$' err
	[ "$(tail -n 1 err)" = "quickstart: stopped, its files are in $PWD/work" ]
	gone work
	rm -r work bin/*
	# jt-tx fails behind its first row: what it passed on is marked as broken off.
	printf '%s\n' '#!/bin/sh' 'for list; do' \
	    "case \$list in lists/*) echo keys/Ann,keys/Bob,much >>\$list ;; esac" 'done' \
	    "exec $JT_BUILD/cmd/jt-tx \"\$@\"" >bin/jt-tx
	chmod +x bin/jt-tx
	code=0
	PATH=$PWD/bin:$PATH ./quickstart small.csv work >out 2>err || code=$?
	[ "$code" -eq 65 ]
	[ "$(head -n 1 err)" = 'jt-tx: lists/Ann.csv:5: amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not "much"' ]
	[ "$(tail -n 1 err)" = "quickstart: stopped, its files are in $PWD/work" ]
	[ ! -s out ]
	[ ! -e work/to-mail ]
	gone work
}

@test "stopped by a signal it leaves no validator behind" {
	# While it waits for the ledgers.
	mkdir bin
	printf '#!/bin/sh\necho >>arrived\nexec sleep 1000\n' >bin/jt-submit
	chmod +x bin/jt-submit
	set -m
	PATH=$PWD/bin:$PATH env --default-signal ./quickstart "$JT_SRC/examples/payments.csv" work >out 2>err 3>&- &
	job=$!
	set +m
	until_true test -s work/arrived
	is_up work/net/v3
	kill -INT -- "-$job"
	code=0
	wait "$job" || code=$?
	[ "$code" -eq 130 ]
	[ "$(tail -n 1 err)" = "quickstart: stopped, its files are in $PWD/work" ]
	gone work
}

@test "the native payments of real ledgers" {
	ledgers=${JT_XRPL:-$JT_SRC/../shared/data/xrpl}
	[ -d "$ledgers" ] || skip "no real ledgers in $ledgers (JT_XRPL names them)"
	check 0 '53 payments; left out: 58 of issued tokens, 0 failed' \
	    "$JT_SRC/tests/xrpl-payments" "$ledgers"
	out >real.csv
	# With r and j exchanged their addresses are Jingtum's.
	jt-genesis >/dev/null
	awk '{ print (NR == 1 ? "seq" : NR) "," $0 }' real.csv >numbered.csv
	check 0 '' jt-tx -N net/network.jt -c numbered.csv pay
	out | jt-show -j | wc -l | grep -qx 53
	check 0 '' ./quickstart real.csv work
	finished "$PWD/work" 53 82
	[ "$(grep -c ', amount 888, ' work/checked)" -eq 3 ]
	grep -q ', amount 0.120008, memo "ledger 11119609, ' work/checked
}
