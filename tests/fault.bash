# Loaded by tests that make a system call fail:  load fault.bash

# In a test, first: inject.so is there, and the programs have malloc to themselves.
need_faults() {
	[ -r "$JT_BUILD/tests/inject.so" ] || skip "no inject.so in this build"
	! grep -q __asan_init "$JT_BUILD/cmd/jt" || skip "built with a sanitizer"
}

# with_fault CALL N WORD COMMAND...: what WORD says happens at the Nth CALL on a
# file (tests/inject/inject.c has the words).
with_fault() {
	LD_PRELOAD=$JT_BUILD/tests/inject.so INJECT_CALLS=$1 INJECT_AT=$2 INJECT_DO=$3 "${@:4}"
}

# with_clock FILE COMMAND...: with a time of day that is wrong by the seconds in FILE.
with_clock() {
	LD_PRELOAD=$JT_BUILD/tests/inject.so INJECT_CLOCK=$1 "${@:2}"
}
