#!/usr/bin/env bats
# The README's commands, exactly as printed, in a fresh directory.
load lib.bash
load ledger.bash
load net.bash

# What a clone has after the first command, and nothing else.
setup() {
	lib_setup
	ln -s "$JT_BUILD" build
	mkdir examples
	cp -R "$JT_SRC"/examples/* examples
	export TMPDIR=$BATS_TEST_TMPDIR
}

# Indented lines of the README, from the line that begins with $1 to the next that is
# not indented.
commands() {
	awk -v after="$1" '
		index($0, after) == 1 { on = 1; next }
		on && /^[^ ]/ { exit }
		on && /^  / { print substr($0, 3) }' "$JT_SRC/README"
}

# Each line of a file is like the pattern on the same line of stdin.
like() {
	local line pattern n=0
	while IFS= read -r pattern <&4; do
		n=$((n + 1))
		IFS= read -r line <&5 || { echo "$1 ends before line $n: $pattern" >&2; return 1; }
		# shellcheck disable=SC2053 # a pattern on purpose
		[[ $line == $pattern ]] || {
			printf '%s:%d: %s\nexpected: %s\n' "$1" "$n" "$line" "$pattern" >&2
			return 1
		}
	done 4<&0 5<"$1"
	[ "$(wc -l <"$1")" -eq "$n" ] || { tail -n +$((n + 1)) "$1" >&2; return 1; }
}

@test "the first 40 lines hold it all: two commands, two stories, every program" {
	head -n 40 "$JT_SRC/README" >first
	[ "$(commands 'Two commands' | sed 's/ .*//')" = "$(printf 'examples/quickstart\ntests/run')" ]
	[ -x "$JT_SRC/examples/quickstart" ]
	[ -x "$JT_SRC/tests/run" ]
	grep -q '^Offline signing by two officers' first
	for program in "$JT_BUILD"/cmd/jt-*; do
		[[ -x $program && ! -d $program ]] || continue
		grep -qw -e "${program##*/}" first || { echo "not named: $program" >&2; return 1; }
	done
	[ "$(awk 'length > 84' "$JT_SRC/README")" = '' ]
}

@test "the main job, in silence but for what it found" {
	commands 'Two commands' | sed -n 1p >quickstart.sh
	check 0 '' sh -eu quickstart.sh
	like "$BATS_TEST_TMPDIR/out" <<-'END'
		one.jtp: proven: in ledger * (*) of network *, jt/pay * was applied: from j*, to j*, amount *, memo "*"
		jt-check: tampered.jtp:#1: not proven: path: does not lead to the ledger's transactions
		3332 payments of 118 accounts in * ledgers, 3332 proofs: * seconds, * payments/s
		files: */jt-quickstart.*
	END
}

@test "a payment and its proof; offline signing by two officers; files anchored" {
	{
		echo 'set -eu'
		commands 'A payment and its proof'
		commands 'Offline signing by two officers'
		# What came of it.
		echo 'jt-check --applied paid.jtp given.jtp set.jtp w.jtp'
		echo 'jt-prove account alice treasury | jt-check'
		commands 'of four validators, without'
	} >story.sh
	# Both officers look at the same transaction, and say yes.
	"$JT_SRC/tests/terminal" 'y|y' sh story.sh >shown
	# How far jt-submit is goes when it is done.
	sed -i 's/.*\r\x1b\[K//' shown
	like shown <<-'END'
		j*
		--- {kind: jt/pay/1, body: {amount: 100, *}, sigs: []} # *
		paid.jtp: proven: in ledger 1 (*) of network "net" (*...), jt/pay * was applied: from j*, to j*, amount 100
		j*
		j*
		j*
		--- {kind: jt/pay/1, body: {amount: 1000, *}, sigs: []} # *
		--- {kind: jt/set/1, body: {*, flags: *no-master*, quorum: 2, *}, sigs: []} # *
		--- {kind: jt/pay/1, body: {amount: 250, *, last: 2003, *}, sigs: []} # *
		sign? \[y/N\] y
		--- {kind: jt/pay/1, body: {amount: 250, *, last: 2003, *}, sigs: []} # *
		sign? \[y/N\] y
		paid.jtp: proven: in ledger 1 *, jt/pay * was applied: *
		given.jtp: proven: in ledger 2 *, jt/pay * was applied: *
		set.jtp: proven: in ledger 3 *, jt/set * was applied: *
		w.jtp: proven: in ledger 4 *, jt/pay * was applied: *, amount 250
		stdin: proven: in ledger 4 *, account j* has 350 SWT, *
		stdin: proven: in ledger 4 *, account j* has 749.99997 SWT, *
		*alice.pub: proven: these bytes existed not after ledger 1 (*) of network "ring" *
		ann.pub: proven: these bytes existed not after ledger 1 *
		ben.pub: proven: these bytes existed not after ledger 1 *
		treasury.pub: proven: these bytes existed not after ledger 1 *
	END
	# The two lines that the officers saw are the same.
	[ "$(grep -c 'amount: 250' shown)" -eq 2 ]
	[ "$(grep 'amount: 250' shown | sort -u | wc -l)" -eq 1 ]
}
