#!/usr/bin/env bats
# examples/ci-anchor: artefacts are anchored in one job, and verified in a later one
# that has nothing but them and the network's public file.
load lib.bash
load net.bash

setup() {
	lib_setup
	export TMPDIR=$BATS_TEST_TMPDIR
	cp "$JT_SRC/examples/ci-anchor" .
	unset GITHUB_REF_NAME GITHUB_SHA CI_COMMIT_TAG CI_COMMIT_SHA
}

build() {
	mkdir -p dist/sub
	echo "program $1" >dist/prog.tar.gz
	echo "notes $1" >'dist/release notes.txt'
	echo "deep $1" >dist/sub/deep.bin
}

@test "anchor in one job, verify in another, and a second release" {
	build 1
	export GITHUB_REF_NAME=v1.0 GITHUB_SHA=0123456789abcdef
	check 0 "the network's public file: state/network.jt" ./ci-anchor release dist state
	out_is ''
	[ "$(find dist -name '*.jtp' | wc -l)" -eq 3 ]
	mkdir later
	mv dist later
	cp state/network.jt later
	cd later
	check 0 '' nosocket ../ci-anchor verify dist network.jt
	[ "$(out | wc -l)" -eq 3 ]
	[ "$(out | grep -c ': proven: these bytes existed not after ledger 1 (.*), tag "v1.0 0123456789abcdef"$')" -eq 3 ]
	# An artefact that was changed, and one that was never anchored.
	echo more >>dist/prog.tar.gz
	echo new >dist/new
	check 1 'jt-check: dist/new: not proven: there is no dist/new.jtp
jt-check: dist/prog.tar.gz: not proven: dist/prog.tar.gz.jtp is of other bytes' ../ci-anchor verify dist network.jt
	[ "$(out | wc -l)" -eq 2 ]
	cd ..
	# The next release goes to the same ledger, and the job can be run again.
	build 2
	export GITHUB_REF_NAME=v1.1
	check 0 "the network's public file: state/network.jt" ./ci-anchor release dist state
	check 0 "the network's public file: state/network.jt" ./ci-anchor release dist state
	check 0 '' ./ci-anchor verify dist later/network.jt
	[ "$(out | grep -c 'ledger 2 (.*tag "v1.1 ')" -eq 3 ]
	[ "$(jt-get -d state/v1 -j records | grep -c '"tag":"v1')" -eq 2 ]
}

@test "the same on a network of four; the job again, after it could not be reached" {
	build 1
	jt-net up 4 ring
	cp ring/network.jt .
	export GITHUB_REF_NAME=v2.0 GITHUB_SHA=89abcdef
	check 1 'jt-anchor: ./sock: No such file or directory' \
	    ./ci-anchor release dist network.jt ./sock
	[ -z "$(find dist -name '*.jtp')" ]
	for _ in 1 2; do
		check 0 '' ./ci-anchor release dist network.jt ring/v2/sock
		out_is ''
	done
	jt-net down ring
	check 0 '' nosocket ./ci-anchor verify dist network.jt
	[ "$(out | grep -c ': proven: these bytes existed not after ledger 1 (.*) of network "ring" .*, tag "v2.0 89abcdef", the record composed not before ledger 0 ')" -eq 3 ]
	check 64 'usage: ci-anchor release DIST [STATE | NETWORK [SERVER]] | ci-anchor verify DIST NETWORK' \
	    ./ci-anchor release dist network.jt a b
}

@test "wrong words" {
	check 64 'usage: ci-anchor release DIST [STATE | NETWORK [SERVER]] | ci-anchor verify DIST NETWORK' ./ci-anchor
	check 64 'usage: ci-anchor release DIST [STATE | NETWORK [SERVER]] | ci-anchor verify DIST NETWORK' sh -c 'mkdir dist; ./ci-anchor build dist'
	check 64 'usage: ci-anchor release DIST [STATE | NETWORK [SERVER]] | ci-anchor verify DIST NETWORK' ./ci-anchor verify dist
	check 66 'ci-anchor: none: no such folder' ./ci-anchor release none
}
