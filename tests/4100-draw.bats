#!/usr/bin/env bats
# Recorded votes as pictures: jt-draw; and graphs made by hand: jt-sim --dag.

load lib.bash

usage='jt-draw: usage: jt-draw [-d DIR | RUN] [-m N] [--view N] [--dot | --text] [-o FILE]'

# id TEXT: an id that begins so.
id() {
	printf '%s%0*d' "$1" $((64 - ${#1})) 0
}

# block AUTHOR ROUND NAME ITEMS [AUTHOR:NAME...]: a block, its parents of the
# round before.
block() {
	local parents='' p sep=''
	for p in "${@:5}"; do
		parents+="${sep}[${p%%:*}, $(id "${p#*:}"), $(($2 - 1))]"
		sep=', '
	done
	event "block: {author: $1, id: $(id "$3"), items: $4, parents: [$parents], round: $2, time: 5}, from: $1, what: block"
}

event() {
	echo "--- {kind: jt/event/1, body: {at: 1, $1}}"
}

receive() { # MESSAGE TO NAME
	event "from: 2, message: $1, ref: $(id "$3"), round: 1, to: $2, what: receive"
}

begin() {
	echo "--- {kind: jt/run/1, body: {${1-faults: [twins], }leaders: 1, seed: 7, validators: 4}}"
}

# Rounds 1 and 2, the second with twins of v4; v3 stops and comes back.
record() {
	begin
	block 1 1 a1 0
	block 2 1 b1 3
	receive 1 1 b1
	receive 2 3 b1
	block 3 1 c1 0
	event 'to: 3, what: crash'
	block 4 1 d1 0
	receive 5 3 d1
	block 1 2 a2 0 1:a1 2:b1 4:d1
	block 4 2 d2 1 4:d1 1:a1 2:b1
	block 4 2 d2ff 0 4:d1 3:c1 2:b1
	event 'from: 4, round: 2, to: 1, what: evidence'
	event 'to: 3, what: restart'
	event 'leaders: [2], round: 1, to: 1, what: coin'
	event "decision: {block: $(id b1), leader: 2, reason: a quorum certifies, verdict: committed}, round: 1, to: 1, what: decide"
	event "ledger: 1, ref: $(id b1), round: 1, to: 1, what: cut"
	receive 6 2 a2
	event 'leaders: [3], round: 2, to: 2, what: coin'
}

pack_record() {
	record | jt-pack >run
}

# lacks PATTERN FILE: no line of the file is like that.
lacks() {
	if grep -i "$1" "$2"; then return 1; fi
}

# well_formed FILE: it is XML, and SVG.
well_formed() {
	command -v python3 >/dev/null || skip "no python3"
	python3 -c 'import sys, xml.etree.ElementTree as t
if t.parse(sys.argv[1]).getroot().tag != "{http://www.w3.org/2000/svg}svg": sys.exit(1)' "$1"
}

@test "the table, whole and up to a message, as one validator knew it" {
	pack_record
	check 0 '' jt-draw --text run
	out_is '4 validators, seed 7, faults twins; after 6 of 6 messages; as known to anybody
round  v1     v2        v3     v4             leader
    1  a100.  [b100:3]  c100.  d100.          v2 committed b100: a quorum certifies; ends ledger 1
    2  a200.  -         -      d200:1.|d2ff.  v3 undecided: 0 of 4 blame, 0 of 4 certify, 3 needed; no later leader decides
message 2: v3 stopped, after its block of round 1
message 5: v1 has evidence of two blocks of v4 in round 2
message 5: v3 began again, after its block of round 1'
	check 0 '' jt-draw -m 4 --text run
	out_is '4 validators, seed 7, faults twins; after 4 of 6 messages; as known to anybody
round  v1     v2       v3     v4     leader
    1  a100.  b100:3.  c100.  d100.  ?
message 2: v3 stopped, after its block of round 1'
	check 0 '' jt-draw --text --messages 1 - <run
	out_is '4 validators, seed 7, faults twins; after 1 of 6 messages; as known to anybody
round  v1     v2       v3    v4    leader
    1  a100.  b100:3.  -     -     ?'
	check 0 '' jt-draw --view 3 --text run
	out_is '4 validators, seed 7, faults twins; after 6 of 6 messages; as known to v3
round  v1    v2       v3     v4     leader
    1  -     b100:3.  c100.  d100.  ?
    2  -     -        -      -      ?
message 2: v3 stopped, after its block of round 1
message 5: v3 began again, after its block of round 1'
}

@test "SVG: well-formed, everything is in it, nothing comes from outside" {
	pack_record
	check 0 '' jt-draw run
	out >svg
	well_formed svg
	for word in '>a100<' '>b100<' '>3 items<' '>ledger 1<' '>committed<' '>undecided<' '>twins<' \
	    '>stop<' '>back<' '>no block<' "block $(id d2ff)" 'v1 has evidence' \
	    'undecided: 0 of 4 blame' 'known to v1 at 1 ms'; do
		grep -q "$word" svg || { echo "no $word"; false; }
	done
	lacks '>skipped<\|class="b ghost"' svg
	lacks 'script\|@import\|font-face\|xlink' svg
	[ "$(grep -o 'http[^"]*' svg)" = http://www.w3.org/2000/svg ]
	# One box for each block, one line for each parent that is drawn,.
	[ "$(grep -c '^<g class="b' svg)" -eq 7 ]
	[ "$(grep -c '^<path class="l[ "]' svg)" -eq 9 ]
	check 0 '' jt-draw --view 3 -o svg run
	well_formed svg
	[ "$(grep -c '^<g class="b ghost"' svg)" -eq 4 ]
}

# Rounds from 1 to N of one validator.
chain() { # N
	echo '--- {kind: jt/run/1, body: {leaders: 1, validators: 1}}'
	block 1 1 c01 0
	for ((r = 2; r <= $1; r++)); do
		block 1 "$r" "$(printf c%02d "$r")" 0 "1:$(printf c%02d $((r - 1)))"
	done
}

@test "SVG: rounds without room go on in another band, with their lines" {
	chain 10 | jt-pack | jt-draw >one
	chain 60 | jt-pack | jt-draw >several
	[ "$(grep -c '>round</text>' one)" -eq 1 ]
	bands=$(grep -c '>round</text>' several)
	[ "$bands" -gt 1 ]
	# No wider, higher by a band's height each; all blocks, all lines.
	read -r width height <<<"$(sed -n '1s/.* width="\([0-9]*\)" height="\([0-9]*\)".*/\1 \2/p' several)"
	[ "$width" -lt 2000 ]
	[ "$height" -eq $((52 + bands * (76 + 88) + 84)) ]
	[ "$(grep -c 'class="b"' several)" -eq 60 ]
	[ "$(grep -c 'class="l own"' several)" -eq 59 ]
	# A line into each band but the first begins at the left.
	[ "$(grep -c 'class="l own" d="M44 ' several)" -eq $((bands - 1)) ]
	# It says whence: the last block above is named once more.
	[ "$(grep -c 'class="from o"' several)" -eq $((bands - 1)) ]
	from=$(sed -n 's/^<text class="from o".*>\([0-9a-f]*\)<.*/\1/p' several | head -1)
	[ "$(grep -c ">$from</text>" several)" -eq 2 ]
}

@test "words of a record do no harm" {
	{
		begin "faults: ['<script>', \"a\\u0007&b\"], "
		event 'note: "v1 </text> \u001b[31m \u00e9 \"x\"", what: broken'
	} | jt-pack >run
	check 0 '' jt-draw run
	out >svg
	well_formed svg
	lacks '<script\|\[31m.*</text>.*</text>' svg
	check 0 '' jt-draw --text run
	out_is '4 validators, seed 7, faults ?script?, a??b; after 0 of 0 messages; as known to anybody
round  v1    v2    v3    v4    leader
broken: v1 ?/text? ?[31m ?? ?x?'
	check 0 '' jt-draw --dot run
	out | grep -q 'label="4 validators, seed 7, faults ?script?, a??b; '
}

@test "dot" {
	pack_record
	check 0 '' jt-draw --dot run
	out | head -n 1 | grep -qx 'digraph vote {'
	out | grep -q 'b1 \[label="b100\\nv2, 3 items\\ncommitted\\nledger 1" style=filled'
	[ "$(out | grep -c -- '->')" -eq 9 ]
	[ "$(out | tail -n 1)" = '}' ]
	if command -v dot >/dev/null; then out | dot -Tsvg >/dev/null; fi
}

@test "simulated runs of many sizes and faults can be drawn at any message" {
	for n in 1 4 10; do
		jt-sim -v "$n" -f twins -f restart -f aim -r run 3 >/dev/null
		for m in 1 37 200 100000; do
			check 0 '' jt-draw -m "$m" -o svg run
			well_formed svg
			check 0 '' jt-draw -m "$m" --view 1 -o svg run
			well_formed svg
		done
	done
	# What jt-sim -m records is what jt-draw -m draws.
	jt-sim -m 150 -r part 7 >/dev/null
	jt-sim -r whole 7 >/dev/null
	diff <(jt-draw --text part | sed 1d) <(jt-draw -m 150 --text whole | sed 1d)
}

@test "what is no run" {
	pack_record
	check 66 'jt-draw: /dev/null: empty, no object to work on' jt-draw /dev/null
	check 66 'jt-draw: stdin: empty, no object to work on' jt-draw </dev/null
	check 66 'jt-draw: nothing: No such file or directory' jt-draw nothing
	jt-show -1 run | sed 1d | jt-pack >events
	check 65 'jt-draw: events:#1: not a run: expected a jt/run, found a jt/event' jt-draw events
	out_is ''
	cat run run >twice
	check 65 'jt-draw: twice:#20: expected a jt/event, found a jt/run' jt-draw twice
	{ begin; block 5 1 e1 0; } | jt-pack >bad
	check 65 'jt-draw: bad:#2: event: the author does not fit the run' jt-draw bad
	{ begin; block 1 1 a1 0; block 1 1 a1 0; } | jt-pack >bad
	check 65 'jt-draw: bad:#3: event: a block that was made twice does not fit the run' jt-draw bad
	{ begin; receive 2 1 a1; receive 2 1 a1; } | jt-pack >bad
	check 65 'jt-draw: bad:#3: event: message 2 comes after message 2' jt-draw bad
	{ begin; event 'leaders: [1, 2], round: 1, to: 1, what: coin'; } | jt-pack >bad
	check 65 'jt-draw: bad:#2: event: the number of leaders does not fit the run' jt-draw bad
	{ begin; block 1 8193 a1 0; } | jt-pack >bad
	check 1 'jt-draw: bad:#2: more than 8192 rounds: draw fewer messages' jt-draw bad
	echo "--- {kind: jt/run/1, body: {leaders: 1, validators: 0}}" | jt-pack >bad
	check 65 'jt-draw: bad:#1: run: expected 1 to 128 validators' jt-draw bad
}

@test "wrong usage" {
	pack_record
	check 64 'jt-draw: no validator 5, the run has 4' jt-draw --view 5 run
	check 64 "jt-draw: one of --dot and --text
$usage" jt-draw --dot --text run
	check 64 "jt-draw: expected one run
$usage" jt-draw run run
	check 74 'jt-draw: stdout: No space left on device' sh -c 'jt-draw run >/dev/full'
}

# ---- graphs made by hand ----

# judged VIEW EXPECTED: what jt-sim --dag says of graph.yaml.
judged() {
	check 0 '' jt-sim --dag graph.yaml ${1:+--view "$1"}
	out_is "$2"
}

@test "a graph: decided by quorums, two slots a round, as far as the view goes" {
	cat >graph.yaml <<-END
	validators: 4
	leaders: {1: [2, 4], 2: [1, 2], 9: [1, 3]}
	blocks:
	- {rounds: [2, 6]}
	- {rounds: 1, authors: [1, 3, 4]}
	END
	judged '' 'round 1 leader v2: skipped: 4 of 4 blame (a4 b4 c4 d4)
round 1 leader v4: committed d1: 4 of 4 certify (a5 b5 c5 d5)
round 2 leader v1: committed a2: 4 of 4 certify (a6 b6 c6 d6)
round 2 leader v2: committed b2: 4 of 4 certify (a6 b6 c6 d6)
round 9: undecided: the leader is not known, 0 of 2 shares of the coin'
	judged a6 'round 1 leader v2: skipped: 4 of 4 blame (a4 b4 c4 d4)
round 1 leader v4: committed d1: 4 of 4 certify (a5 b5 c5 d5)
round 2: undecided: the leader is not known, 1 of 2 shares of the coin (a6)
round 9: undecided: the leader is not known, 0 of 2 shares of the coin'
}

@test "a graph: decided by an anchor, or waiting for one" {
	# b1 reaches v2 and v3 in time, and the two others not.
	cat >graph.yaml <<-END
	validators: 4
	leaders: {1: 2, 6: 1, 7: 2}
	blocks:
	- {rounds: [1, 11]}
	- {id: a2, author: 1, round: 2, parents: [a1, c1, d1]}
	- {id: c2, author: 3, round: 2, parents: [a1, c1, d1]}
	- {id: d2, author: 4, round: 2, parents: [a1, c1, d1]}
	- {id: a3, author: 1, round: 3, parents: [a2, c2, d2]}
	- {id: c3, author: 3, round: 3, parents: [a2, c2, d2]}
	- {id: d3, author: 4, round: 3, parents: [a2, c2, d2]}
	- {id: a4, author: 1, round: 4, parents: [a3, c3, d3]}
	- {id: d4, author: 4, round: 4, parents: [a3, c3, d3]}
	END
	judged '' 'round 1 leader v2: skipped: anchor a6 has no certificate in its cone
round 6 leader v1: committed a6: 4 of 4 certify (a10 b10 c10 d10)
round 7 leader v2: committed b7: 4 of 4 certify (a11 b11 c11 d11)'
	waiting='round 1 leader v2: undecided: 2 of 4 blame (a4 d4), 0 of 4 certify, 3 needed'
	unknown='undecided: the leader is not known'
	judged a5,b5 "$waiting; no later leader decides
round 6: $unknown, 0 of 2 shares of the coin
round 7: $unknown, 0 of 2 shares of the coin"
	judged a10 "$waiting; the leader of round 6 would decide, and is not known
round 6: $unknown, 1 of 2 shares of the coin (a10)
round 7: $unknown, 0 of 2 shares of the coin"
	judged a10,c10 "$waiting; round 6 leader v1 would decide, and is undecided
round 6 leader v1: undecided: 0 of 4 blame, 2 of 4 certify a6 (a10 c10), 3 needed; no later leader decides
round 7: $unknown, 0 of 2 shares of the coin"
	check 64 'jt-sim: graph.yaml: view: no block "x1"' jt-sim --dag graph.yaml --view a1,x1
}

@test "a graph: every way to be wrong" {
	head='validators: 4
leaders: {1: 2}
blocks:
- {rounds: [1, 5]}
'
	while IFS='|' read -r line message; do
		printf '%s%b\n' "$head" "$line" >graph.yaml
		check 65 "jt-sim: graph.yaml: $message" jt-sim --dag graph.yaml
	done <<-'END'
	- {id: a6, author: 1, round: 6, parents: [b5, c5, d5]}|line 5: block a6: parents: the first is not its author's
	- {id: a6, author: 1, round: 6, parents: [a5, b5]}|line 5: block a6: parents: 2 of the round before, expected 3
	- {id: a6, author: 1, round: 6, parents: [a5, b5, zz]}|line 5: parents: no block zz
	- {id: a5, author: 1, round: 5, parents: [a4, b5, c4]}|line 5: block a5: parents: b5 is no earlier block
	- {id: b5x, author: 5, round: 5}|line 5: author: expected a number from 1 to 4
	- {id: a1, author: 1, round: 7}|line 5: block a1 is there twice
	- {id: "a b", author: 1, round: 7}|line 5: id: expected letters, digits, - _ and .
	- {id: a6, author: 1}|line 5: block: expected id, author and round, or rounds
	- {id: a6, auther: 1}|line 5: block: unknown field auther
	- {rounds: [6, 5]}|line 5: rounds: expected the first and the last
	- {rounds: [6, 7], id: x}|line 5: block: rounds goes with authors only
	- {id: a6, author: 1, round: 1025}|line 5: round: expected a number from 1 to 1024
	- {id: b1, author: 2, round: 1}\n- {id: b1x, author: 2, round: 1}\n- {id: c2, author: 3, round: 2, parents: [c1, b1x, d1]}|line 4: block b3: is on two of its author's own of one round
	leaders: {1: 3}|line 5: graph: leaders is there twice
	END
	check 66 "jt-sim: no.yaml: No such file or directory" jt-sim --dag no.yaml
}
