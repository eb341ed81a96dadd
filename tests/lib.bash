# What every .bats file loads first:  load lib.bash
#
# The programs of this build come first in PATH, each test runs in a directory
# of its own, no variable of the user's reaches a program, and `check` asserts
# the exit code and all of stderr.

# Where the build is: `make check` says so; by hand JT_BUILD, or ./build.
JT_SRC=${JT_SRC:-$(cd "$BATS_TEST_DIRNAME/.." && pwd)}
JT_BUILD=${JT_BUILD:-$JT_SRC/build}
export JT_SRC JT_BUILD
case ":$PATH:" in
*":$JT_BUILD/cmd:"*) ;;
*) PATH=$JT_BUILD/cmd:$PATH ;;
esac
export PATH
export LC_ALL=C TZ=UTC
umask 022
unset JT_DIR JT_NETWORK

# With JT_AGAIN=FILE a test that fails is tried once more; what it said the first
# time goes to the end of FILE.
BATS_TEST_RETRIES=${JT_AGAIN:+1}

# A file with its own setup() or teardown() calls lib_setup or lib_teardown in it.
lib_setup() {
	[ -x "$JT_BUILD/cmd/jt" ] || {
		echo "no programs in $JT_BUILD/cmd: build first, or set JT_BUILD" >&2
		return 1
	}
	mkdir -p "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here" || return
}

setup() {
	lib_setup
}

# End whoever is still in the test's directory: he would hold the pipes that bats reads.
lib_teardown() {
	local pid=$BASHPID mine=' ' cwd
	lib_tell
	while [ "$pid" -gt 1 ]; do
		mine="$mine$pid "
		read -r _ _ _ pid _ < <(sed 's/(.*)/-/' "/proc/$pid/stat")
	done
	while IFS= read -r cwd; do
		pid=${cwd#/proc/} pid=${pid%/cwd}
		case $mine in *" $pid "*) ;; *) kill -KILL "$pid" 2>/dev/null || true ;; esac
	done < <(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$BATS_TEST_TMPDIR/*" 2>/dev/null)
}

# What a failure says that is to be tried again.
lib_tell() {
	[ -z "$BATS_TEST_COMPLETED" ] && ((BATS_TEST_TRY_NUMBER <= BATS_TEST_RETRIES)) || return 0
	{
		echo "${BATS_TEST_FILENAME##*/}: $BATS_TEST_DESCRIPTION"
		sed 's/^/# /' "$BATS_OUT"
	} >>"$JT_AGAIN"
}

teardown() {
	lib_teardown
}

# check CODE MESSAGE COMMAND...: the command ends with CODE and its whole stderr
# is MESSAGE (lines without the final newline; empty: not a byte). Its stdout
# is left in $BATS_TEST_TMPDIR/out, for `out` and `out_is`; stdin is the
# caller's. A command that is a pipe is given as: check 1 '...' sh -c '...'.
check() {
	local want_code=$1 want=$2 code=0 got
	shift 2
	"$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || code=$?
	# The x keeps newlines at the end that $() would take away.
	got=$(cat "$BATS_TEST_TMPDIR/err"; echo x)
	got=${got%x}
	if [ "$code" -ne "$want_code" ] || [ "$got" != "${want:+$want
}" ]; then
		{
			printf 'command: %s\n' "$*"
			printf 'exit code: %s, expected %s\n' "$code" "$want_code"
			printf 'stderr:\n%s' "$got"
			printf 'expected:\n%s\n' "$want"
		} >&2
		return 1
	fi
}

# What the last check's command wrote to stdout.
out() {
	cat "$BATS_TEST_TMPDIR/out"
}

# out_is TEXT: stdout was exactly these lines (empty: not a byte).
out_is() {
	local got
	got=$(cat "$BATS_TEST_TMPDIR/out"; echo x)
	got=${got%x}
	if [ "$got" != "${1:+$1
}" ]; then
		printf 'stdout:\n%sexpected:\n%s\n' "$got" "$1" >&2
		return 1
	fi
}

# Wait until a condition holds, on however busy a machine; the test fails after a time
# that no machine needs.
until_true() {
	local end=$((SECONDS + 600))
	until "$@"; do
		[ $SECONDS -lt $end ] || {
			echo "not so after ten minutes: $*" >&2
			return 1
		}
		sleep 0.01
	done
}

# nosocket COMMAND...: as the command, which is killed if it makes a socket.
nosocket() {
	[ -x "$JT_BUILD/tests/nosocket" ] || skip "built without libseccomp"
	"$JT_BUILD/tests/nosocket" "$@"
}

# The modes and names of all files here, to see that none was left over.
files() {
	find . -mindepth 1 -printf '%m %P\n' | LC_ALL=C sort -k 2
}
