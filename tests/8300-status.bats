#!/usr/bin/env bats
# jt-status: read from directories alone.

load lib
load ledger

setup() {
	lib_setup
	network 4
	jt-pack >vote.jt <<-END
		kind: jt/standing/1
		body:
		  certified: 0
		  closed: 6
		  decided: 7
		  ledger: 0
		  peers: [v2, v4]
		  pool: 512
		  round: 40
		  time: 2030-01-01T00:00:00Z
	END
}

# running I: as if the validator's supervisor were there.
running() {
	mkdir -p "net/v$1/run"
	cp vote.jt "net/v$1/run/vote.jt"
	exec 8>"net/v$1/run/lock"
	flock -n 8
}

@test "stopped, running and halted" {
	check 1 '' jt-status
	[ "$(out | head -n 1)" = 'net/v1: v1 of net, stopped' ]
	[ "$(out | wc -l)" -eq 2 ]
	running 1
	check 0 '' jt-status
	[ "$(out | grep -v ledger)" = 'net/v1: v1 of net, running
  peers      2 of 3 can be reached: v2 v4
  vote       round 40, 7 cuts decided, 6 closed
  waiting    512 bytes for the next block' ]
	check 1 '' jt-status net/v1 net/v2
	mkdir net/v1/halt
	check 1 '' jt-status
	[ "$(out | head -n 2)" = 'net/v1: v1 of net, halted
  others closed a ledger differently: see net/v1/halt' ]
	exec 8>&-
	rmdir net/v1/halt
	# What it said while it ran says nothing now.
	check 1 '' jt-status
	[ "$(out | wc -l)" -eq 2 ]
}

@test "known to have made two blocks of a round" {
	running 1
	jt-show vote.jt | sed 's/^\( *\)decided: 7/&\n\1exposed: 1/' | jt-pack >net/v1/run/vote.jt
	check 0 '' jt-status
	out | grep -qx '  exposed    it made two blocks of a round, and takes no payload'
	check 0 '' jt-status -j
	out | grep -q ',"exposed":true,'
}

@test "the ledger, and how much of it is certified" {
	pay net/bank alice 100 | jt-close >/dev/null
	check 1 '' jt-status
	out | grep -q '^  ledger     1, certified 0, of 20'
}

@test "JSON, for one and for many" {
	running 2
	check 0 '' jt-status -j net/v2
	out | python3 -c 'import json, sys
s = json.load(sys.stdin)
assert s["name"] == "v2" and s["state"] == "running" and s["peers"] == ["v2", "v4"]
assert (s["round"], s["decided"], s["closed"], s["waiting"], s["lost"], s["exposed"]) == (40, 7, 6, 512, False, False)
assert s["ledger"] == 0 and s["validators"] == 4'
	# Freed memory is overwritten.
	[ "$(MALLOC_PERTURB_=85 jt-status -j net/v2 | tr -d '\0')" = "$(out)" ]
	check 1 '' jt-status -j net/v1 net/v2
	[ "$(out | wc -l)" -eq 2 ]
}

@test "Prometheus: every metric once, a line for each validator" {
	running 1
	check 1 '' jt-status --prometheus net/v1 net/v2
	[ "$(out | grep -c '^# TYPE ')" -eq "$(out | grep '^# TYPE ' | sort -u | wc -l)" ]
	[ "$(out | grep '^jt_up')" = 'jt_up{network="net",validator="v1",dir="net/v1"} 1
jt_up{network="net",validator="v2",dir="net/v2"} 0' ]
	[ "$(out | grep '^jt_round')" = 'jt_round{network="net",validator="v1",dir="net/v1"} 40' ]
	! out | grep -v '^#' | grep -qvE '^jt_[a-z_]+\{[^}]*\} [0-9]+$'
}

@test "an observer, no network, wrong words, a state file that is none" {
	rm net/v1/validator.pub
	check 1 '' jt-status
	[ "$(out | head -n 1)" = 'net/v1: an observer of net, stopped' ]
	running 1
	echo hello >net/v1/run/vote.jt
	check 0 '' jt-status
	[ "$(out | wc -l)" -eq 2 ]
	check 64 'jt-status: -j or --prometheus, not both
jt-status: usage: jt-status [-d DIR] [-j | --prometheus] [-o FILE] [DIR...]' \
		jt-status -j --prometheus
	mkdir empty
	check 78 'jt-status: no network file: empty/network.jt or $JT_NETWORK' jt-status empty
}
