# Add a test: one line unit_tests, bats_tests, bench_programs, bench_scripts or fuzz_programs; files it reads: EXTRA_DIST.
unit_tests += %D%/unit/account
unit_tests += %D%/unit/address
unit_tests += %D%/unit/buf
unit_tests += %D%/unit/error
unit_tests += %D%/unit/file
unit_tests += %D%/unit/key
unit_tests += %D%/unit/map
unit_tests += %D%/unit/map_prove
unit_tests += %D%/unit/merkle
unit_tests += %D%/unit/num
unit_tests += %D%/unit/overlay
unit_tests += %D%/unit/seal
unit_tests += %D%/unit/sign
unit_tests += %D%/unit/store
unit_tests += %D%/unit/text
unit_tests += %D%/unit/view

bats_tests += %D%/0090-layers.bats
bats_tests += %D%/3000-genesis.bats

fuzz_programs += %D%/fuzz/parse

noinst_HEADERS += %D%/unit/random.h
noinst_HEADERS += %D%/unit/sample.h
noinst_HEADERS += %D%/unit/state.h
noinst_HEADERS += %D%/unit/tap.h
noinst_HEADERS += %D%/unit/tempdir.h
EXTRA_DIST += %D%/run %D%/lib.bash %D%/installed
EXTRA_DIST += %D%/fuzz/corpus/parse
