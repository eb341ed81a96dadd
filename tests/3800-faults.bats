#!/usr/bin/env bats
# Calls that fail, kill -9, full disks, stores of other versions: what is there
# afterwards is the old or the new, and the next run goes on. Here a share of
# the faults is drawn, of a seed that is shown; `make faults` tries them all.
load lib.bash
load ledger.bash
load fault.bash

# Where nothing waits for a disk: what is tested here is not the disk.
setup() {
	lib_setup
	[ ! -w /dev/shm ] || export WALK_DIR=/dev/shm
}

walk() {
	need_faults
	"$JT_SRC/tests/inject/walk" "$@" 2>&1
}

# limited KIB COMMAND...: no file may become longer.
limited() {
	local kib=$1
	shift
	(ulimit -f "$kib" && exec "$@")
}

@test "a call that fails: jt-close, one ledger more" {
	walk close-old 12
}

@test "a call that fails: jt-close, the first ledgers" {
	walk close-new 9
}

@test "a call that fails: jt-close, a stream of cuts" {
	walk close-cuts 7
}

@test "a call that fails: jt-certify" {
	walk certify 15
}

@test "a call that fails: jt-replay" {
	walk replay 10
}

@test "a call that fails: jt-genesis" {
	walk genesis 6
}

@test "a call that fails: jt-keygen" {
	walk keygen 30
	walk sealed 5
}

@test "a call that fails: a new passphrase" {
	walk passwd 5
}

@test "a call that fails: jt-anchor, and completing" {
	walk anchor 30
	walk complete 20
}

@test "a call that fails: -o over a file" {
	walk sign 60
}

@test "kill -9 at random instants" {
	"$JT_SRC/tests/inject/kill" 25 2>&1
}

@test "a full disk" {
	code=0
	said=$("$JT_SRC/tests/inject/full" 8 2>&1) || code=$?
	[ $code -ne 77 ] || skip "${said#full: }"
	echo "$said"
	[ $code -eq 0 ]
}

@test "a limit on the size of files is a full disk, too" {
	network
	pay net/bank alice 5 >tx
	cp -r net old
	rm -r net/v1/ledger
	for kib in 1 4 5 8 16 30 60; do
		rm -rf new
		cp -r net new
		code=0
		said=$(limited $kib jt-close -d new/v1 -k net/v1/validator.key tx 2>&1 >/dev/null) || code=$?
		echo "$kib KiB: exit $code: $said"
		[ $code -eq 74 ]
		[ "$said" = 'jt-close: new/v1/ledger: File too large' ]
		check 0 '' jt-close -d new/v1 -k net/v1/validator.key tx
		check 0 '' jt-replay -d new/v1
	done
	# The limit is on what a file becomes; the one that is there is longer.
	check 0 '' limited 1 jt-get -d old/v1 ledger
	code=0
	said=$(limited 1 jt-genesis -o other 2>&1 >/dev/null) || code=$?
	echo "exit $code: $said"
	[ $code -eq 74 ]
	[[ $said =~ ^'jt-genesis: other.tmp.'......'/v1/ledger: File too large'$ ]]
	[ -z "$(ls -d other* 2>/dev/null)" ]
}

# spoil OLD NEW: in all that net/v1/ledger stores; both of the same length.
spoil() {
	rm -rf net/v1
	cp -r good net/v1
	LC_ALL=C sed -i "s|$1|$2|g" net/v1/ledger/data.mdb
}

@test "what is damaged in a ledger is named, and is neither bad input nor a plain no" {
	network
	pay net/bank alice 5 memo=attention >tx
	check 0 '' jt-close -k net/v1/validator.key tx
	id=$(jt-id tx)
	jt-get account alice >was
	cp -r net/v1 good
	spoil jt/header jt/hdader
	said='ledger 1: the header is damaged: expected jt/header, found jt/hdader'
	check 74 "jt-close: $said" jt-close --empty </dev/null
	check 74 "jt-get: $said" jt-get ledger
	check 74 "jt-prove: $said" jt-prove account alice
	check 74 "jt-replay: $said" jt-replay
	spoil attention attentive
	said='ledger 1: transaction 0 is damaged: its hash is another one'
	check 74 "jt-prove: $id: $said" jt-prove tx "$id"
	check 74 "jt-get: $said" jt-get tx "$id"
	check 74 "jt-replay: $said" jt-replay
	check 74 "jt-explain: $said" jt-explain "$id"
	spoil jt/cut jt/cat
	check 74 'jt-replay: ledger 1: the cut is damaged: expected jt/cut, found jt/cat' jt-replay
	spoil jt/genesis jt/genesys
	check 74 'jt-get: ledger: the genesis is damaged: expected jt/genesis, found jt/genesys' \
	    jt-get ledger
	# What can still be read, and is not what history makes, has a place, too.
	spoil jt/account jt/accounx
	run jt-replay
	[ "$status" -eq 1 ]
	[[ $output =~ ^'jt-replay: table state comes out another way at key '[0-9a-f]{64}$ ]]
}

@test "a store of another version is refused by name" {
	network
	pay net/bank alice 5 >tx
	jt-close -k net/v1/validator.key tx >signed
	cp net/v1/ledger/data.mdb before
	for n in 0 1 2 4 18446744073709551615; do
		"$JT_BUILD/tests/inject/format" net/v1/ledger $n
		cp net/v1/ledger/data.mdb other
		line="net/v1/ledger: made by format $n; this program knows format 3"
		check 78 "jt-get: $line" jt-get ledger
		check 78 "jt-close: $line" jt-close --empty /dev/null
		check 78 "jt-certify: $line" jt-certify signed
		check 78 "jt-replay: $line" jt-replay
		check 78 "jt-explain: $line" jt-explain "$(jt-id tx)"
		check 78 "jt-prove: $line" jt-prove account alice
		check 78 "jt-tx: $line" jt-tx pay from=net/bank to=bob amount=1
		cmp net/v1/ledger/data.mdb other
		cp before net/v1/ledger/data.mdb
	done
	"$JT_BUILD/tests/inject/format" net/v1/ledger
	check 78 "jt-get: net/v1/ledger/data.mdb: not a ledger's store" jt-get ledger
	check 78 "jt-close: net/v1/ledger/data.mdb: not a ledger's store" jt-close --empty /dev/null
	cp before net/v1/ledger/data.mdb
	check 0 '' jt-replay
}
