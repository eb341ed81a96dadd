# Add a test: one line unit_tests, bats_tests, bench_programs, bench_scripts or fuzz_programs; files it reads: EXTRA_DIST.
unit_tests += %D%/unit/account
unit_tests += %D%/unit/address
unit_tests += %D%/unit/agree
unit_tests += %D%/unit/block
unit_tests += %D%/unit/buf
unit_tests += %D%/unit/catchup
unit_tests += %D%/unit/close
unit_tests += %D%/unit/coin
unit_tests += %D%/unit/csv
unit_tests += %D%/unit/dag
unit_tests += %D%/unit/dealing
unit_tests += %D%/unit/dleq
unit_tests += %D%/unit/door
unit_tests += %D%/unit/draw
unit_tests += %D%/unit/error
unit_tests += %D%/unit/file
unit_tests += %D%/unit/fold
unit_tests += %D%/unit/flood
unit_tests += %D%/unit/genesis
unit_tests += %D%/unit/golden
unit_tests += %D%/unit/group
unit_tests += %D%/unit/grow
unit_tests += %D%/unit/key
unit_tests += %D%/unit/kills
unit_tests += %D%/unit/link
unit_tests += %D%/unit/log
unit_tests += %D%/unit/liveness
unit_tests += %D%/unit/map
unit_tests += %D%/unit/map_prove
unit_tests += %D%/unit/mark
unit_tests += %D%/unit/member
unit_tests += %D%/unit/merkle
unit_tests += %D%/unit/model
unit_tests += %D%/unit/mutants
unit_tests += %D%/unit/noise
unit_tests += %D%/unit/num
unit_tests += %D%/unit/object
unit_tests += %D%/unit/order
unit_tests += %D%/unit/outbox
unit_tests += %D%/unit/overlay
unit_tests += %D%/unit/places
unit_tests += %D%/unit/poly
unit_tests += %D%/unit/peers
unit_tests += %D%/unit/proof
unit_tests += %D%/unit/proof_record
unit_tests += %D%/unit/random-ledgers
unit_tests += %D%/unit/records
unit_tests += %D%/unit/rule
unit_tests += %D%/unit/rules
unit_tests += %D%/unit/schema
unit_tests += %D%/unit/seal
unit_tests += %D%/unit/sign
unit_tests += %D%/unit/store
unit_tests += %D%/unit/sums
unit_tests += %D%/unit/suspend
unit_tests += %D%/unit/text
unit_tests += %D%/unit/tx
unit_tests += %D%/unit/view
unit_tests += %D%/unit/voter
unit_tests += %D%/unit/watch

bats_tests += %D%/0001-manners.bats
bats_tests += %D%/0002-streams.bats
bats_tests += %D%/0003-manual.bats
bats_tests += %D%/0004-completion.bats
bats_tests += %D%/0080-build.bats
bats_tests += %D%/0090-layers.bats
bats_tests += %D%/1000-jt.bats
bats_tests += %D%/1001-keys.bats
bats_tests += %D%/1002-passphrases.bats
bats_tests += %D%/2000-tx.bats
bats_tests += %D%/3000-genesis.bats
bats_tests += %D%/3010-close.bats
bats_tests += %D%/3020-votes.bats
bats_tests += %D%/3030-proofs.bats
bats_tests += %D%/3090-golden.bats
bats_tests += %D%/3800-faults.bats
bats_tests += %D%/4000-sim.bats
bats_tests += %D%/4100-draw.bats
bats_tests += %D%/4200-deal.bats
bats_tests += %D%/4250-vote.bats
bats_tests += %D%/4300-hub.bats
bats_tests += %D%/4310-liar.bats
bats_tests += %D%/4320-kills.bats
bats_tests += %D%/8000-peer.bats
bats_tests += %D%/8100-door.bats
bats_tests += %D%/6000-records.bats
bats_tests += %D%/6010-anchor.bats
bats_tests += %D%/6020-network.bats
bats_tests += %D%/8200-node.bats
bats_tests += %D%/8210-net.bats
bats_tests += %D%/8220-kills.bats
bats_tests += %D%/8230-supervisors.bats
bats_tests += %D%/8300-status.bats
bats_tests += %D%/8110-submit.bats
bats_tests += %D%/9000-readme.bats
bats_tests += %D%/9001-quickstart.bats
bats_tests += %D%/9002-officers.bats
bats_tests += %D%/9003-operators.bats
bats_tests += %D%/9010-lesson.bats
bats_tests += %D%/9011-ci.bats
bats_tests += %D%/9012-operators.bats
bats_tests += %D%/9010-ci.bats
bats_tests += %D%/9100-history.bats

bench_programs += %D%/bench/anchor
bench_programs += %D%/bench/coin
bench_programs += %D%/bench/decode
bench_programs += %D%/bench/verify
bench_programs += %D%/bench/door
bench_programs += %D%/bench/oneshot
bench_programs += %D%/bench/state
bench_programs += %D%/bench/peer
bench_programs += %D%/bench/vote
bench_programs += %D%/bench/member
bench_programs += %D%/bench/pipes
bench_programs += %D%/bench/network
bench_programs += %D%/bench/close
bench_programs += %D%/bench/records
bench_programs += %D%/bench/history

# Minutes, and 10 GB of disk.
bench-large: %D%/bench/close %D%/bench/records
	@$(AM_TESTS_ENVIRONMENT) %D%/bench/close 100000+200 10000000
	@$(AM_TESTS_ENVIRONMENT) %D%/bench/records 10000000
.PHONY: bench-large

fuzz_programs += %D%/fuzz/address
fuzz_programs += %D%/fuzz/coin
fuzz_programs += %D%/fuzz/csv
fuzz_programs += %D%/fuzz/door
fuzz_programs += %D%/fuzz/field
fuzz_programs += %D%/fuzz/link
fuzz_programs += %D%/fuzz/mark
fuzz_programs += %D%/fuzz/number
fuzz_programs += %D%/fuzz/object
fuzz_programs += %D%/fuzz/parse
fuzz_programs += %D%/fuzz/proof
fuzz_programs += %D%/fuzz/secret
fuzz_programs += %D%/fuzz/setup
fuzz_programs += %D%/fuzz/sums
fuzz_programs += %D%/fuzz/tx
fuzz_programs += %D%/fuzz/vote

%C%_unit_peers_LDFLAGS = $(AM_LDFLAGS) -pthread
# Calls that a benchmark times, see there.
%C%_bench_member_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=jt_sign_verify,--wrap=jt_block_seal,--wrap=jt_coin_share,--wrap=jt_coin_open,--wrap=jt_log_append,--wrap=jt_log_sync,--wrap=jt_log_find,--wrap=jt_log_read

# Calls that a fuzz target answers itself, see there.
%C%_fuzz_object_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=read
%C%_fuzz_vote_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=jt_sign_verify,--wrap=jt_sign_id,--wrap=jt_coin_open,--wrap=jt_coin_share,--wrap=jt_coin_name,--wrap=jt_beacon_name,--wrap=jt_beacon_make,--wrap=fsync,--wrap=fdatasync
%C%_fuzz_setup_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=realloc,--wrap=free,--wrap=die,--wrap=cmd_check

noinst_HEADERS += %D%/bench/bench.h
noinst_HEADERS += %D%/bench/payments.h
noinst_HEADERS += %D%/fuzz/fuzz.h
noinst_HEADERS += %D%/fuzz/tx-make.h
noinst_HEADERS += %D%/unit/damage.h
noinst_HEADERS += %D%/unit/electorate.h
noinst_HEADERS += %D%/unit/graph.h
noinst_HEADERS += %D%/unit/net.h
noinst_HEADERS += %D%/unit/one.h
noinst_HEADERS += %D%/unit/ordered.h
noinst_HEADERS += %D%/unit/household.h
noinst_HEADERS += %D%/unit/network.h
noinst_HEADERS += %D%/unit/points.h
noinst_HEADERS += %D%/unit/random.h
noinst_HEADERS += %D%/unit/recorded.h
noinst_HEADERS += %D%/unit/sample.h
noinst_HEADERS += %D%/unit/state.h
noinst_HEADERS += %D%/unit/tap.h
noinst_HEADERS += %D%/unit/tempdir.h
noinst_HEADERS += %D%/unit/words.h
EXTRA_DIST += %D%/bench/ots.py
EXTRA_DIST += %D%/xrpl-history %D%/xrpl-payments
EXTRA_DIST += %D%/fault.bash %D%/terminal
EXTRA_DIST += %D%/man-examples
EXTRA_DIST += %D%/run %D%/simulate %D%/lib.bash %D%/ledger.bash %D%/installed
EXTRA_DIST += %D%/run %D%/lib.bash %D%/ledger.bash %D%/net.bash %D%/door.bash %D%/installed

# A vote of one, see there.
check_PROGRAMS += %D%/stand-in
EXTRA_DIST += %D%/fuzz/corpus/address
EXTRA_DIST += %D%/fuzz/corpus/coin
EXTRA_DIST += %D%/fuzz/corpus/csv
EXTRA_DIST += %D%/fuzz/corpus/door
EXTRA_DIST += %D%/fuzz/corpus/field
EXTRA_DIST += %D%/fuzz/corpus/link
EXTRA_DIST += %D%/fuzz/corpus/mark
EXTRA_DIST += %D%/fuzz/corpus/number
EXTRA_DIST += %D%/fuzz/corpus/object
EXTRA_DIST += %D%/fuzz/corpus/parse
EXTRA_DIST += %D%/fuzz/corpus/proof
EXTRA_DIST += %D%/fuzz/corpus/secret
EXTRA_DIST += %D%/fuzz/corpus/setup
EXTRA_DIST += %D%/fuzz/corpus/sums
EXTRA_DIST += %D%/fuzz/corpus/tx
EXTRA_DIST += %D%/fuzz/corpus/vote

# Faults: what a test preloads, and what it walks with. `make faults' tries all.
check_PROGRAMS += %D%/inject/format
check_DATA = %D%/inject.so
CLEANFILES += %D%/inject.so
EXTRA_DIST += %D%/inject/inject.c %D%/inject/walk %D%/inject/kill %D%/inject/full
EXTRA_DIST += %D%/inject/kill-vote %D%/inject/contradictions
# Built without _FILE_OFFSET_BITS: the functions are defined under both names.
%D%/inject.so: %D%/inject/inject.c
	$(AM_V_CC)$(MKDIR_P) %D% && $(CC) $(CFLAGS) -std=gnu11 -D_GNU_SOURCE -Wall -Wextra \
	    -shared -fPIC -o $@ "$(srcdir)/%D%/inject/inject.c" -ldl
KILLS = 3000
FAULTS = anchor complete close-old close-new close-cuts certify replay genesis keygen sign sealed passwd
faults: $(bin_PROGRAMS) $(check_DATA)
	@$(AM_TESTS_ENVIRONMENT) code=0; \
	for s in $(FAULTS); do "$(srcdir)/%D%/inject/walk" $$s || code=1; done; \
	"$(srcdir)/%D%/inject/full" || test $$? -eq 77 || code=1; \
	"$(srcdir)/%D%/inject/kill" $(KILLS) || code=1; \
	exit $$code
.PHONY: faults

# Voters killed at random instants, half of them with closers behind; an hour.
kills: $(bin_PROGRAMS)
	@$(AM_TESTS_ENVIRONMENT) for i in $$(seq $$(($(KILLS) / 120))); do \
	"$(srcdir)/%D%/inject/kill-vote" 60 && "$(srcdir)/%D%/inject/kill-vote" 60 closers || \
	exit 1; done
.PHONY: kills

# 100,000 simulated votes, in hours, or N:RUNS of SIM; stopped, it goes on where it was.
# Then liveness, of a million coins, and the model of the rule, whole.
sim: $(bin_PROGRAMS) %D%/unit/liveness %D%/unit/model
	@$(AM_TESTS_ENVIRONMENT) "$(srcdir)/%D%/simulate" $(SIM_OPTIONS) $(SIM)
	@nice ./%D%/unit/liveness all
	@nice ./%D%/unit/model all
.PHONY: sim

# Thousands of kills of four validators' processes: an hour for 5,000. A seed repeats a
# schedule: make soak KILLED=100 SOAK_SEED=7
KILLED = 5000
SOAK_SEED =
soak: $(bin_PROGRAMS) $(bin_SCRIPTS)
	@$(AM_TESTS_ENVIRONMENT) nice "$(srcdir)/%D%/soak" $(KILLED) $(SOAK_SEED)
.PHONY: soak
EXTRA_DIST += %D%/soak

# Two million random transactions beside the model, in ten minutes; a seed repeats a run.
NETWORKS = 5000
SEED = $$(od -An -N4 -tu4 /dev/urandom)
random: %D%/unit/random-ledgers
	@code=0; %D%/unit/random-ledgers $(SEED) $(NETWORKS) >%D%/random.out || code=$$?; \
	$(SED) '/^ok /d' %D%/random.out; rm -f %D%/random.out; exit $$code
.PHONY: random
EXTRA_DIST += %D%/golden
EXTRA_DIST += %D%/vectors.py

# The vectors change only by this.
golden: %D%/unit/golden
	@$(AM_TESTS_ENVIRONMENT) ./%D%/unit/golden "$(srcdir)/%D%/golden"
.PHONY: golden

# The model of the vote's rule, all of it: minutes.
model: %D%/unit/model
	%D%/unit/model all
.PHONY: model
