#!/usr/bin/env bats
# jt-node under systemd, runit and s6: examples/, as far as they can run without them.
load lib.bash
load ledger.bash
load net.bash

setup() {
	lib_setup
	cp -R "$JT_SRC"/examples/systemd "$JT_SRC"/examples/runit "$JT_SRC"/examples/s6 .
	jt-genesis >/dev/null
	jt-keygen -n alice >/dev/null
	unset JT_USER
}

# What another start would not mend, as the manual has it.
codes='1 64 65 66 73 77 78'

@test "systemd: the unit is good, and stays down where another start would not mend it" {
	grep -qx "RestartPreventExitStatus=$codes" systemd/jt-node@.service
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	mkdir unit
	sed "s|^ExecStart=[^ ]*|ExecStart=$JT_BUILD/cmd/jt-node|" systemd/jt-node@.service \
	    >unit/jt-node@srv-jt.service
	check 0 '' systemd-analyze verify --man=no "$PWD/unit/jt-node@srv-jt.service"
}

# runs_under NAME: its run script, from the folder that the supervisor is in, is a
# validator, which ends when it is told to, and what it says is on stdout.
runs_under() {
	local run
	mkfifo ready
	(cd "$1" && JT_DIR=../net/v1 exec ./run) 3>ready >said 2>&3 &
	run=$!
	if [ "$1" = s6 ]; then
		read -r <ready
	else
		cat ready >errors 3>&- &
		until_true is_up net/v1
	fi
	JT_DIR=net/v1 pay alice 5
	kill "$run"
	wait "$run"
	check 1 '' jt-status net/v1
	[ ! -s said ]
}

@test "runit: run and finish" {
	runs_under runit
	[ ! -s errors ]
	JT_DIR=none check 66 '' sh runit/run
	out_is 'jt-node: none: no such directory'
	mkdir bin
	printf '#!/bin/sh\necho "sv $*"\n' >bin/sv
	chmod +x bin/sv
	for code in $codes; do
		PATH=$PWD/bin:$PATH check 0 '' runit/finish "$code" 0
		out_is "jt-node: stays down, it ended with $code
sv down $PWD"
	done
	for code in 0 70 75 -1; do
		check 0 '' runit/finish $code 15
		out_is ''
	done
}

@test "s6: run, which says when it is ready, and finish" {
	[ "$(cat s6/notification-fd)" = 3 ]
	runs_under s6
	for code in $codes; do
		check 125 '' s6/finish "$code" 0
		out_is "jt-node: stays down, it ended with $code"
	done
	for code in 0 70 75 256; do
		check 0 '' s6/finish $code 15
		out_is ''
	done
}
