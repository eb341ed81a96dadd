# Passphrases: sealed key files, --pass-fd and the terminal, --passwd.
load lib.bash
load fault.bash

VECTOR=sEdSKaCy2JT7JaM7v95H9SxkhP9wS2j
T=$BATS_TEST_DIRNAME/terminal

# sealed NAME PASSPHRASE: the key of the vector.
sealed() {
	jt-keygen --seed-fd 3 --pass-fd 4 "$1" 3<<<"$VECTOR" 4<<<"$2" >/dev/null
}

seed() {
	"$T" "$2" jt-keygen --show-seed "$1" | tail -n 1
}

@test "sealed by --pass-fd: Argon2id, 64 MiB, a fresh salt, no seed inside" {
	sealed a horse
	sealed b horse
	[ "$(files | cut -c 1-3 | sort | uniq -c | tr -s ' ')" = " 2 600
 2 644" ]
	jt-show a.key | grep -qx '  kdf: argon2id'
	jt-show a.key | grep -qx '  memory: 67108864'
	[ "$(cksum <a.key)" != "$(cksum <b.key)" ]
	cmp a.pub b.pub
	[ "$(seed a.key horse)" = $VECTOR ]
	jt-keygen -n --seed-fd 3 plain 3<<<$VECTOR >/dev/null
	/usr/bin/python3 - <<-'END'
		secret = open("plain.key", "rb").read()[-16:]
		assert secret not in open("a.key", "rb").read()
	END
}

@test "a wrong passphrase, and an altered file" {
	sealed a horse
	check 77 "jt-sign: a.key: wrong passphrase, or an altered file" \
		jt-sign --pass-fd 3 -k a.key /dev/null 3<<<hors
	check 77 "jt-sign: passphrase for a.key: no line left on descriptor 3" \
		jt-sign --pass-fd 3 -k a.key /dev/null 3</dev/null
	check 66 "jt-sign: /dev/null: empty, no object to work on" \
		jt-sign --pass-fd 3 -k a.key /dev/null 3<<<horse
	/usr/bin/python3 - <<-'END'
		b = bytearray(open("a.key", "rb").read())
		b[-1] ^= 1
		open("a.key", "wb").write(b)
	END
	check 77 "jt-sign: a.key: wrong passphrase, or an altered file" \
		jt-sign --pass-fd 3 -k a.key /dev/null 3<<<horse
}

@test "several keys take a line each" {
	sealed a horse
	sealed b battery
	check 66 "jt-sign: stdin: empty, no object to work on" \
		jt-sign --pass-fd 3 -k a.key -k b.key 3<<<"horse
battery" </dev/null
	check 77 "jt-sign: b.key: wrong passphrase, or an altered file" \
		jt-sign --pass-fd 3 -k a.key -k b.key 3<<<"horse
horse" </dev/null
}

@test "passphrases are read before the first key is made" {
	check 77 "jt-keygen: new passphrase for b.key: no line left on descriptor 3" \
		jt-keygen --pass-fd 3 a b 3<<<horse
	[ -z "$(files)" ]
	check 0 '' jt-keygen --pass-fd 3 a b 3<<<"horse
battery"
	check 66 "jt-sign: stdin: empty, no object to work on" \
		jt-sign --pass-fd 3 -k a.key -k b.key 3<<<"horse
battery" </dev/null
}

@test "asked for on the terminal, twice when new, never shown" {
	check 0 '' "$T" 'horse|horse' jt-keygen a
	out_is "new passphrase for a.key: 
new passphrase for a.key, again: 
$(jt-id a.pub)"
	check 0 '' "$T" horse jt-keygen --show-seed a.key
	check 77 '' "$T" 'horse|house' jt-keygen b
	out_is "new passphrase for b.key: 
new passphrase for b.key, again: 
jt-keygen: new passphrase for b.key: the two are not the same"
	check 77 '' "$T" '' sh -c "echo | jt-keygen --pass-fd 0 b"
	out_is "jt-keygen: new passphrase for b.key: empty; -n is for a key without one"
	[ "$(ls)" = "a.key
a.pub" ]
}

@test "no terminal, no --pass-fd" {
	sealed a horse
	check 77 "jt-keygen: no terminal to ask on: /dev/tty: No such device or address" \
		setsid -w jt-keygen b
	check 77 "jt-sign: no terminal to ask on: /dev/tty: No such device or address" \
		setsid -w jt-sign -k a.key /dev/null
	[ ! -e b.key ]
}

@test "--passwd changes it, in place" {
	sealed a horse
	check 0 '' jt-keygen --pass-fd 3 --passwd a.key 3<<<"horse
battery"
	[ "$(seed a.key battery)" = $VECTOR ]
	check 77 "jt-keygen: a.key: wrong passphrase, or an altered file" \
		jt-keygen --pass-fd 3 --passwd a.key 3<<<"horse
staple"
	check 0 '' "$T" 'battery|staple|staple' jt-keygen --passwd a.key
	[ "$(seed a.key staple)" = $VECTOR ]
	[ "$(files)" = "600 a.key
644 a.pub" ]
}

@test "--passwd that fails leaves the old passphrase" {
	sealed a horse
	need_faults
	for call in write sync rename; do
		check 74 "jt-keygen: $PWD/a.key: Input/output error" \
			with_fault $call 1 EIO jt-keygen --pass-fd 3 --passwd a.key 3<<<"horse
battery"
		[ "$(files | wc -l)" -eq 2 ]
	done
	[ "$(seed a.key horse)" = $VECTOR ]
}

@test "--passwd with -n takes it away, without gives one" {
	sealed a horse
	check 0 '' jt-keygen -n --pass-fd 3 --passwd a.key 3<<<horse
	[ "$(seed a.key '')" = $VECTOR ]
	jt-show a.key | grep -qx '  kdf: none'
	check 0 '' jt-keygen --pass-fd 3 --passwd a.key 3<<<battery
	[ "$(seed a.key battery)" = $VECTOR ]
}

@test "--passwd goes through a link, keeps the mode, and takes files only" {
	jt-keygen -n a >/dev/null
	chmod 400 a.key
	ln -s a.key link
	check 0 '' jt-keygen --pass-fd 3 --passwd link 3<<<horse
	[ -L link ]
	[ "$(stat -c %a a.key)" = 400 ]
	mkfifo fifo
	check 73 "jt-keygen: fifo: not a file that can be replaced" jt-keygen --passwd fifo
	check 66 "jt-keygen: none.key: No such file or directory" jt-keygen --passwd none.key
}

@test "passphrases are long at most, and bytes" {
	long=$(printf 'gr\374n %01018d' 0)
	sealed a "$long"
	check 66 "jt-sign: /dev/null: empty, no object to work on" \
		jt-sign --pass-fd 3 -k a.key /dev/null 3<<<"$long"
	check 65 "jt-keygen: new passphrase for b.key: line longer than 1024 bytes" \
		jt-keygen --pass-fd 3 b 3<<<"$(printf '%01025d' 0)"
}
