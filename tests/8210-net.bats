#!/usr/bin/env bats
# jt-net: networks on this machine; some of their validators fail.
load lib.bash
load ledger.bash
load net.bash
load fault.bash

setup() {
	lib_setup
	export TMPDIR=$BATS_TEST_TMPDIR
	jt-keygen -n alice >/dev/null
	export JT_DIR=net/v1
}

@test "words that are wrong, networks that are not there" {
	usage=$(jt-net 2>&1 | sed -n 2p)
	[ "$usage" = 'jt-net: usage: jt-net up [N | YAML [DIR]] | jt-net down | status [DIR] | jt-net kill | restart I [DIR] | jt-net run N | YAML COMMAND...' ]
	check 64 "jt-net: expected up, down, status, kill, restart or run
$usage" jt-net
	check 64 "jt-net: expected up, down, status, kill, restart or run, not stop
$usage" jt-net stop
	check 64 "jt-net: operand not expected: c
$usage" jt-net up a b c
	check 64 "jt-net: expected N or a file, and a command
$usage" jt-net run 4
	check 64 "jt-net: expected the number of a validator
$usage" jt-net kill
	for word in down status 'kill 1' 'restart 1'; do
		# shellcheck disable=SC2086
		check 66 'jt-net: net: no network; jt-net up makes one' jt-net $word
	done
	mkdir net
	check 73 'jt-net: net: exists, and is no network' jt-net up
	rmdir net
	check 66 'jt-genesis: none.yaml: No such file or directory' jt-net up none.yaml
	[ "$(files)" = "$(printf '600 alice.key\n644 alice.pub')" ]
}

@test "up, a payment, down; up again goes on; each is silent" {
	check 0 '' jt-net up 4
	out_is ''
	pay alice 100
	check 0 '' jt-net up
	check 73 'jt-net: net: a network of 4 validators, not of 3' jt-net up 3
	check 0 '' jt-net status
	check 64 "$(printf 'jt-net: expected the number of a validator, not x\n'; jt-net 2>&1 | sed -n 2p)" \
		jt-net kill x
	check 66 'jt-net: net: no validator 5' jt-net kill 5
	check 0 '' jt-net down
	check 1 '' jt-net status
	check 0 '' jt-net down
	check 1 'jt-net: net/v2: does not run' jt-net kill 2
	check 0 '' jt-net up
	pay alice 11
	for v in 1 2 3 4; do until_true has net/v$v alice 111; done
	check 0 '' jt-net down
	same net/v1 net/v2 net/v3 net/v4
	is_silent net/v?/log
}

# drawn DIR N: the drawing of its vote has the leader that ended ledger N.
drawn() {
	jt-draw -d "$1" --text | grep -q "; ends ledger $2\$"
}

@test "the vote is drawn while it goes on" {
	jt-net up 4
	check 0 '' jt-draw -d net/v3 --text
	out_is '4 validators; after 0 of 0 messages; as known to v3
round  v1    v2    v3    v4    leader'
	pay alice 1
	check 0 '' jt-draw -d net/v1 --text
	[[ "$(out | head -n 1)" = '4 validators; after '*' messages; as known to v1' ]]
	# Which rule commits whom is up to who was heard in time.
	out | grep -q '^ *[0-9]*  .* committed [0-9a-f]*: '
	out | grep -q '; ends ledger 1$'
	check 0 '' jt-draw -d net/v2 -o live.svg
	grep -q '</svg>' live.svg
	# The newest rounds, and no others.
	for i in {1..11}; do pay alice $i; done
	check 0 '' jt-draw -d net/v1 --text
	[ "$(out | sed -n '3s/^ *\([0-9]*\) .*/\1/p')" -gt 1 ]
	[ "$(out | wc -l)" -eq 50 ]
	out | grep -q '; ends ledger 12$'
	# Who lost its log begins the second segment when it is found, with a mark.
	check 0 '' jt-net kill 3
	rm -r net/v3/vote
	check 0 '' jt-net restart 3
	until_true test -s net/v3/vote/0000000002.jt
	until_true sh -c "jt-status -j net/v3 | grep -q '\"lost\":false'"
	pay alice 12
	until_true drawn net/v3 13
	check 0 '' jt-draw -d net/v3 --text
	jt-net down
	check 64 "jt-draw: expected one run
jt-draw: usage: jt-draw [-d DIR | RUN] [-m N] [--view N] [--dot | --text] [-o FILE]" jt-draw -d net/v1 run
	check 78 'jt-draw: no network file: none/network.jt or $JT_NETWORK' jt-draw -d none
	mkdir bare
	cp net/network.jt bare
	check 66 'jt-draw: bare/vote: holds no log of a vote' jt-draw -d bare
}

@test "an idle network closes no ledgers" {
	jt-net up 4
	pay alice 1
	before=$(number net/v1)
	sleep 2
	[ "$(number net/v1)" -eq "$before" ]
	[ "$before" -eq 1 ]
	jt-net down
}

@test "a clock that is set back by an hour stops nothing" {
	need_faults
	echo 3600 >clock
	with_clock "$PWD/clock" jt-net up 1
	pay alice 1
	echo 0 >clock.new
	mv clock.new clock
	pay alice 2
	has net/v1 alice 3
	check 0 '' jt-net down
	is_silent net/v1/log
}

@test "with f of 3f+1 dead it goes on; with one more it stands still, and goes on by itself" {
	jt-net up 4
	pay alice 1
	check 0 '' jt-net kill 4
	pay alice 2
	check 0 '' jt-net kill 3
	# In no ledger, whether a voter has room for it in its block of the round or not.
	jt-tx pay from=net/bank to=alice amount=4 | jt-sign -k net/bank.key >stuck.jt
	not_yet stuck.jt jt-submit -w 1 stuck.jt
	has net/v1 alice 3
	check 0 '' jt-net restart 3
	check 0 '' jt-submit -w 600 -o stuck.jtp stuck.jt
	check 0 '' jt-net restart 4
	for v in 1 2 3 4; do until_true has net/v$v alice 7; done
	until_true same net/v1 net/v2 net/v3 net/v4
	jt-net down
}

@test "all killed at once: nothing that was accepted is lost" {
	jt-net up 4
	jt-tx -c <(echo to,amount; for i in {1..40}; do echo "alice,$i"; done) pay from=net/bank |
		jt-sign -k net/bank.key >pays.jt
	check 0 '' jt-submit -w 0 pays.jt
	for v in 1 2 3 4; do jt-net kill $v; done
	check 0 '' jt-net up
	for v in 1 2 3 4; do until_true has net/v$v alice 820; done
	check 0 '' jt-submit -w 600 -o pays.jtp pays.jt
	check 0 '' jt-check --applied pays.jtp
	[ "$(out | wc -l)" -eq 40 ]
	jt-net down
	same net/v1 net/v2 net/v3 net/v4
}

@test "run: a network for one command, and its code; two beside one another" {
	cat >test.sh <<-'END'
		mkdir "$1"
		cd "$1"
		jt-keygen -n bob >id
		[ "$JT_NETWORK" = "${JT_DIR%/v1}/network.jt" ]
		jt-tx pay from="$JT_BANK" to=bob amount=8 | jt-sign -k "$JT_BANK.key" | jt-submit -w 600 >bob.jtp
		jt-check --applied bob.jtp
		cat
	END
	echo hello | jt-net run 4 sh -e test.sh one >one.out 3>&- &
	one=$!
	echo hello | jt-net run 1 sh -e test.sh two >two.out 3>&- &
	wait "$one"
	wait $!
	for n in one two; do
		[ "$(wc -l <$n.out)" -eq 2 ]
		[ "$(tail -n 1 $n.out)" = hello ]
	done
	check 7 '' jt-net run 1 sh -c 'exit 7'
	check 0 '' jt-net run 1 jt-net run 1 true
	check 127 'env: '"'no-such-program'"': No such file or directory' jt-net run 1 no-such-program
	[ -z "$(find "$TMPDIR" -maxdepth 1 -name 'jt-net.*')" ]
}

@test "run: a signal ends it, and what it made" {
	set -m
	jt-net run 2 sh -c 'echo $JT_DIR >where; sleep 1000' 3>&- &
	job=$!
	set +m
	until_true test -s where
	pid=$(cat "$(cat where)/run/node.pid")
	kill -TERM -- "-$job"
	code=0
	wait "$job" || code=$?
	[ "$code" -eq 143 ]
	until_true is_gone "$pid"
	[ -z "$(find "$TMPDIR" -maxdepth 1 -name 'jt-net.*')" ]
}

@test "run: what the command has started again ends before its directory goes" {
	check 0 '' jt-net run 1 sh -ec 'jt-net restart 1 "${JT_DIR%/v1}"
		cat "$JT_DIR/run/node.pid" >pid
		ln "$JT_DIR/log" log'
	until_true is_gone "$(cat pid)"
	[ ! -s log ]
}

# nobody: no program is left of a network that was for a while.
nobody() {
	local proc
	for proc in /proc/[0-9]*; do
		case $(readlink "$proc/cwd") in "$TMPDIR"/jt-net.*) return 1 ;; esac
	done
} 2>/dev/null

@test "run: stopped at any moment, it leaves nothing behind" {
	seed=${JT_SEED:-$RANDOM}
	echo "seed $seed"
	RANDOM=$seed
	for i in {1..8}; do
		jt-net run 2 true 2>>said 3>&- &
		sleep "0.$(printf %03d $((RANDOM % 250)))"
		kill $! || true
		wait $! || true
		until_true nobody
		[ -z "$(find "$TMPDIR" -maxdepth 1 -name 'jt-net.*')" ]
	done
}

@test "a network from a file, in a directory with blanks" {
	printf 'name: fabmetal\nvalidators: 2\n' >net.yaml
	check 0 '' jt-net up net.yaml 'my net'
	jt-tx -d 'my net/v2' pay from='my net/bank' to=alice amount=2 | jt-sign -k 'my net/bank.key' >pay.jt
	check 0 '' jt-submit -d 'my net/v1' -w 600 -o paid.jtp pay.jt
	check 0 '' jt-check -N 'my net/network.jt' paid.jtp
	out | grep -q 'of network "*fabmetal"* '
	check 0 '' jt-net down 'my net'
}

@test "another user's network is neither stopped nor said to be down" {
	as='setpriv --reuid=65534 --regid=65534 --clear-groups'
	# shellcheck disable=SC2086 # words, here and below
	[ "$(id -u)" -eq 0 ] && $as jt-net --version || skip "not root, or nobody cannot run the programs"
	jt-genesis -v 1 >/dev/null
	mkdir net/v1/run
	(
		exec 5>net/v1/run/lock
		flock 5
		echo $BASHPID >net/v1/run/node.pid
		exec sleep 1000
	) 3>&- &
	holder=$!
	until_true test -s net/v1/run/node.pid
	for word in down 'kill 1' 'restart 1'; do
		chmod 755 net/v1
		check 77 "jt-net: net/v1: process $holder is another user's" timeout 600 $as jt-net $word
		chmod 700 net/v1
		check 77 'jt-net: net/v1: Permission denied' timeout 600 $as jt-net $word
	done
	kill $holder
}

@test "one whose address is taken is named, and stopped" {
	jt-genesis -v 2 >/dev/null
	/usr/bin/python3 -c '
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
time.sleep(3600)' >port 3>&- &
	holder=$!
	until_true grep -q . port
	for word in client peer; do
		printf 'peers=v1@../v1/run/peer\n%s=127.0.0.1:%s\n' $word "$(cat port)" >net/v2/conf
		[ $word = client ] && who=jt-listen || who=jt-peer
		check 75 "$who: 127.0.0.1:$(cat port): somebody listens there
jt-net: net/v2: does not start, see net/v2/log" jt-net up
		check 1 '' jt-status net/v2
	done
	check 0 '' jt-status net/v1
	kill $holder
	wait $holder || true
	check 0 '' jt-net up
	pay alice 1
	jt-net down
}

@test "one that ends again and again is named" {
	jt-genesis -v 2 >/dev/null
	printf '#!/bin/sh\necho no luck >&2\nexit 75\n' >net/unlucky
	chmod +x net/unlucky
	echo 'CLOSE=../unlucky' >net/v2/conf
	rm -r net/v2/ledger
	code=0
	jt-net up >said 2>&1 || code=$?
	[ $code -eq 75 ]
	[ "$(tail -n 1 said)" = 'jt-net: net/v2: does not start, see net/v2/log' ]
	[ "$(grep -c '^jt-node: net/v2: ended (.*close with 75.*), begins again in ' net/v2/log)" -ge 5 ]
	check 1 '' jt-status net/v2
	jt-net down
}

@test "one that does not start is named, with what it said" {
	jt-genesis -v 2 >/dev/null
	echo jbos=2 >net/v2/conf
	check 78 'jt-node: net/v2/conf: jbos: no such word
jt-net: net/v2: does not start, see net/v2/log' jt-net up
	check 1 '' jt-net status
	# Its neighbours, which end with it, may be told of, too.
	echo 'client=:no-port' >net/v2/conf
	code=0
	jt-net up 2>said || code=$?
	[ "$code" -eq 64 ]
	grep -q '^jt-listen: :no-port: ' said
	grep -q '^jt-node: net/v2: listen ended with 64, ' said
	rm net/v2/conf
	check 0 '' jt-net up
	pay alice 1
	jt-net down
}
