# Add a test: one line unit_tests, bats_tests, bench_programs, bench_scripts or fuzz_programs; files it reads: EXTRA_DIST.
unit_tests += %D%/unit/error

noinst_HEADERS += %D%/unit/tap.h
EXTRA_DIST += %D%/run %D%/lib.bash %D%/installed
