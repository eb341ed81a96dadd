#!/usr/bin/env bats
# The golden vectors (tests/unit/golden.c makes them), by our programs and by Python.
load lib.bash
load ledger.bash

golden=$JT_SRC/tests/golden

@test "Python with msgpack and hashlib agrees about ids, roots, order and proofs" {
	/usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip "no /usr/bin/python3 with msgpack (package python3-msgpack)"
	/usr/bin/python3 "$JT_SRC/tests/vectors.py" "$golden" >tap || {
		grep '^not ok' tap >&2
		return 1
	}
	[ "$(grep -c '^ok' tap)" -ge 15 ]
}

@test "jt-id names what ids.txt names" {
	for f in network coin stream headers; do
		# The network file's name is that of the genesis alone.
		grep "^$f.jt " "$golden/ids.txt" | grep -v '^network.* jt.dealing' | cut -d ' ' -f 4 >want
		jt-id "$golden/$f.jt" >ids
		cmp want ids
	done
}

@test "every file survives the views" {
	for f in network coin stream results headers state proofs records; do
		jt-show "$golden/$f.jt" | jt-pack | cmp - "$golden/$f.jt"
		jt-show -j "$golden/$f.jt" | jt-pack | cmp - "$golden/$f.jt"
		jt-show -1 "$golden/$f.jt" | jt-pack | cmp - "$golden/$f.jt"
	done
}

@test "the stream closes to the same ledgers, and results" {
	mkdir v
	cp "$golden/network.jt" v
	check 0 '' jt-close --voted -d v -r results "$golden/stream.jt"
	out | jt-id >ids
	sed -n 's/^headers.jt [23] jt.header.1 //p' "$golden/ids.txt" >want
	cmp want ids
	cmp results "$golden/results.jt"
	jt-get -d v accounts | cmp - "$golden/state.jt"
	check 0 '' sh -c "jt-certify -d v '$golden/headers.jt' >/dev/null"
	jt-get -d v ledgers >headers
	cmp headers <(head -c "$(wc -c <headers)" "$golden/headers.jt")
}

@test "the proofs hold" {
	check 0 '' jt-check -N "$golden/network.jt" "$golden/proofs.jt"
	[ "$(out | wc -l)" -eq 18 ]
	[ "$(out | grep -c "ledger 2 (2017-03-01T12:00:00.250Z) of network \"golden\" ($(jt-id "$golden/network.jt" |
	    head -c 16)...), account j[^ ]* has 107.24999 SWT, highest seq 1\$")" -eq 1 ]
	[ "$(out | grep -c 'there is no account')" -eq 2 ]
	[ "$(out | grep -c ' was applied: ')" -eq 4 ]
	[ "$(out | grep -c ' recorded, tag ')" -eq 3 ]
	[ "$(out | grep -c ' no direct record of aaaa')" -eq 1 ]
	for code in too-small unknown-asset memo-missing; do
		[ "$(out | grep -c " failed ($code): ")" -eq 1 ]
	done
}

@test "the sealed key opens with its passphrase" {
	# The last object of the file.
	perl -e 'local $/; open my $in, "<:raw", $ARGV[0] or die; my $s = <$in>;
	    print substr $s, rindex $s, "\x93\xa9jt/secret"' "$golden/keys.jt" >alice.key
	chmod 600 alice.key
	pub=$(jt-id "$golden/keys.jt" | head -n 1)
	jt-tx -N "$golden/network.jt" pay from="$pub" to=jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD amount=1 seq=9 >tx
	exec 7<<<'correct horse'
	check 0 '' jt-sign --pass-fd 7 -k alice.key tx
	out | jt-verify >/dev/null
}
