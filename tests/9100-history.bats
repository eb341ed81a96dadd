#!/usr/bin/env bats
# Real history: what a real network did with its payments, ours does, too.
load lib.bash

setup() {
	lib_setup
	[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
	ledgers=${JT_XRPL:-$JT_SRC/../shared/data/xrpl}
}

history() {
	"$JT_SRC/tests/xrpl-history" "$@"
}

@test "every balance changes as in the real ledgers, fees included" {
	code=0
	history "$ledgers" >said 2>&1 || code=$?
	[ $code -ne 77 ] || skip "$(cat said) (JT_XRPL names them)"
	cat said
	[ $code -eq 0 ]
	tail -n 1 said | grep -q '^[1-9].* 0 differences$'
	[ ! -e "$ledgers/1021029.json" ] || [ -n "${JT_XRPL:-}" ] ||
		tail -n 1 said | grep -q '^54 transactions of 17 ledgers compared, 107 changes of balances equal, 36 with last; '
}

@test "a balance that differs by a millionth is found, and a sum" {
	[ -e "$ledgers/11119608.json" ] || skip "no real ledgers in $ledgers (JT_XRPL names them)"
	mkdir real
	sed 's/"109853094666"/"109853094667"/' "$ledgers/11119608.json" >real/11119608.json
	grep -q 109853094667 real/11119608.json
	tx=947D27B3E8658CA236B42270552B8A3D8A0191ED8E147199F3C5A59E407E63EC
	check 1 "xrpl-history: ledger 11119608: $tx: r2d2iZiCcJmNL6vhUGFjs8U8BuUq6BnmT: changed by -11000 here, by -10999 there" \
	    history real
	[ "$(out | tail -n 1)" = '2 transactions of 1 ledgers compared, 2 changes of balances equal, 1 with last; 0.026 burned; 1 differences' ]
	# The amount alone, so that it is wrong at both ends.
	sed 's/"Amount": "100000000"/"Amount": "100000001"/' "$ledgers/11119608.json" >real/11119608.json
	code=0
	history real >said 2>told || code=$?
	cat told
	[ $code -eq 1 ]
	[ "$(grep -c ': changed by ' told)" -eq 2 ]
}

@test "no ledgers: one line, and skipped" {
	check 77 '' history nowhere
	out_is 'skipped: nowhere: no ledgers there'
}
