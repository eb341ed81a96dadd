#!/usr/bin/env bats
# jt-node: six programs that are a validator; what happens when one of them dies.
load lib.bash
load ledger.bash
load net.bash

setup() {
	lib_setup
	jt-genesis >/dev/null
	jt-keygen -n alice >/dev/null
	export JT_DIR=net/v1
}

# node [DIR]: start one here, and wait until clients can come. Its process is $node.
node() {
	mkfifo ready
	jt-node --ready-fd 9 "${1:-net/v1}" 2>>log 9>ready 3>&- &
	node=$!
	read -r <ready
	rm ready
}

# ends CODE: it ends by itself, with this code.
ends() {
	local code=0
	wait "$node" || code=$?
	[ "$code" -eq "$1" ] || { echo "exit code $code, expected $1" >&2; cat log >&2; return 1; }
}

@test "words, directories and configurations that are wrong" {
	usage='jt-node: usage: jt-node [--ready-fd N] [DIR]'
	check 64 "jt-node: no directory: name DIR, or set JT_DIR
$usage" env -u JT_DIR jt-node
	check 64 "jt-node: operand not expected: b
$usage" jt-node a b
	check 64 "jt-node: option --ready-fd needs a number from 1 to 9, not 10
$usage" jt-node --ready-fd 10 net/v1
	check 64 "jt-node: option --ready-fd: descriptor 8 is not open
$usage" jt-node --ready-fd=8 net/v1
	check 66 'jt-node: nowhere: no such directory' jt-node nowhere
	check 66 'jt-node: a?b: no such directory' jt-node $'a\eb'
	mkdir empty
	check 78 'jt-node: empty: no network.jt' jt-node empty
	echo 'jbos=2' >net/v1/conf
	check 78 'jt-node: net/v1/conf: jbos: no such word' jt-node
	echo 'tape=maybe' >net/v1/conf
	check 78 'jt-node: net/v1/conf: tape: expected yes or no, not maybe' jt-node
	for jobs in 0 -1 many; do
		echo "jobs=$jobs" >net/v1/conf
		check 78 "jt-node: net/v1/conf: jobs: expected a number, not $jobs" jt-node
	done
	echo 'CLOSE="no-such-closer -x"' >net/v1/conf
	check 78 'jt-node: no-such-closer: no such program' jt-node
	echo 'peers="' >net/v1/conf
	code=0
	jt-node 2>err || code=$?
	[ "$code" -eq 78 ]
	grep -q '^jt-node: net/v1/conf: ' err
	echo 'log=no/dir' >net/v1/conf
	check 73 'jt-node: net/v1/no/dir: cannot be written' jt-node
	[ ! -e net/v1/run ]
}

@test "a validator starts, takes a payment, and stops in silence" {
	node
	pay alice 100
	check 0 '' jt-check --applied paid.jtp
	[ "$(find net/v1/run -type p -perm 600 | wc -l)" -eq 11 ]
	[ -z "$(find net/v1/run -type p ! -perm 600)" ]
	check 75 'jt-node: net/v1: runs already' jt-node
	check 0 '' jt-status
	kill "$node"
	ends 0
	[ ! -s log ]
	[ "$(ls -A net/v1/run)" = "$(printf 'lock\nversion\nvote.jt')" ]
	[ ! -e net/v1/sock ]
	check 1 '' jt-status
}

# killed PROGRAM...: one after the other is; all begin again, sooner the fewer there were.
killed() {
	local p pid pids
	for p; do
		until_true is_up net/v1
		pids=$(cat net/v1/run/*.pid | grep -vx "$node")
		kill -9 "$(runs net/v1 "$p")"
		for pid in $pids; do until_true is_gone "$pid"; done
		until_true is_up net/v1
		n=$((n + 1))
		pay alice 1
		until_true has net/v1 alice $n
	done
	kill "$node"
	ends 0
}

@test "whichever program is killed, all begin again, and nothing is lost" {
	n=0
	node
	killed vote close check
	node
	killed verify peer listen
	[ "$(grep -c ', begins again in ' log)" -eq 6 ]
	for p in vote close check verify peer listen; do
		grep -q "^jt-node: net/v1: ended (.*$p with 137" log
	done
	[ "$(jt-replay | wc -l)" -eq 1 ]
}

@test "killed itself, it leaves nobody, and begins where it was" {
	node
	pay alice 5
	pids=$(cat net/v1/run/*.pid)
	# Somebody who only looks, also at the lock, and one with the script's name.
	mkfifo idle
	exec 5<>idle
	(cd net/v1 && exec jt-show) <&5 >seen 3>&- 4<net/v1/run/lock &
	other=$!
	printf '#!/bin/sh\nread -r _\n' >jt-node-two
	chmod +x jt-node-two
	(cd net/v1 && exec ../../jt-node-two) <&5 3>&- &
	two=$!
	until_true grep -q jt-node-two "/proc/$two/comm"
	kill -9 "$node"
	ends 137
	for pid in $pids; do until_true is_gone "$pid"; done
	: >log
	node
	for pid in $other $two; do
		if is_gone "$pid"; then return 1; fi
		kill "$pid"
	done
	pay alice 6
	has net/v1 alice 11
	kill "$node"
	ends 0
}

@test "killed while it starts, it leaves its place to the next one" {
	# The vote never opens a pipe, so that others wait for it.
	printf '#!/bin/sh\nexec sleep 1000\n' >idle
	chmod +x idle
	echo "VOTE=$PWD/idle tape=yes" >net/v1/conf
	jt-node net/v1 2>log 3>&- &
	node=$!
	until_true test -s net/v1/run/listen.pid
	pids=$(cat net/v1/run/*.pid)
	kill -9 "$node"
	ends 137
	until_true flock -n -s net/v1/run/lock true
	rm net/v1/conf
	node
	for pid in $pids; do until_true is_gone "$pid"; done
	pay alice 5
	kill "$node"
	ends 0
}

@test "what another start would not mend is not started again" {
	for code in 64 65 77 78; do
		printf '#!/bin/sh\nexit %s\n' $code >wrong
		chmod +x wrong
		echo "CLOSE=$PWD/wrong" >net/v1/conf
		check $code "jt-node: net/v1: close ended with $code, which another start would not mend" \
			sh -c 'jt-node 2>&1 | grep "^jt-node" >&2; exit '$code
		got=0
		jt-node 2>/dev/null || got=$?
		[ "$got" -eq $code ]
	done
	rm net/v1/conf
	mkdir net/v1/halt
	check 1 'jt-node: net/v1: halted; the evidence is in net/v1/halt' jt-node
}

@test "what may mend itself is, with pauses that grow" {
	printf '#!/bin/sh\necho >>%q\nexit 75\n' "$PWD/tries" >busy
	chmod +x busy
	echo "CLOSE=$PWD/busy" >net/v1/conf
	jt-node 2>log 3>&- &
	node=$!
	# On a machine so busy that one of them lasts ten seconds, it is 0 again.
	grow() { sed -n 's/.*begins again in \(.*\) s$/\1/p' log | tr '\n' ' ' | grep -q '0 1 3 '; }
	until_true grow
	kill "$node"
	ends 0
}

@test "a directory with blanks and a long name" {
	deep=$PWD/$(printf '%060d/a b/%060d' 0 0)
	mkdir -p "${deep%/*}"
	mv net "$deep"
	JT_DIR=$deep/v1
	node "$deep/v1"
	jt-tx pay from="$deep/bank" to=alice amount=3 | jt-sign -k "$deep/bank.key" >pay.jt
	check 0 '' jt-submit -w 600 -o paid.jtp pay.jt
	has "$deep/v1" alice 3
	kill "$node"
	ends 0
	[ ! -s log ]
}

@test "a tape of every pipe" {
	echo 'tape=yes log=said' >net/v1/conf
	node
	pay alice 7
	# A tape may be written a moment after the pipe.
	holds() { [ "$(jt-show -1 "net/v1/tape/1/$1" | grep -c "$2")" -eq 1 ]; }
	for p in a b c; do until_true holds $p jt/pay; done
	until_true holds f jt/result
	[ -z "$(find net/v1/run -type p ! -perm 600)" ]
	kill "$node"
	ends 0
	[ ! -s log ]
	[ ! -s net/v1/said ]
	[ "$(ls net/v1/tape/1 | tr -d '\n')" = abcdefklmr ]
	node
	until_true test -e net/v1/tape/2/a
	kill "$node"
	ends 0
}

@test "an observer closes the same ledgers, answers queries, and takes nothing" {
	jt-keygen -n --role link watch >/dev/null
	mkdir seer
	cp net/network.jt seer
	mv watch.key seer/link.key
	cp watch.pub net/v1
	echo 'peers=./watch' >net/v1/conf
	echo 'peers=v1@../net/v1/run/peer' >seer/conf
	node
	validator=$node
	node seer
	pay alice 9
	until_true has seer alice 9
	check 0 '' jt-status seer
	jt-tx pay from=net/bank to=alice amount=1 | jt-sign -k net/bank.key >pay.jt
	not_final pay.jt 'busy: the vote is behind' -s seer/sock
	until_true same net/v1 seer
	kill "$node"
	ends 0
	node=$validator
	kill "$node"
	ends 0
	is_silent log
}
