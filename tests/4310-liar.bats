#!/usr/bin/env bats
# One of four voters lies: the three others do not care. And the example, which
# has closers behind them.
load lib.bash
load ledger.bash

usage='jt-liar: usage: jt-liar -f FAULT... [-d DIR] [-N FILE] [-k KEY] [-o FILE] [-r FILE] [--pass-fd N] [--ready-fd N] [--state FILE] [--took FILE] [FILE...]'

setup() {
	lib_setup
	network 4
	unset JT_DIR
	export JT_NETWORK=net/network.jt
}

# payments FIRST LAST: signed payments of the bank.
payments() {
	local i
	for ((i = $1; i <= $2; i++)); do
		jt-tx -d net/v1 pay from=net/bank to=alice amount="$i" seq="$i" | jt-sign -k net/bank.key
	done
}

# slowly FILE: its objects, one after the other.
slowly() {
	local line
	jt-show -1 "$1" | while read -r line; do
		jt-pack <<<"$line"
		sleep 0.01
	done
}

# What the honest ones were given: at most every fourth payment is the liar's.
enough_in_cuts() {
	jt-show -j cuts 2>/dev/null | grep jt/pay | jt-pack | jt-id | sort -u >in
	[ "$(wc -l <in)" -ge 22 ]
}

# beside FAULT...: three honest voters and one with these faults get 30 payments.
beside() {
	local words
	words=$(printf -- '-f %s ' "$@")
	: >cuts
	{ slowly pay; until_true enough_in_cuts; } | jt-hub -w 3 --again -l "exec jt-vote -d net/v1" "exec jt-vote -d net/v2" \
	    "exec jt-vote -d net/v3" "exec jt-liar $words -d net/v4" >cuts 2>log || code=$?
}

# What honest voters were given is in cuts, once; a liar's own may be lost.
all_in_cuts() {
	jt-show -j cuts | grep jt/pay | jt-pack | jt-id | sort >in
	[ -z "$(uniq -d in)" ]
	[ "$(wc -l <in)" -ge 22 ]
	if grep 'voters disagree: cut [0-9]* of v[123] is' log; then return 1; fi
}

each_fault() {
	local fault
	payments 1 30 >pay
	for fault in "$@"; do
		rm -rf net
		jt-genesis -v 4 >id
		code=0
		echo "$fault"
		beside "$fault"
		all_in_cuts
		[ "$code" -eq 0 ] || grep -q "payload objects are in no cut" log
	done
}

@test "a liar beside three: it stops" {
	each_fault crash restart
}

@test "a liar beside three: blocks" {
	each_fault twins cones withhold lies badsign
}

@test "a liar beside three: shares, answers, floods" {
	each_fault badshare silent stale flood hello garbage
}

@test "twins are found out" {
	payments 1 30 >pay
	code=0
	beside twins
	grep -q '^jt-vote: v4 made two blocks of round [0-9]*$' log
	grep -q ': evidence against v4, round [0-9]*: [0-9a-f]\{8\} and [0-9a-f]\{8\}' log
}

@test "other cuts for its closer: it stands alone" {
	payments 1 30 >pay
	code=0
	beside badcut
	[ "$code" -eq 1 ]
	all_in_cuts
	grep -qx 'jt-hub: voters disagree: cut 1 of v4 is not that of v[123]' log
}

@test "several at once" {
	payments 1 30 >pay
	code=0
	beside twins badshare flood stale hello garbage badsign
	all_in_cuts
}

@test "usage" {
	check 64 "jt-liar: expected -f FAULT
$usage" jt-liar -d net/v1
	check 64 "jt-liar: no voter's fault is called \"bad\" (jt-liar(1) lists them)
$usage" jt-liar -f bad -d net/v1
	rm net/v1/validator.key
	check 78 'jt-liar: an observer has nothing to lie about: there is no validator.key' \
	    jt-liar -f twins -d net/v1 </dev/null
	# The page lists them all.
	jt-liar -f bad -d net/v1 2>/dev/null || true
	sed -n 's/^\.It Cm \([a-z]*\)$/\1/p' "$JT_SRC/man/jt-liar.1" >listed
	[ "$(wc -l <listed)" -eq 16 ]
	while read -r fault; do
		check 78 'jt-liar: an observer has nothing to lie about: there is no validator.key' \
		    jt-liar -f "$fault" -d net/v1 </dev/null
	done <listed
}

# ---- with closers behind them: examples/voters ----

# example FAULT...: the example with each of them, some at a time.
example() {
	local fault running=0
	unset JT_NETWORK
	# A copy: beside the sources it would build them.
	cp "$JT_SRC/examples/voters" .
	for fault; do
		./voters "$fault" "ex-$fault" >"said-$fault" 2>"told-$fault" &
		running=$((running + 1))
		[ $((running % 4)) -ne 0 ] || wait
	done
	wait
	for fault; do
		grep -q '^30 payments in [0-9]* ledgers, the same ones at v1, v2 and v3, and proven by each$' \
		    "said-$fault" || {
			echo "$fault:"
			cat "said-$fault" "told-$fault"
			return 1
		}
	done
}

@test "four closers: the same certified ledgers" {
	example ''
	check 0 '' cat told-
	out_is ''
}

@test "four closers and a liar: the same certified ledgers at the others" {
	example crash restart twins cones withhold badshare silent lies
}

@test "four closers and a liar: the same again" {
	example stale flood hello badsign garbage badack badbeacon badcut
	# Who hands its closer other cuts stands alone with its ledgers, and stops itself.
	[ -s ex-badcut/net/v4/halt/ledger-1.jt ]
}
