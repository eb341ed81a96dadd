#!/usr/bin/env bats
# A lesson: a network, a payment and its proof, a vote that is drawn, a validator
# that lies, and what a payment did. The lines are those of the manuals, as typed.
load lib.bash
load ledger.bash
load net.bash

@test "a lesson, line by line" {
	jt-net up 4; export JT_DIR=net/v1
	jt-keygen -n alice
	jt-tx pay from=net/bank to=alice amount=100 |
		jt-sign -k net/bank.key | jt-submit > paid.jtp
	check 0 '' jt-check -N net/network.jt paid.jtp
	out | grep -qx 'paid.jtp: proven: in ledger 1 (.*) of network .*net.* (.*), jt/pay .* was applied: .*, amount 100'

	jt-sim -v 4 -r run.jt 7; jt-draw run.jt > run.svg
	jt-draw -m 60 run.jt > at60.svg
	grep -q '</svg>' run.svg
	grep -q '</svg>' at60.svg
	[ "$(wc -c <run.svg)" -gt "$(wc -c <at60.svg)" ]

	echo 'VOTE="jt-liar -f twins"' >> net/v3/conf; jt-net restart 3
	until_true is_up net/v3
	[ "$(cat "/proc/$(cat net/v3/run/vote.pid)/comm")" = jt-liar ]
	# The others go on, and with them who asks them.
	for n in 1 2 3 4 5; do pay alice "$n"; done
	check 0 '' jt-check --applied paid.jtp
	for v in 1 2 4; do until_true has net/v$v alice 115; done

	check 0 '' jt-explain "$(jt-id paid.jtp)"
	out | grep -q alice || out | grep -q "$(jt-id alice.pub)"
	check 0 '' jt-replay
	out_is "$(jt-get ledger | jt-id)"
	check 0 '' jt-net down
	same net/v1 net/v2 net/v4
}
