#!/usr/bin/env bats
# Four validators under load, whose processes are killed (tests/soak).
load lib.bash
load net.bash

@test "tens of kills: equal ledgers, each accepted payment in one of them, no coin lost" {
	export TMPDIR=$BATS_TEST_TMPDIR
	check 0 '' "$JT_SRC/tests/soak" 30 "${JT_SEED:-$RANDOM}"
	out
	# The schedule is the seed's.
	[ "$(out | grep -c '^[0-9]*: after [0-9]* ms v[1-4] ')" -eq 30 ]
}
