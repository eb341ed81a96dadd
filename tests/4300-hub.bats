#!/usr/bin/env bats
# Real voters joined by jt-hub.
load lib.bash
load ledger.bash

setup() {
	lib_setup
	network 4
	unset JT_DIR
	export JT_NETWORK=net/network.jt
}

# v I: the command of a voter.
v() {
	echo "exec jt-vote -d net/v$1"
}

# payments FIRST LAST: signed payments of the bank.
payments() {
	local i
	for ((i = $1; i <= $2; i++)); do
		jt-tx -d net/v1 pay from=net/bank to=alice amount="$i" seq="$i" | jt-sign -k net/bank.key
	done
}

# hub WORD...: jt-hub with these options and four voters.
hub() {
	jt-hub "$@" "$(v 1)" "$(v 2)" "$(v 3)" "$(v 4)"
}

@test "four voters: all payload is in cuts, once" {
	payments 1 10 >pay
	check 0 '' hub <pay
	out >cuts
	jt-show -j cuts | grep jt/pay | jt-pack | jt-id | sort >in
	jt-id pay | sort | diff - in
	# Any closer takes them, and ends where they end.
	jt-close -d net/v1 --voted cuts >closed
	[ "$(jt-show -j closed | tail -n 1 | grep -o '"cut":"[0-9]*"')" = \
	    "$(jt-show -j cuts | grep jt/cut | tail -n 1 | grep -o '"n":"[0-9]*"' | sed 's/n/cut/')" ]
	[ "$(JT_DIR=net/v1 balance alice)" = 55 ]
}

@test "--took: what voters have taken" {
	payments 1 6 >pay
	check 0 '' hub --took took <pay
	jt-show -j took | grep -o '"id":"[0-9a-f]*"' | cut -d '"' -f 4 | sort >ids
	jt-id pay | sort | diff - ids
}

@test "an only voter, and none that is called so" {
	unset JT_NETWORK
	jt-genesis -v 1 -o one >id
	jt-tx -d one/v1 pay from=one/bank to=alice amount=3 seq=1 | jt-sign -k one/bank.key >pay
	check 0 '' jt-hub -N one/network.jt 'exec jt-vote -d one/v1' <pay
	[ "$(out | kinds)" = 'jt/part/1 jt/pay/1 jt/cut/1 ' ]
	check 0 'jt-hub: v4: no validator of the network is called so' \
	    jt-hub -N one/network.jt "$(v 4)" </dev/null
}

@test "-l tells of each message" {
	payments 1 1 >pay
	hub -l <pay >cuts 2>log
	[ "$(grep -vc '^jt-hub: [0-9]* v[1-4] -> v[1-4]: ' log)" -eq 0 ]
	# Numbers count up.
	awk '{ if ($2 != ++n) exit 1 }' log
	grep -q ' v1 -> v2: hello at round 0, ledger 0$' log
	grep -q ' v1 -> v[2-4]: block [0-9a-f]\{8\} of v1 round 1\(, 1 item\)\{0,1\}$' log
	# Without the network file it does not know their names.
	unset JT_NETWORK
	rm log
	until_true grep -q ': block ' log | hub -l >more 2>log
	grep -q ': block [0-9a-f]\{8\} of author [1-4] round [0-9]*' log
}

@test "-r records what jt-draw draws" {
	payments 1 5 >pay
	hub -r run <pay >cuts
	jt-show -j run | grep -o '"what":"[a-z]*"' | sort -u | tr '\n' ' ' >what
	[ "$(cat what)" = '"what":"block" "what":"coin" "what":"cut" "what":"decide" "what":"receive" ' ]
	jt-draw --text run >text
	head -n 1 text | grep -q '^4 validators; after [0-9]* of [0-9]* messages; as known to anybody$'
	# The cuts that it drew are those that came out, by leader.
	jt-show -j cuts | grep jt/cut | grep -o '"leader":"[0-9a-f]*"' | cut -d '"' -f 4 >leaders
	jt-show -j run | grep '"what":"cut"' | grep '"to":"1"' | grep -o '"ref":"[0-9a-f]*"' |
	    cut -d '"' -f 4 | diff leaders -
	for viewer in 1 2 3 4; do
		jt-draw --view $viewer --text run | grep -c 'ends ledger'
	done | sort -u >counts
	[ "$(cat counts)" = "$(wc -l <leaders)" ]
	check 78 'jt-hub: no network file: -N FILE, DIR/network.jt or $JT_NETWORK' \
	    env -u JT_NETWORK jt-hub -r run "$(v 1)"
}

# in_cuts COUNT: are so many payments, at least, in cuts so far?
in_cuts() {
	[ "$(jt-show -j cuts 2>/dev/null | grep -c jt/pay)" -ge "$1" ]
}

@test "a voter that is killed is told of, and the others go on" {
	payments 1 4 >pay
	payments 5 8 >more
	# Nothing is with it alone when it dies, and nothing is given to it afterwards.
	feed() {
		cat pay
		until_true in_cuts 4
		until_true grep -q ' v4 -> ' err
		kill -9 "$(cat v4.pid)"
		until_true grep -q killed err
		cat more
	}
	feed | jt-hub -l "$(v 1)" "$(v 2)" "$(v 3)" 'echo $$ >v4.pid; exec jt-vote -d net/v4' \
	    >cuts 2>err
	[ "$(grep -v ' -> ' err)" = 'jt-hub: v4: killed by signal 9' ]
	in_cuts 8
	# When it is back it hears of all.
	rm cuts
	until_true in_cuts 8 | hub >cuts 2>err
	[ ! -s err ]
	in_cuts 8
}

@test "a voter that ended with an error leaves its code" {
	payments 1 3 >pay
	check 65 'jt-hub: command 4: ended with 65' jt-hub "$(v 1)" "$(v 2)" "$(v 3)" 'exit 65' <pay
	[ "$(out | jt-show -j | grep -c jt/pay)" -eq 3 ]
	jt-hub "$(v 1)" "$(v 2)" "$(v 3)" 'exec jt-no-such' <pay >cuts 2>err || code=$?
	[ "$code" -eq 66 ]
	grep -qx 'jt-hub: command 4: ended with 127' err
}

@test "a voter that is stopped does not stop the others, and follows later" {
	payments 1 3 >pay
	payments 4 8 >more
	# What v4 has taken before is in a cut, or will be.
	feed() {
		until_true test -s v4.pid
		cat pay
		kill -STOP "$(cat v4.pid)"
		cat more
		until_true in_cuts 5
		kill -CONT "$(cat v4.pid)"
	}
	feed | jt-hub "$(v 1)" "$(v 2)" "$(v 3)" 'echo $$ >v4.pid; exec jt-vote -d net/v4' \
	    >cuts 2>err
	[ ! -s err ]
	in_cuts 8
}

@test "too few voters: payload is in no cut" {
	payments 1 3 >pay
	check 75 'jt-hub: 3 of 3 payload objects are in no cut' jt-hub -w 1 "$(v 1)" "$(v 2)" <pay
	out_is ''
}

@test "--again: a voter that was killed is started again" {
	payments 1 20 >pay
	feed() {
		local i
		for ((i = 0; i < 20; i++)); do
			jt-show -1 pay | sed -n "$((i + 1))p" | jt-pack
			[ $((i % 5)) -eq 4 ] || continue
			until_true grep -q ' v2 -> ' err
			until_true test -s v2.pid
			pid=$(cat v2.pid)
			rm v2.pid
			sleep 0.1
			kill -9 "$pid"
		done
	}
	# What it was given and had not read when it died is in no cut.
	code=0
	feed | jt-hub --again -l --took took "$(v 1)" 'echo $$ >v2.pid; exec jt-vote -d net/v2' \
	    "$(v 3)" "$(v 4)" >cuts 2>err || code=$?
	[ "$code" -eq 0 ] || [ "$(grep -c ' payload objects are in no cut$' err)" -eq 1 ]
	grep -qx 'jt-hub: v2: killed by signal 9, is started again' err
	# What was taken is in a cut, once.
	jt-show -j cuts | grep jt/pay | jt-pack | jt-id | sort >in
	[ -z "$(uniq -d in)" ]
	jt-show -j took | grep -o '"id":"[0-9a-f]*"' | cut -d '"' -f 4 | sort -u >ids
	[ -z "$(comm -13 in ids)" ]
}

@test "voters that disagree are named" {
	jt-pack >a <<-END
		kind: jt/part/1
		body: {author: $(printf '%064d' 1), count: 0, round: 1}
	END
	cut_object 1 >one
	cut_object 1 2030-01-01T00:00:01Z >other
	# Commands that are no voters: they hand out what they please, one after the other.
	say='wait_for() { until [ -e $1 ]; do sleep 0.01; done; }; said() { : >$1; cat >/dev/null; }'
	check 1 'jt-hub: voters disagree: cut 1 of command 3 is not that of command 1' \
	    env -u JT_NETWORK jt-hub "$say; cat a one; said 1" "$say; wait_for 1; cat a one; said 2" \
	    "$say; wait_for 2; cat a other; said 3" "$say; wait_for 3; cat a one; said 4" </dev/null
	out | cmp - <(cat a one)
	rm 1
	check 1 'jt-hub: voters disagree: cut 1 of command 2 is not that of command 1' \
	    env -u JT_NETWORK jt-hub "$say; cat one; said 1" "$say; wait_for 1; cat other; said 2" </dev/null
}

@test "what a command hands out that no voter does is told, and is nothing" {
	cut_object 7 >seven
	check 0 'jt-hub: command 1:#1: cut 7, expected 1' \
	    env -u JT_NETWORK jt-hub 'cat seven; cat >/dev/null' </dev/null
	out_is ''
	printf 'hello' >text
	check 0 'jt-hub: command 1:#1: offset 0: no object begins here, but text
jt-hub: command 1: ended' env -u JT_NETWORK jt-hub 'cat text' </dev/null
}

@test "stdin: only what enters ledgers" {
	payments 1 1 >pay
	cut_object 1 >cut
	cat cut pay >in
	check 65 'jt-hub: stdin:#1: jt/cut does not enter ledgers' hub <in
	[ "$(out | jt-show -j | grep -c jt/pay)" -eq 1 ]
}

@test "when no voter is left" {
	# A byte of it, so that it is not a voter's while there is one.
	payments 1 1 >pay
	mkfifo late
	{
		head -c 9 pay
		until [ -e gone ]; do sleep 0.01; done
		tail -c +10 pay
	} >late &
	check 75 'jt-hub: command 1: ended
jt-hub: payload is left, and no voter to take it' jt-hub 'exec >&-; touch gone' <late
}

@test "usage" {
	check 64 'jt-hub: expected the commands of voters
jt-hub: usage: jt-hub [-i] [-l] [-N FILE] [-o FILE] [-r RUN] [-w SEC] [--again] [--no-closer] [--took FILE] COMMAND...' \
	    jt-hub
}

# ---- message by message ----

# asked ANSWERS: jt-hub -i with these answers, its screen on stdout.
asked() {
	"$JT_SRC/tests/terminal" "$1" sh -c 'jt-hub -i "$@" <pay >cuts 2>log' sh "${@:2}"
}

@test "-i: nothing is delivered unasked; a quorum is enough" {
	payments 1 1 >pay
	# Sooner or later all have said something by the time it asks.
	all_listed() {
		asked 'l|x|?|q' -l "$(v 1)" "$(v 2)" "$(v 3)" "$(v 4)" >screen || true
		grep -qx 'stdin -> v1: jt/pay' screen &&
			grep -qx 'v4 -> v3: hello at round 0, ledger 0' screen
	}
	until_true all_listed
	grep -q '^b NAME \[COMMAND\] ' screen
	[ ! -s log ]
	[ ! -s cuts ]
	# All that v4 says is dropped; still there is a cut.
	asked "$(printf 'd|%.0s' $(seq 4))a" -l "$(v 1)" "$(v 2)" "$(v 3)" "$(v 4)" >screen
	[ "$(jt-show -j cuts | grep -c jt/pay)" -eq 1 ]
}

@test "-i: a voter is killed, and begins again as another one" {
	payments 1 1 >pay
	asked 'k v4|b v4 jt-liar -f withhold -d net/v4|b v9|b v4|a' -r run -N net/network.jt \
	    "$(v 1)" "$(v 2)" "$(v 3)" "$(v 4)" >screen
	grep -q '"what":"crash"' <(jt-show -j run)
	grep -q '"what":"restart"' <(jt-show -j run)
	grep -qx 'no voter is called "v9"' screen
	grep -qx 'v4: runs, kill it first' screen
	[ "$(jt-show -j cuts | grep -c jt/pay)" -eq 1 ]
	grep -qx 'jt-hub: v4: killed by signal 9' log
}

@test "-i: messages are dropped, held and shown" {
	payments 1 1 >pay
	asked 'd|x|h|s|d 2|a' -l "$(v 1)" "$(v 2)" "$(v 3)" "$(v 4)" >screen
	grep -q '^jt-hub: 1 v[1-4] -> v[1-4]: .*, lost: dropped$' log
	grep -qx 'kind: jt/msg/1' screen
	[ "$(jt-show -j cuts | grep -c jt/pay)" -eq 1 ]
}

@test "-i: without a terminal" {
	payments 1 1 >pay
	check 77 'jt-hub: /dev/tty: No such device or address' setsid -w jt-hub -i "$(v 1)" <pay
}
