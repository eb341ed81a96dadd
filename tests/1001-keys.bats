# Keys: jt-keygen, the files it writes, and their public names.
load lib.bash
load fault.bash

USAGE='jt-keygen: usage: jt-keygen [-n | --pass-fd N] [--role ROLE] [--seed-fd N] NAME... | jt-keygen [-n] [--pass-fd N] --passwd KEY | jt-keygen [--pass-fd N] --show-seed KEY'
VECTOR=sEdSKaCy2JT7JaM7v95H9SxkhP9wS2j

@test "a pair: modes, an address, the same from either" {
	check 0 '' jt-keygen -n alice
	[ "$(files)" = "600 alice.key
644 alice.pub" ]
	[ "$(out)" = "$(jt-id alice.pub)" ]
	out | grep -Eqx 'j[1-9A-HJ-NP-Za-km-z]{24,34}'
	umask 077
	check 0 '' jt-keygen -n bob
	[ "$(stat -c %a bob.key)" = 600 ]
}

@test "several names; no two keys are the same" {
	check 0 '' jt-keygen -n a b c
	[ "$(out | sort -u | wc -l)" -eq 3 ]
	[ "$(files | wc -l)" -eq 6 ]
	[ "$(out)" = "$(jt-id a.pub b.pub c.pub)" ]
}

@test "roles: validator and link are named by their key" {
	check 0 '' jt-keygen -n --role validator v
	out | grep -Eqx '[0-9a-f]{64}'
	[ "$(out)" = "$(jt-show v.pub | sed -n 's/^  key: //p')" ]
	jt-show v.pub | grep -q '^  role: validator$'
	jt-show v.pub | grep -Eq '^  box: [0-9a-f]{64}$'
	check 0 '' jt-keygen -n --role link l
	[ "$(out)" = "$(jt-id l.pub)" ]
	check 64 "jt-keygen: option --role needs account, validator or link, not admin
$USAGE" jt-keygen -n --role admin a
}

@test "the Jingtum vector, by --seed-fd" {
	check 0 '' jt-keygen -n --seed-fd 3 alice 3<<<"$VECTOR"
	out_is jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD
	# Without a newline at its end, and from descriptor 0.
	printf %s "$VECTOR" | { check 0 '' jt-keygen -n --seed-fd 0 bob; }
	out_is jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD
	cmp alice.key bob.key
}

@test "seeds that are none" {
	check 65 "jt-keygen: seed: expected sEd... with its checksum, found another form or letter" \
		jt-keygen -n --seed-fd 3 a 3<<<"sEdSKaCy2JT7JaM7v95H9SxkhP9wS2k"
	check 65 "jt-keygen: seed: expected 128 hex digits for role validator" \
		jt-keygen -n --role validator --seed-fd 3 a 3<<<"00ff"
	check 66 "jt-keygen: seed: no line left on descriptor 3" jt-keygen -n --seed-fd 3 a 3</dev/null
	check 64 "jt-keygen: option --seed-fd is for one NAME
$USAGE" jt-keygen -n --seed-fd 3 a b 3<<<"$VECTOR"
	check 64 "jt-keygen: option --seed-fd: descriptor 9 is not open
$USAGE" jt-keygen -n --seed-fd 9 a
	[ -z "$(files)" ]
}

@test "seeds go to the terminal alone, and back in" {
	for role in account validator link; do
		jt-keygen -n --role $role k >name
		seed=$("$BATS_TEST_DIRNAME/terminal" '' sh -c 'jt-keygen --show-seed k.key >out')
		[ ! -s out ]
		check 0 '' jt-keygen -n --role $role --seed-fd 3 again 3<<<"$seed"
		cmp name <(out)
		cmp k.key again.key
		cmp k.pub again.pub
		rm k.* again.*
	done
	jt-keygen -n k >/dev/null
	check 77 "jt-keygen: no terminal to ask on: /dev/tty: No such device or address" \
		setsid -w jt-keygen --show-seed k.key
	out_is ''
}

@test "what exists is kept, and nothing is left beside it" {
	echo mine >alice.key
	check 73 "jt-keygen: alice.key: exists, and is kept" jt-keygen -n alice
	rm alice.key
	echo mine >alice.pub
	check 73 "jt-keygen: alice.pub: exists, and is kept" jt-keygen -n alice
	check 73 "jt-keygen: alice.pub: exists, and is kept" jt-keygen -n bob alice
	ln -s nowhere carol.key
	check 73 "jt-keygen: carol.key: exists, and is kept" jt-keygen -n carol
	[ "$(cat alice.pub)" = mine ]
	[ "$(files)" = "644 alice.pub
777 carol.key" ]
}

@test "both files or none" {
	mkdir d
	check 73 "jt-keygen: no/alice.key: No such file or directory" jt-keygen -n no/alice
	need_faults
	for call in key:write:1 pub:write:2 key:sync:1 pub:sync:2 key:sync:3 \
		key:link:1 pub:link:2; do
		IFS=: read -r file name at <<<"$call"
		check 74 "jt-keygen: d/alice.$file: No space left on device" \
			with_fault "$name" "$at" ENOSPC jt-keygen -n d/alice
		out_is ''
		[ "$(files)" = "755 d" ]
	done
	check 0 '' jt-keygen -n d/alice
}

@test "a name comes without suffix; at least one is needed" {
	check 64 "jt-keygen: alice.key: a NAME comes without .key
$USAGE" jt-keygen -n alice.key
	check 64 "jt-keygen: a NAME is needed
$USAGE" jt-keygen -n
	mkdir d
	check 64 "jt-keygen: alice: the same NAME twice
$USAGE" jt-keygen -n alice bob alice
	for name in '' d/ . .. d/.. d/.; do
		check 64 "jt-keygen: \"$name\": a NAME is needed, not a directory
$USAGE" jt-keygen -n alice "$name"
	done
	rmdir d
	check 64 "jt-keygen: one of -n and --pass-fd
$USAGE" jt-keygen -n --pass-fd 0 a
	check 64 "jt-keygen: options that do not go together
$USAGE" jt-keygen --passwd a.key --show-seed a.key
	check 64 "jt-keygen: operand not expected: b
$USAGE" jt-keygen --show-seed a.key b
	[ -z "$(files)" ]
}

@test "no core is dumped, whatever the limit" {
	ulimit -c unlimited 2>/dev/null || skip "the limit cannot be raised"
	jt-keygen -n alice >/dev/null
	mkfifo in
	jt-sign -k alice.key in >out 2>/dev/null &
	exec 4>in
	limit() { sed -n 's/^Max core file size *\([0-9a-z]*\).*/\1/p' /proc/$!/limits; }
	is_none() { [ "$(limit)" = 0 ]; }
	until_true is_none
	exec 4>&-
	wait $! || true
}

@test "a key in use is in memory that is not swapped out" {
	[ "$(ulimit -l)" = unlimited ] || [ "$(ulimit -l)" -ge 64 ] || skip "no memory may be locked"
	jt-keygen -n alice >/dev/null
	mkfifo in
	jt-sign -k alice.key in >out 2>/dev/null &
	exec 4>in
	locked() { sed -n 's/^VmLck:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/$!/status; }
	is_some() { [ "$(locked)" -gt 0 ]; }
	until_true is_some
	exec 4>&-
	wait $! || true
}

@test "no core is dumped into a pipe either, and no debugger of the user's looks in" {
	as=
	[ "$(id -u)" -ne 0 ] || as='setpriv --reuid=65534 --clear-groups'
	# shellcheck disable=SC2086 # words
	$as jt-show -V >/dev/null 2>&1 || skip "the programs cannot be run as another user"
	mkfifo in
	# shellcheck disable=SC2086
	$as jt-show <in >out 2>/dev/null &
	exec 4>in
	# What can be dumped belongs to its user, what cannot to root.
	is_root() { [ "$(stat -c %u /proc/$!/environ)" -eq 0 ]; }
	until_true is_root
	exec 4>&-
	wait $! || true
}

@test "a public key that is none" {
	jt-keygen -n alice >/dev/null
	/usr/bin/python3 - <<-'END'
		b = bytearray(open("alice.pub", "rb").read())
		i = b.index(b"key") + 5
		b[i:i + 32] = bytes(32)
		open("alice.pub", "wb").write(b)
	END
	check 65 "jt-id: alice.pub:#1: key: not an Ed25519 key" jt-id alice.pub
}

@test "a public key given for the secret one" {
	jt-keygen -n alice >/dev/null
	cp alice.pub public
	check 65 "jt-sign: ./alice.pub: a public key, expected the secret one, ./alice.key" \
	    jt-sign -k ./alice.pub /dev/null
	check 65 "jt-keygen: alice.pub: a public key, expected the secret one, alice.key" \
	    jt-keygen -n --passwd alice.pub
	check 77 "jt-sign: public: open to others: expected mode 0600, found 0644" \
	    jt-sign -k public /dev/null
	cmp alice.pub public
}

@test "no socket is made" {
	check 0 '' nosocket jt-keygen -n alice
	check 0 '' nosocket jt-id alice.pub
}
