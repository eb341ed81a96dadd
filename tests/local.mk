# Add a test: one line unit_tests, bats_tests, bench_programs, bench_scripts or fuzz_programs; files it reads: EXTRA_DIST.
unit_tests += %D%/unit/address
unit_tests += %D%/unit/buf
unit_tests += %D%/unit/error
unit_tests += %D%/unit/file
unit_tests += %D%/unit/key
unit_tests += %D%/unit/merkle
unit_tests += %D%/unit/num
unit_tests += %D%/unit/seal
unit_tests += %D%/unit/sign
unit_tests += %D%/unit/text

noinst_HEADERS += %D%/unit/random.h
noinst_HEADERS += %D%/unit/tap.h
EXTRA_DIST += %D%/run %D%/lib.bash %D%/installed
