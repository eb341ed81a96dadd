# Loaded by tests that make a system call fail:  load fault.bash
# build_fault, then FAULT='rename 1 28' with_fault COMMAND... (see fault.c)

build_fault() {
	"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$BATS_TEST_TMPDIR/fault.so" \
		"$JT_SRC/tests/fault.c" -ldl || skip "no compiler"
}

with_fault() {
	LD_PRELOAD="$BATS_TEST_TMPDIR/fault.so" \
		ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" "$@"
}
