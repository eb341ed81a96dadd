#!/usr/bin/env bats
# The simulated vote: jt-sim.
# shellcheck disable=SC2154 # bats sets stderr_lines

bats_require_minimum_version 1.5.0

load lib

@test "runs of all sizes hold, whatever goes wrong" {
	for n in 1 4 7; do
		run jt-sim -v "$n" 1-40
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "40 runs of $n voter"* ]]
	done
	run jt-sim -v 10 1-5
	[ "$status" -eq 0 ]
	run jt-sim -v 31 -f twins -f fifo 1-2
	[ "$status" -eq 0 ]
	# Ten of 31 hide chains, and show each of the others another one.
	run jt-sim -v 31 -f cones -f lifo 1
	[ "$status" -eq 0 ]
}

@test "each fault alone is borne" {
	for fault in none fifo lifo slow aim latecoin partition duplicate crash restart lost twins \
	    cones faces withhold badshare silent lies stale flood hello; do
		echo "$fault"
		run jt-sim -f "$fault" 1-30
		[ "$status" -eq 0 ]
	done
}

@test "the same seed is the same run, byte for byte" {
	jt-sim -r one 7 >one.txt
	jt-sim -r two 7 >two.txt
	cmp one two
	cmp one.txt two.txt
	jt-sim -r three 8 >three.txt
	run ! cmp -s one three
	jt-show one | jt-pack | cmp - one
}

@test "a run stops after message N, and was the same up to there" {
	jt-sim -r whole 7 >whole.txt
	jt-sim -m 60 -r part 7 >part.txt
	head -c "$(wc -c <part)" whole | cmp - part
	run jt-show -1 part
	[[ $(grep -c 'message: 60,' <<<"$output") -le 1 ]]
	run ! grep -q 'message: 6[1-9][0-9]' <<<"$output"
}

@test "wrong rules are found out, made small, and repeated" {
	for rule in skip-any-twin vote-every-twin indirect-own-view; do
		echo "$rule"
		run -1 --separate-stderr jt-sim --mutant "$rule" 1-1000
		line=$(grep '^jt-sim -v' <<<"$output")
		[[ $line == *"--mutant $rule "* ]]
		# shellcheck disable=SC2086 # the line is words
		run -1 --separate-stderr $line
		[ "${lines[0]}" = "$line" ]
	done
}

@test "the run is the same with real signatures and a real coin, as far as it can be" {
	run jt-sim -v 4 --real 1-3
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "3 runs of 4 voters: "* ]]
	run jt-sim -v 7 --real -f badshare -f twins --items 5 1
	[ "$status" -eq 0 ]
	run -64 --separate-stderr jt-sim --real -f known 1
	[ "${stderr_lines[0]}" = 'jt-sim: a real coin elects no leaders in turn' ]
}

@test "a part of the vote that is left out is missed" {
	run -1 --separate-stderr jt-sim --without cone -f restart 1-100
	[[ ${lines[0]} == "jt-sim -v 4 "*" --without cone "* ]]
	run -64 --separate-stderr jt-sim --without luck 1
	[ "${stderr_lines[0]}" = \
	    'jt-sim: no part of the vote is called "luck" (jt-sim(1) lists them)' ]
}

@test "with one faulty voter more than it bears the vote stops, and goes on when it is back" {
	run -1 --separate-stderr jt-sim -f crash:2 -f beyond 1-20
	[[ ${stderr_lines[0]} == 'jt-sim: item '*' is in no ledger' ]]
	for n in 4 7; do
		run -0 jt-sim -v "$n" -f "restart:$(((n + 2) / 3))" -f beyond 1-60
	done
	# Too few good shares for a coin: nothing is ever decided again, and that is the end.
	run -1 --separate-stderr jt-sim -f badshare:2 -f beyond 1
	[[ ${stderr_lines[0]} == 'jt-sim: '*' leader slots wait for a decision' ]]
}

@test "with one faulty voter more than it bears the vote can split, and not with fewer" {
	run -1 --separate-stderr jt-sim -r split -f faces:2 -f beyond -f partition 1-20
	[[ ${stderr_lines[0]} == 'jt-sim: v'*' decided round '*', another one as '* ]]
	[[ ${lines[0]} == "jt-sim -v 4 "*"-f faces:2 -f beyond "* ]]
	jt-show -1 split | grep -q 'what: broken'
	jt-draw --text split >picture
	run -0 jt-sim -f faces:1 -f partition 1-60
	run -0 jt-sim -v 7 -f faces:2 -f partition 1-30
}

@test "leaders known before can be kept from ever being committed; the coin prevents it" {
	run jt-sim -v 10 -f aim -m 2000 --items 1000 1
	[ "$status" -eq 0 ]
	[[ ${lines[1]} != *" 0 committed, "* ]]
	run jt-sim -v 10 -f aim -f known -m 2000 --items 1000 1
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *", 0 ledgers" ]]
	[[ ${lines[1]} == *" 0 committed, "* ]]
}

@test "wrong usage" {
	run -64 --separate-stderr jt-sim -f rain 1
	[ "${stderr_lines[0]}" = 'jt-sim: no fault is called "rain" (jt-sim(1) lists them)' ]
	[[ ${stderr_lines[1]} == 'jt-sim: usage: '* ]]
	run -64 --separate-stderr jt-sim -f twins:0 1
	[ "${stderr_lines[0]}" = "jt-sim: -f: expected a number of voters behind ':', not \"0\"" ]
	for seed in '' x 1- -- 2-1 1-2-3; do
		run -64 --separate-stderr jt-sim "$seed"
	done
	run -64 --separate-stderr jt-sim --mutant kind 1
	[ "${stderr_lines[0]}" = 'jt-sim: no wrong rule is called "kind"' ]
	run -66 --separate-stderr jt-sim --dag nowhere.yaml
	run -64 --separate-stderr jt-sim --dag nowhere.yaml -f twins
	[ "${stderr_lines[0]}" = 'jt-sim: --dag goes with --view, --mutant and -o alone' ]
	run -64 --separate-stderr jt-sim --view a1 1
	[ "${stderr_lines[0]}" = 'jt-sim: --view goes with --dag' ]
	run -64 --separate-stderr jt-sim -r - 1
	[ "${stderr_lines[0]}" = 'jt-sim: -r - needs -o FILE: the sums would follow the run' ]
	run jt-sim -r - -o sums -f none 1
	[[ $(cat sums) == '1 run of 4 voters: '* ]]
}

@test "when nobody is left who takes what is given, a run ends" {
	for fault in twins restart crash; do
		run jt-sim -v 1 -f "$fault" -f beyond 1
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == '1 run of 1 voter: 0 messages, '* ]]
	done
}

@test "many runs in slices: added up, kept, and what broke is printed" {
	simulate=$BATS_TEST_DIRNAME/simulate
	"$simulate" -d sums 1:2 4:40 >first
	sed -n '/of 4/,$p' first >four
	# What jt-sim says of the same seeds.
	jt-sim 1-40 >whole
	[ "$(head -1 four)" = "$(head -1 whole)" ]
	[ "$(sed -n 's/^  //p' four)" = "$(tail -n +2 whole)" ]
	[ "$(tail -1 four)" = '42 runs held' ]
	# What is there is not run again.
	mkdir -p fake
	printf '#!/bin/sh\necho "jt-sim -v 4 7"\nexit 1\n' >fake/jt-sim
	chmod +x fake/jt-sim
	PATH=$PWD/fake:$PATH run -0 "$simulate" -d sums 1:2 4:40
	[ "$output" = "$(cat first)" ]
	PATH=$PWD/fake:$PATH run -1 "$simulate" -d sums 1:2 4:40 7:1
	[[ $output == 'jt-sim -v 4 7'* ]]
	printf '#!/bin/sh\nexit 71\n' >fake/jt-sim
	PATH=$PWD/fake:$PATH run -70 --separate-stderr "$simulate" -d other 4:1
	run -64 --separate-stderr "$simulate" 4
	[ "${stderr_lines[0]}" = 'simulate: expected N:RUNS, not "4"' ]
}
