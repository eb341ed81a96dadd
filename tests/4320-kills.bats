#!/usr/bin/env bats
# Voters that are killed, lose their logs and get old ones back never contradict
# themselves. Some kills here, thousands by `make kills`.
load lib.bash

contradictions() {
	"$JT_SRC/tests/inject/contradictions" "$@"
}

# Where nothing waits for a disk: what is tested here is not the disk.
setup() {
	lib_setup
	[ ! -w /dev/shm ] || export WALK_DIR=/dev/shm
}

@test "kill -9 of voters" {
	"$JT_SRC/tests/inject/kill-vote" 14 2>&1
}

@test "kill -9 of voters, and a log is lost" {
	"$JT_SRC/tests/inject/kill-vote" 20 2>&1
}

@test "kill -9 of voters and of their closers" {
	"$JT_SRC/tests/inject/kill-vote" 14 closers 2>&1
}

@test "a contradiction is seen" {
	cat >log <<-'END'
		jt-hub: 1 v1 -> v2: block 0a0a0a0a of v1, round 1
		jt-hub: 2 v1 -> v3: block 0a0a0a0a of v1, round 1
		jt-hub: 3 v1 -> v2: ack 0b0b0b0b of ledger 1
		jt-hub: 4 v2 -> v3: ack 0b0b0b0b of ledger 1
		jt-hub: v1: killed by signal 9, is started again
	END
	[ "$(contradictions log)" = '4 messages, 2 blocks, 2 acknowledgements' ]
	echo 'jt-hub: 5 v2 -> v3: block 0c0c0c0c of v1, round 1' >other
	run contradictions log other
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'contradictions: v1 has two blocks of round 1: 0a0a0a0a and 0c0c0c0c' ]
	echo 'jt-hub: 5 v1 -> v3: ack 0c0c0c0c of ledger 1' >other
	run contradictions log other
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'contradictions: v1 has two acks of ledger 1: 0b0b0b0b and 0c0c0c0c' ]
}

@test "a liar's contradictions are seen, and nobody else has any" {
	jt-genesis -v 4 >id
	jt-keygen -n alice >/dev/null
	for i in 1 2 3 4 5 6; do
		jt-tx -d net/v1 pay from=net/bank to=alice amount="$i" seq="$i" | jt-sign -k net/bank.key
	done >payload
	jt-hub -l -N net/network.jt 'jt-vote -d net/v1' 'jt-vote -d net/v2' 'jt-vote -d net/v3' \
		'jt-liar -f twins -d net/v4' <payload >/dev/null 2>log || code=$?
	# What went to who is found out may be in no cut.
	[ "${code:-0}" -eq 0 ] || [ "$code" -eq 75 ]
	run contradictions log
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == 'contradictions: v4 has two blocks of round '* ]]
	[ "$(grep -c contradictions: <<<"$output")" -eq "$(grep -c 'contradictions: v4 has two blocks' <<<"$output")" ]
}
