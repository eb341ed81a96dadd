#!/usr/bin/env bats
# CI: a network that is thrown away, for one test; many at once.
load lib.bash
load ledger.bash
load net.bash

setup() {
	lib_setup
	export TMPDIR=$BATS_TEST_TMPDIR
	cat >test.sh <<-'END'
		dir=$(mktemp -d)
		jt-keygen -n "$dir/shop" >"$dir/id"
		jt-tx pay from="$JT_BANK" to="$dir/shop" amount=12.5 | jt-sign -k "$JT_BANK.key" |
			jt-submit -w 600 >"$dir/paid.jtp"
		jt-check --applied "$dir/paid.jtp" >"$dir/words"
		jt-get account "$dir/shop" | jt-show | grep -x '  balance: 12.5'
	END
}

@test "the line as typed; its code is the test's" {
	check 0 '' jt-net run 4 sh -e test.sh
	out_is '  balance: 12.5'
	# Nobody has this account: the answer is no.
	echo 'jt-keygen -n "$dir/none" >/dev/null; jt-get account "$dir/none" 2>/dev/null' >>test.sh
	check 1 '' jt-net run 4 sh -e test.sh
	[ -z "$(find "$TMPDIR" -maxdepth 1 -name 'jt-net.*')" ]
}

@test "jobs beside one another do not meet" {
	for job in 1 2 3 4; do
		jt-net run 4 sh -e test.sh >job.$job 2>&1 3>&- &
		jobs[job]=$!
	done
	for job in 1 2 3 4; do wait "${jobs[job]}"; done
	for job in 1 2 3 4; do [ "$(cat job.$job)" = '  balance: 12.5' ]; done
	[ -z "$(find "$TMPDIR" -maxdepth 1 -name 'jt-net.*')" ]
}
