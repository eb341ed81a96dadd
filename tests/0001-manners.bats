#!/usr/bin/env bats
# Manners: what every program does with help, wrong words, bad input, full disks,
# terminals and descriptors that are not there.
#
# Each program of `jt` stands in one of the lists below, and the first test says so.
load lib.bash
load ledger.bash

# Programs that read objects: name, its words, a file that it takes, and its exit
# code when nothing comes in.
READERS="
jt-id      | | signed | 0
jt-show    | | signed | 0
jt-sign    | -k alice.key | signed | 66
jt-merge   | | signed | 0
jt-verify  | | signed | 0
jt-close   | -d ready/v1 | signed | 66
jt-certify | -d net/v1 | header | 66
jt-check   | -N net/network.jt | proof | 66
jt-draw    | | run | 66
"
# Programs that stay and talk over several pipes, and the one that tells how they do: what
# they do is in the 4000s and 8000s.
DAEMONS="
jt-hub     |
jt-liar    | -f twins
jt-listen  |
jt-net     |
jt-node    |
jt-peer    |
jt-status  |
jt-submit  |
jt-vote    |
"
# Programs that make something, with words for which they do.
MAKERS="
jt-pack    | text
jt-tx      | pay -d net/v1 from=net/bank to=alice amount=5
jt-get     | -d net/v1 account alice
jt-prove   | -d net/v1 account alice
jt-replay  | -d net/v1
jt-explain | -d net/v1 TXID
jt-sim     | -v 4 7
jt-keygen  | -n NEW
jt-genesis | -o NEW
jt-deal    | member.pub
jt-anchor  | -n -N net/network.jt -o NEW text
jt         |
"

setup() {
	lib_setup
}

# world: a ledger with one payment, and files to read.
world() {
	network
	unset JT_DIR
	cp -r net before
	cp -r net ready
	jt-tx -d net/v1 pay from=net/bank to=alice amount=5 | jt-sign -k net/bank.key >signed
	jt-close -d net/v1 -k net/v1/validator.key signed | jt-show -1 | sed 1d | jt-pack >header
	jt-prove -d net/v1 account alice >proof
	jt-show signed >text
	jt-keygen -n --role validator member >/dev/null
	jt-sim -v 4 -m 8 -r run 7 >/dev/null || true
}

# fresh: ready/ is as at the start, with no ledger closed.
fresh() {
	rm -rf ready new new.key new.pub
	cp -r before ready
}

# each LIST FUNCTION: the function with the columns of each line, without blanks around
# them: a program, its words, and what else there is.
each() {
	local p words a b
	while IFS='|' read -r p words a b; do
		p=${p// /}
		[ -n "$p" ] || continue
		words=${words//TXID/$(jt-id signed)}
		fresh
		$2 "$p" "$words" "${a// /}" "${b// /}"
	done <<<"$1"
}

# lines PROGRAM: how many there are on stderr, hints apart.
lines() {
	grep -vc "^$1: hint: " "$BATS_TEST_TMPDIR/err" || true
}

# run_one COMMAND...: prints its exit code; its output and stderr are left as check does.
run_one() {
	local code=0
	"$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || code=$?
	echo "$code"
}

@test "every program is in one of the lists" {
	{ printf '%s\n' "$READERS" "$DAEMONS" "$MAKERS" | sed -n 's/^\(jt[a-z-]*\) .*/\1/p' | sort; } >listed
	jt | cut -d ' ' -f 1 | sort | diff listed -
}

@test "help and version" {
	version=$(jt -V)
	version=${version#jt }
	for p in $(jt | cut -d ' ' -f 1); do
		check 0 '' "$p" -V
		out_is "$p $version"
		check 0 '' "$p" --version
		check 0 '' "$p" --help
		out | head -n 1 | grep -q "^usage: $p"
		out | grep -qxF "$(jt | sed -n "s/^$p  *//p")"
		out | grep -q -- '  -h, --help  *show this help$'
		[ "$(out | tail -n +2 | awk 'length > 100' | wc -l)" -eq 0 ]
		check 74 "$p: stdout: No space left on device" sh -c "$p -h >/dev/full"
		check 74 "$p: stdout: No space left on device" sh -c "$p -V >/dev/full"
		check 74 "$p: stdout: Bad file descriptor" sh -c "$p -h >&-"
	done
	[ -z "$(files)" ]
}

# needed PROGRAM OPTION: what its value is called.
needed() {
	"$1" -h | sed -n "s/^ *$2\\(, --[a-z-]*\\)* \\([^ ]*\\) .*/\\2/p" |
		sed 's/^[AEIO]/an &/; s/^N$/a number/; s/^[A-Z]/a &/'
}

@test "wrong options" {
	for p in $(jt | cut -d ' ' -f 1); do
		usage=$("$p" 2>&1 -? | sed -n 2p)
		[ "${usage#"$p": usage: "$p"}" != "$usage" ]
		check 64 "$p: no option -?
$usage" "$p" '-?'
		check 64 "$p: no option --nothing
$usage" "$p" --nothing=1
		check 64 "$p: option -h takes no value
$usage" "$p" --help=yes
		# Each option that takes a value, without one.
		for option in $("$p" -h | sed -n 's/^  *\(--*[A-Za-z0-9-]*\)\(, --[a-z-]*\)* [A-Z].*/\1/p'); do
			check 64 "$p: option $option needs $(needed "$p" "$option")
$usage" "$p" "$option"
		done
	done
	[ -z "$(files)" ]
}

@test "empty and closed stdin, files that are not there or no files" {
	world
	files >listing
	one() {
		local empty="$1: stdin: empty, no object to work on"
		[ "$4" -ne 0 ] || empty=
		check "$4" "$empty" sh -c "$1 $2 </dev/null"
		check "$4" "${empty/stdin/nothing}" sh -c "$1 $2 nothing"
		check 74 "$1: stdin: Bad file descriptor" sh -c "$1 $2 <&-"
		check 74 "$1: stdin: Is a directory" sh -c "$1 $2 <net"
		check 74 "$1: net: Is a directory" sh -c "$1 $2 net"
		check 66 "$1: no/where: No such file or directory" sh -c "$1 $2 no/where"
		# shellcheck disable=SC2016 # expanded by the inner shell
		check 66 "$1: a?[31mb: No such file or directory" \
			sh -c "$1 $2 \"\$0\"" "$(printf 'a\033[31mb')"
		[ "$(id -u)" -eq 0 ] ||
			check 77 "$1: closed: Permission denied" sh -c "$1 $2 closed"
	}
	: >nothing
	cp signed closed
	chmod 0 closed
	each "$READERS" one
	rm nothing closed
	files | diff listing -
}

@test "input that breaks off: one line, 65, and nothing is made of it" {
	world
	head -c -1 signed >short
	head -c 5 signed >begun
	printf '\301' >stopped
	printf 'hello\n' >words
	jt-show -j signed >json
	base64 signed >base64
	gzip -c signed >gzip
	head -c 100000 /dev/zero >zeros
	printf '\222\246jt/pay\001' >two
	printf '\223\246jt/pay\001\306\177\377\377\377' >huge
	printf '\223\333\377\377\377\377' >name
	files >listing
	one() {
		local bad where=
		for bad in short begun stopped words json base64 gzip zeros two huge name; do
			code=$(run_one $1 $2 -o made $bad)
			[ "$(lines "$1")" -eq 1 ] || { cat "$BATS_TEST_TMPDIR/err" >&2; return 1; }
			if [ "$1 $code" = 'jt-check 1' ]; then
				# As whole files these are data, of which it looks for a proof.
				grep -qx "$1: $bad: not proven: there is no $bad.jtp" "$BATS_TEST_TMPDIR/err"
				rm made
			else
				[ "$code" -eq 65 ] || { echo "$1 $bad: $code" >&2; return 1; }
				grep -q "^$1: $bad:#1: " "$BATS_TEST_TMPDIR/err"
			fi
			# Behind something good, from a pipe.
			code=$(cat "$3" $bad | run_one $1 $2 -o made)
			[ "$code" -eq 65 ]
			grep -q "^$1: stdin:#[1-9][0-9]*: " "$BATS_TEST_TMPDIR/err"
			[ ! -e made ]
		done
	}
	each "$READERS" one
	files | diff listing -
	# Nor was a ledger closed.
	[ "$(jt-get -d ready/v1 ledger | field number)" = 0 ]
}

@test "bad objects in good frames: a line each, 65, and the others are not lost" {
	world
	printf '\223\247jt/none\001\304\001\200' >unknown
	printf '\223\246jt/pay\002\304\001\200' >newer
	printf '\223\246jt/pay\001\304\001\300' >nil
	printf '\223\246jt/pub\001\304\001\200' >fields
	one() {
		local bad n=0 code
		[ "$1" != jt-draw ] || return 0 # a run with a hole in it is none
		for bad in unknown newer nil fields; do
			n=$((n + 1))
			code=$(run_one $1 $2 $bad)
			[ "$code" -eq 65 ]
			[ "$(lines "$1")" -eq 1 ] || { cat "$BATS_TEST_TMPDIR/err" >&2; return 1; }
			fresh
			$1 $2 "$3" >want 2>/dev/null
			fresh
			code=$(cat $bad "$3" $bad | run_one $1 $2)
			[ "$code" -eq 65 ]
			[ "$(lines "$1")" -eq 2 ]
			grep -q "^$1: stdin:#1: " "$BATS_TEST_TMPDIR/err"
			case $1 in
			jt-close) [ "$(out | kinds)" = "$(kinds <want)" ] ;;
			jt-check) sed "s/^$3/stdin/" want | cmp - <(out) ;;
			*) cmp want <(out) ;;
			esac
		done
	}
	each "$READERS" one
}

@test "a full disk, a closed stdout, a reader that is gone" {
	world
	one() {
		local words
		# What makes files of its own has no stdout to speak of.
		fresh
		words="${2//NEW/new} $3"
		[ "$1" != jt-replay ] || words="$2"
		check 74 "$1: stdout: No space left on device" sh -c "$1 $words >/dev/full"
		fresh
		check 74 "$1: stdout: Bad file descriptor" sh -c "$1 $words >&-"
		fresh
		check 74 "$1: stdout: Broken pipe" sh -c "trap '' PIPE; mkfifo nobody
		    exec 3<>nobody 4>nobody 3>&-; rm nobody; $1 $words >&4 4>&-"
		rm -rf new new.key new.pub
	}
	each "$READERS" one
	each "$MAKERS" one
}

@test "a closed stderr takes nothing away, and hides nothing" {
	world
	one() {
		local code want=0
		fresh
		sh -c "$1 $2 $3 >want" 2>/dev/null || want=$?
		fresh
		code=0
		sh -c "$1 $2 $3 >got 2>&-" || code=$?
		[ "$code" -eq "$want" ]
		[ "$1" = jt-close ] || cmp want got
		code=0
		sh -c "$1 $2 no/where >got 2>&-" || code=$?
		[ "$code" -eq 66 ]
	}
	each "$READERS" one
}

@test "on a terminal objects are text, and other output is as it is" {
	world
	one() {
		local words="${2//NEW/new} $3"
		fresh
		# shellcheck disable=SC2086 # words
		check 0 '' "$JT_SRC/tests/terminal" '' $1 $words
		out | grep -q . || { echo "$1: nothing" >&2; return 1; }
		# But for the line that tells how far it is, there is nothing that a terminal
		# would obey.
		[ "$(out | sed 's/\r\([^\r]*\x1b\[K\)*//g' | tr -d '\t\n -~\200-\377' | wc -c)" -eq 0 ] || { out | cat -v >&2; return 1; }
		rm -rf new new.key new.pub
	}
	each "$READERS" one
	each "$MAKERS" one
}

@test "-o: whole, by the umask, and the old file when it goes wrong" {
	world
	umask 027
	one() {
		local words="${2//NEW/new} $3"
		# Of jt-genesis it is a directory.
		[ "$1" != jt-genesis ] && "$1" -h | grep -q '^  -o, --output' || return 0
		fresh
		check 0 '' sh -c "$1 $words -o made"
		[ -s made ]
		[ "$(stat -c %a made)" = 640 ]
		echo old >made
		check 74 "$1: /dev/full: No space left on device" sh -c "$1 $words -o /dev/full" ||
			return 1
		fresh
		check 73 "$1: no/dir/made: No such file or directory" sh -c "$1 $words -o no/dir/made"
		[ "$(cat made)" = old ]
		[ "$(find . -maxdepth 1 -name '*made*' | wc -l)" -eq 1 ]
	}
	each "$READERS" one
	each "$MAKERS" one
}

@test "- is stdin for data, and a name for the network file and a field's value" {
	world
	check 0 '' sh -c 'jt-check -N net/network.jt - <proof'
	check 66 'jt-check: -: No such file or directory' sh -c 'jt-check -N - proof <net/network.jt'
	check 0 '' sh -c 'jt-check -N /dev/stdin proof <net/network.jt'
	tx='jt-tx -N net/network.jt pay from=net/bank to=alice amount=1 fee=1 seq=2 last=5'
	check 66 'jt-tx: -: No such file or directory' sh -c "echo hi | $tx memo=@-"
	check 0 '' sh -c "echo hi | $tx memo=@/dev/stdin | jt-show -1 | grep -q 'memo: \"hi\"'"
	cp net/network.jt ./-
	check 0 '' jt-check -N - proof
}

# The signals whose default is the end of a program, but KILL and those of a crash.
DEADLY="ALRM HUP INT IO PIPE PROF PWR QUIT STKFLT TERM USR1 USR2 VTALRM XCPU RTMIN RTMAX"

@test "a signal leaves no half-made file" {
	world
	there=$(files)
	ulimit -c 0
	mkfifo in
	exec 8<>in
	for signal in $DEADLY; do
		for words in 'jt-close -d ready/v1' 'jt-sign -k alice.key' jt-merge; do
			code=0
			# shellcheck disable=SC2086 # words
			env --default-signal $words -o made in 8>&- 3>&- &
			until_true compgen -G 'made.tmp.*' >/dev/null
			kill -$signal $!
			wait $! 2>/dev/null || code=$?
			[ "$code" -eq $((128 + $(kill -l $signal))) ]
			[ "$(files | grep made || true)" = '' ]
		done
	done
	rm in
	diff <(echo "$there") <(files)
}

@test "a signal leaves no half-made directory" {
	world
	there=$(files)
	ulimit -c 0
	for signal in $DEADLY; do
		for words in 'jt-genesis -o made' 'jt-replay -d net/v1' 'jt-replay -d net/v1 -o made'; do
			# It is there from the beginning, and waits until it is looked for.
			check $((128 + $(kill -l $signal))) '' \
				env --default-signal --block-signal sh -c "kill -$(kill -l $signal) \$\$; exec $words"
			[ "$(files)" = "$there" ]
		done
	done
}

@test "two outputs are two files, however they are spelled" {
	world
	mkdir dir
	ln -s .. dir/up
	for results in same ./same dir/../same dir/up/same; do
		check 64 "jt-close: $results: two outputs to one file" \
			jt-close -d ready/v1 -o same -r "$results" signed
		check 64 "jt-verify: $results: two outputs to one file" \
			jt-verify -o same --refused "$results" signed
	done
	[ ! -e same ]
	check 0 '' jt-verify -o same --refused dir/same signed
	check 0 '' jt-verify -o /dev/null --refused /dev/null signed
}

@test "an empty word for a directory is not the root of all" {
	jt-keygen -n alice >/dev/null
	id=$(printf %064d 1)
	for words in jt-close jt-certify 'jt-get accounts' 'jt-prove account alice' jt-replay \
		"jt-explain $id" 'jt-tx pay from=alice to=alice amount=1'; do
		# shellcheck disable=SC2086 # words
		code=$(run_one $words -d '' </dev/null)
		[ "$code" -eq 64 ]
		head -n 1 "$BATS_TEST_TMPDIR/err" |
			grep -qx "${words%% *}: option -d needs a DIR, not an empty word"
	done
}

@test "a long name takes the reason for nothing away" {
	long=$(printf '%0200d/%0200d' 0 0)
	for p in jt-id jt-show; do
		check 66 "$p: $long: No such file or directory" $p "$long"
	done
	code=$(run_one jt-keygen -n "$long")
	[ "$code" -eq 73 ]
	grep -q '^jt-keygen: 0*\.\.\.0*.key: No such file or directory$' "$BATS_TEST_TMPDIR/err"
}

@test "secrets: only their owner may read them, and who makes them sees to it" {
	world
	umask 0
	jt-keygen -n new >/dev/null
	jt-genesis -v 2 -o nets >/dev/null
	for key in new.key nets/bank.key nets/v1/validator.key nets/v2/link.key; do
		[ "$(stat -c %a $key)" = 600 ]
	done
	for mode in 640 604 660 606 644; do
		chmod $mode alice.key net/v1/validator.key
		check 77 "jt-sign: alice.key: open to others: expected mode 0600, found 0$mode" \
			jt-sign -k alice.key signed
		check 77 "jt-close: net/v1/validator.key: open to others: expected mode 0600, found 0$mode" \
			jt-close -d ready/v1 -k net/v1/validator.key signed
		check 77 "jt-keygen: alice.key: open to others: expected mode 0600, found 0$mode" \
			jt-keygen --show-seed alice.key
	done
	[ "$(jt-get -d ready/v1 ledger | field number)" = 0 ]
}

@test "an output never replaces a secret, and opens what it replaces to nobody else" {
	world
	ln -s alice.key link
	cp alice.key was
	for key in alice.key link; do
		check 73 "jt-sign: $key: a secret key, and is kept" jt-sign -k alice.key -o $key signed
		check 73 "jt-show: $key: a secret key, and is kept" jt-show -o $key signed
	done
	cmp alice.key was
	for mode in 600 640 444; do
		rm -f shown
		: >shown
		chmod $mode shown
		check 0 '' jt-show -o shown signed
		[ "$(stat -c %a shown)" = $mode ]
		[ -s shown ]
	done
}

@test "no program leaves a file behind, here or in the directory for such files" {
	world
	mkdir new tmp
	there=$(files)
	one() {
		# The ledger that jt-close makes from the network file is meant to be there.
		TMPDIR=$PWD/tmp sh -c "$1 ${2//NEW/new/it} $3" >/dev/null
		rm -rf new/it* ready/v1/ledger
	}
	fresh() { mkdir -p new; }
	each "$READERS" one
	each "$MAKERS" one
	cp -r net/v1/ledger ready/v1
	diff <(echo "$there") <(files)
}
