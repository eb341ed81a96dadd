# Objects in streams: jt-show, jt-pack, jt-id, jt-sign, jt-merge, jt-verify.
load lib.bash
load ledger.bash
load fault.bash

setup() {
	lib_setup
	key alice sEdSKaCy2JT7JaM7v95H9SxkhP9wS2j
	key bob sEdTM1uX8pu2do5XvTnutH6HsouMaM2
}

ALICE=jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD
NETWORK=4f09000000000000000000000000000000000000000000000000000000000000

key() {
	jt-keygen -n --seed-fd 3 "$1" 3<<<"$2" >/dev/null
}

# pay SEQ [AMOUNT]: a transaction of alice's, unsigned.
pay() {
	jt-pack <<-END
		kind: jt/pay/1
		body:
		  amount: ${2:-100}
		  fee: 0.00001
		  from: $ALICE
		  network: $NETWORK
		  seq: $1
		  to: $(jt-id bob.pub)
		sigs: []
	END
}

# header: an unsigned one, of ledger 1.
header() {
	jt-pack <<-END
		kind: jt/header/1
		body:
		$(for f in beacon coin contracts cut history network next parent; do
			echo "  $f: $NETWORK"
		done)
		  epoch: 0
		  number: 1
		  records: {count: 0, root: $NETWORK}
		  state: $NETWORK
		  time: 2017-03-01T12:00:00Z
		  totals: {accounts: 1, burned: 0, coins: 600000000000}
		  transactions: {count: 0, root: $NETWORK}
		  validators: $NETWORK
		sigs: []
	END
}

# A byte of a file changed: flip FILE OFFSET
flip() {
	/usr/bin/python3 - "$@" <<-'END'
		import sys
		b = bytearray(open(sys.argv[1], "rb").read())
		b[int(sys.argv[2])] ^= 1
		open(sys.argv[1], "wb").write(b)
	END
}

@test "show, then pack, gives the same bytes: YAML, JSON lines, one-liners" {
	{ pay 1; pay 2; } | jt-sign -k alice.key -k bob.key >two.jt
	cat alice.pub two.jt bob.pub >all.jt
	for style in '' -j -1; do
		check 0 '' sh -c "jt-show $style all.jt | jt-pack"
		cmp all.jt <(out)
	done
	[ "$(jt-show -j all.jt | wc -l)" -eq 4 ]
	[ "$(jt-show -1 all.jt | wc -l)" -eq 4 ]
}

@test "show prints a payment" {
	pay 7 12.5 >pay.jt
	check 0 '' jt-show pay.jt
	out_is "--- # $(jt-id pay.jt)
kind: jt/pay/1
body:
  amount: 12.5
  fee: 0.00001
  from: $ALICE
  network: $NETWORK
  seq: 7
  to: $(jt-id bob.pub)
sigs: []"
	check 0 '' jt-show -1 pay.jt
	out_is "--- {kind: jt/pay/1, body: {amount: 12.5, fee: 0.00001, from: $ALICE, network: $NETWORK, seq: 7, to: $(jt-id bob.pub)}, sigs: []} # $(jt-id pay.jt)"
}

@test "show never shows a secret, and what it shows cannot be packed" {
	check 0 '' jt-show -1 alice.key
	out | grep -q 'secret: (secret)'
	seed=$(tail -c 16 alice.key | od -An -tx1 | tr -d ' \n')
	[ ${#seed} -eq 32 ]
	[ "$(jt-show -j alice.key | grep -ci "$seed")" -eq 0 ]
	check 65 "jt-pack: stdin: line 1: a secret key cannot be made from text" \
		sh -c 'jt-show -1 alice.key | jt-pack'
	out_is ''
}

@test "show: -j and -1 exclude each other" {
	check 64 "jt-show: one of -j and -1
jt-show: usage: jt-show [-j | -1] [-o FILE] [FILE...]" jt-show -j -1 alice.pub
}

@test "pack: a bad document is skipped, the others are not" {
	{ pay 1; pay 2; } | jt-show >two.yaml
	sed 's/^  seq: 1$/  seq: one/' two.yaml >bad.yaml
	check 65 'jt-pack: bad.yaml: line 8: seq: expected a whole number, not "one"' \
		jt-pack bad.yaml
	pay 2 | cmp - <(out)
}

@test "pack: no such file" {
	check 66 "jt-pack: none: No such file or directory" jt-pack none
}

@test "id: an address, a hex key, a transaction's id, one a line" {
	jt-keygen -n --role link --seed-fd 3 l 3<<<"$NETWORK" >link
	pay 1 >pay.jt
	check 0 '' jt-id alice.pub l.pub pay.jt
	[ "$(out | sed -n 1p)" = "$ALICE" ]
	[ "$(out | sed -n 2p)" = "$(cat link)" ]
	[ "$(out | sed -n 3p)" = "$(jt-show pay.jt | sed -n '1s/^--- # //p')" ]
	jt-sign -k alice.key pay.jt >signed.jt
	[ "$(jt-id signed.jt)" = "$(jt-id pay.jt)" ]
}

@test "id: a secret key has none, for it would be a hash of the secret" {
	check 65 "jt-id: alice.key:#1: a secret key has no id: its .pub file has" jt-id alice.key
	out_is ''
	check 65 "jt-id: alice.key:#1: a secret key has no id: its .pub file has" \
		jt-id --all alice.pub alice.key
	out_is "$(jt-id --all alice.pub)"
}

@test "id: kinds without a name are passed over" {
	printf 'kind: jt/at/1\nbody: {cut: 3, ledger: 2}\n' | jt-pack >at.jt
	pay 1 >pay.jt
	check 0 '' jt-id at.jt
	out_is ''
	check 0 '' jt-id at.jt pay.jt
	out_is "$(jt-id pay.jt)"
}

@test "id: recomputed in Python, with its msgpack and blake2b" {
	/usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip "no python3-msgpack"
	pay 3 | jt-sign -k alice.key >pay.jt
	check 0 '' /usr/bin/python3 - pay.jt <<-'END'
		import hashlib, msgpack, sys
		raw = open(sys.argv[1], "rb").read()
		kind, version, payload = msgpack.unpackb(raw, raw=False)
		payload = msgpack.unpackb(payload, raw=False)
		body = msgpack.unpackb(payload["body"], raw=False)
		assert kind == "jt/pay" and version == 1
		assert body["seq"] == 3 and body["amount"] == 100000000
		assert list(body) == sorted(body)
		assert msgpack.packb(body, use_bin_type=True) == payload["body"]
		(key, sig), = payload["sigs"]
		assert len(key) == 32 and len(sig) == 64
		domain = b"%s/%d\0" % (kind.encode(), version)
		print(hashlib.blake2b(domain + payload["body"], digest_size=32).hexdigest())
	END
	out_is "$(jt-id pay.jt)"
}

@test "id --all: one sum, of the ids and not of the signatures" {
	{ pay 1; pay 2; } >two.jt
	check 0 '' jt-id --all two.jt
	sum=$(out)
	[ ${#sum} -eq 64 ]
	[ "$(jt-sign -k alice.key two.jt | jt-id --all)" = "$sum" ]
	[ "$({ pay 2; pay 1; } | jt-id --all)" != "$sum" ]
	check 66 "jt-id: stdin: empty, no object to work on" jt-id --all </dev/null
	out_is ''
}

@test "sign: signatures of several keys, in any order, at once or in a pipe" {
	pay 1 >pay.jt
	jt-sign -k alice.key -k bob.key pay.jt >both.jt
	jt-sign -k bob.key pay.jt | jt-sign -k alice.key | cmp - both.jt
	jt-sign -k bob.key -k alice.key pay.jt | cmp - both.jt
	check 0 '' jt-verify both.jt
	cmp both.jt <(out)
}

@test "sign: a signature of the same key is there once, a bad one is put right" {
	pay 1 | jt-sign -k alice.key >once.jt
	jt-sign -k alice.key once.jt | cmp - once.jt
	cp once.jt bad.jt
	flip bad.jt "$(($(wc -c <bad.jt) - 1))"
	jt-sign -k alice.key bad.jt | cmp - once.jt
}

@test "sign: kinds that are not signed pass unchanged" {
	cat alice.pub bob.pub >pubs
	check 0 '' jt-sign -k alice.key pubs
	cmp pubs <(out)
}

@test "sign: a key signs what its role is for" {
	jt-keygen -n --role validator v >/dev/null
	jt-keygen -n --role link l >/dev/null
	pay 1 >pay.jt
	header >header.jt
	check 77 "jt-sign: pay.jt:#1: v.key has role validator, which does not sign jt/pay" \
		jt-sign -k alice.key -k v.key pay.jt
	out_is ''
	check 77 "jt-sign: header.jt:#1: alice.key has role account, which does not sign jt/header" \
		jt-sign -k alice.key header.jt
	check 77 "jt-sign: pay.jt:#1: l.key has role link, which does not sign jt/pay" \
		jt-sign -k l.key pay.jt
	check 0 '' jt-sign -k v.key header.jt
	jt-verify <(out) | cmp - <(out)
}

@test "sign: a key is needed, and only its owner may read it" {
	pay 1 >pay.jt
	check 64 "jt-sign: a key is needed: -k KEY
jt-sign: usage: jt-sign -k KEY... [-i] [-e ID]... [-o FILE] [--pass-fd N] [FILE...]" \
		jt-sign pay.jt
	check 64 "jt-sign: option -k needs a FILE
jt-sign: usage: jt-sign -k KEY... [-i] [-e ID]... [-o FILE] [--pass-fd N] [FILE...]" \
		jt-sign pay.jt -k
	check 66 "jt-sign: none.key: No such file or directory" jt-sign -k none.key pay.jt
	check 66 "jt-sign: alice: No such file or directory
jt-sign: hint: there is alice.key" jt-sign -k alice pay.jt
	chmod 640 alice.key
	check 77 "jt-sign: alice.key: open to others: expected mode 0600, found 0640" \
		jt-sign -k alice.key pay.jt
	chmod 600 bob.pub
	check 65 "jt-sign: bob.pub: a public key, expected the secret one, bob.key" jt-sign -k bob.pub pay.jt
}

@test "sign: empty input is no success" {
	check 66 "jt-sign: stdin: empty, no object to work on" jt-sign -k alice.key </dev/null
	check 66 "jt-sign: empty: empty, no object to work on" \
		sh -c '>empty; jt-sign -k alice.key -o out empty'
	[ ! -e out ]
}

@test "sign -e: the ids, or the sum of all; nothing else is signed" {
	pay 1 >1.jt
	pay 2 >2.jt
	cat 1.jt 2.jt >two.jt
	check 0 '' jt-sign -k alice.key -e "$(jt-id 1.jt)" 1.jt
	check 0 '' jt-sign -k alice.key -e "$(jt-id 2.jt)" -e "$(jt-id 1.jt)" two.jt
	jt-sign -k alice.key two.jt | cmp - <(out)
	check 0 '' jt-sign -k alice.key -e "$(jt-id --all two.jt)" two.jt
	jt-sign -k alice.key two.jt | cmp - <(out)

	check 1 "jt-sign: two.jt:#2: id is not as expected: $(jt-id 2.jt)" \
		jt-sign -k alice.key -o out -e "$(jt-id 1.jt)" two.jt
	[ ! -e out ]
	check 1 "jt-sign: expected, but not in the input: $(jt-id 2.jt)" \
		jt-sign -k alice.key -e "$(jt-id 1.jt)" -e "$(jt-id 2.jt)" 1.jt
	out_is ''
	check 1 "jt-sign: 1.jt:#1: id is not as expected: $(jt-id 1.jt)" \
		jt-sign -k alice.key -e "$(jt-id --all two.jt)" 1.jt 2.jt 1.jt
	out_is ''
	check 64 "jt-sign: option -e needs 64 hex digits, not 4f09
jt-sign: usage: jt-sign -k KEY... [-i] [-e ID]... [-o FILE] [--pass-fd N] [FILE...]" \
		jt-sign -k alice.key -e 4f09 two.jt
}

@test "sign: on a terminal it shows what it signs" {
	pay 1 >pay.jt
	check 0 '' "$BATS_TEST_DIRNAME/terminal" '' jt-sign -k alice.key -o signed.jt pay.jt
	out_is "$(jt-show -1 pay.jt)"
	jt-verify signed.jt >/dev/null
}

@test "sign -i: asks on the terminal" {
	pay 1 >1.jt
	pay 2 >2.jt
	check 0 '' "$BATS_TEST_DIRNAME/terminal" y jt-sign -i -k alice.key -o signed.jt 1.jt
	out_is "$(jt-show -1 1.jt)
sign? [y/N] y"
	jt-verify signed.jt >/dev/null
	check 1 '' "$BATS_TEST_DIRNAME/terminal" 'n|y' \
		jt-sign -i -k alice.key -o one.jt 1.jt 2.jt
	out_is "$(jt-show -1 1.jt)
sign? [y/N] n
jt-sign: $(jt-id 1.jt): not signed, as told on the terminal
$(jt-show -1 2.jt)
sign? [y/N] y"
	[ "$(jt-id one.jt)" = "$(jt-id 2.jt)" ]
	check 1 '' "$BATS_TEST_DIRNAME/terminal" n jt-sign -i -k alice.key -o none.jt 1.jt
	[ ! -e none.jt ]
}

@test "sign -i without a terminal" {
	pay 1 >pay.jt
	check 77 "jt-sign: no terminal to ask on: /dev/tty: No such device or address" \
		setsid -w jt-sign -i -k alice.key pay.jt
	out_is ''
}

@test "sign, merge: a transaction takes 32 signatures" {
	pay 1 >pay.jt
	keys=
	for i in $(seq 32); do
		jt-keygen -n "k$i" >/dev/null
		keys="$keys -k k$i.key"
	done
	# shellcheck disable=SC2086
	jt-sign $keys pay.jt >32.jt
	jt-verify 32.jt | cmp - 32.jt
	check 65 "jt-sign: $(jt-id pay.jt): sigs: 33, more than 32" jt-sign -k alice.key 32.jt
	out_is ''
	jt-sign -k alice.key pay.jt >1.jt
	check 65 "jt-merge: $(jt-id pay.jt): sigs: 33, more than 32" jt-merge 32.jt 1.jt
	out_is ''
}

@test "merge: signatures made apart become those made together" {
	{ pay 1; pay 2; } >w.jt
	jt-sign -k alice.key w.jt >w1.jt
	jt-sign -k bob.key w.jt >w2.jt
	jt-sign -k alice.key -k bob.key w.jt >both.jt
	check 0 '' jt-merge w1.jt w2.jt
	cmp both.jt <(out)
	jt-merge w2.jt w1.jt w.jt w1.jt | cmp - both.jt
	cat w1.jt w2.jt | jt-merge | cmp - both.jt
}

@test "merge: in the order of first appearance; unsigned kinds once" {
	pay 1 >1.jt
	pay 2 >2.jt
	cat 2.jt alice.pub 1.jt >want
	check 0 '' jt-merge 2.jt alice.pub 1.jt 2.jt alice.pub
	cmp want <(out)
}

@test "merge: a copy with a bad signature is left out, that copy alone" {
	pay 1 >w.jt
	jt-sign -k alice.key w.jt >w1.jt
	jt-sign -k bob.key w.jt >w2.jt
	flip w2.jt "$(($(wc -c <w2.jt) - 1))"
	check 1 "jt-merge: w2.jt:#1: bad signature by key $(jt-show bob.pub | sed -n 's/^  key: //p')" \
		jt-merge w1.jt w2.jt
	cmp w1.jt <(out)
}

@test "verify: the valid ones in their order, also in threads" {
	for i in $(seq 70); do pay "$i"; done >all.jt
	jt-sign -k alice.key all.jt >signed.jt
	for t in 1 2 5; do
		check 0 '' jt-verify -T "$t" signed.jt
		cmp signed.jt <(out)
	done
	check 0 '' jt-verify -T 3 </dev/null
	out_is ''
}

@test "verify: what is not valid gets a line and goes to --refused" {
	pay 1 >plain.jt
	pay 2 | jt-sign -k alice.key >bad.jt
	flip bad.jt "$(($(wc -c <bad.jt) - 1))"
	pay 3 | jt-sign -k alice.key >good.jt
	cat good.jt plain.jt bad.jt alice.pub good.jt >in.jt
	cat good.jt alice.pub good.jt >want
	for t in 1 2; do
		check 1 "jt-verify: in.jt:#2: not signed
jt-verify: in.jt:#3: bad signature by key $(jt-show alice.pub | sed -n 's/^  key: //p')" \
			jt-verify -T $t --refused no.jt in.jt
		cmp want <(out)
		cat plain.jt bad.jt | cmp - no.jt
	done
	check 64 "jt-verify: option -T needs a number from 1 to 256, not 0
jt-verify: usage: jt-verify [-T N] [-o FILE] [--own PUB] [--refused FILE] [--voted] [FILE...]" jt-verify -T 0
}

@test "verify --own, --voted: what one's own door verified passes, others' objects make no code" {
	jt-keygen -n --role validator own other >/dev/null
	part() {
		jt-pack <<-END
			kind: jt/part/1
			body:
			  author: $(jt-show "$1.pub" | sed -n 's/^  key: //p')
			  count: $2
			  round: 1
		END
	}
	pay 2 | jt-sign -k alice.key >bad.jt
	flip bad.jt "$(($(wc -c <bad.jt) - 1))"
	pay 3 | jt-sign -k alice.key >good.jt
	{ part own 2; cat bad.jt good.jt; part other 2; cat bad.jt good.jt; } >in.jt
	{ part own 2; cat bad.jt good.jt; part other 2; cat good.jt; } >want
	line="jt-verify: in.jt:#5: bad signature by key $(jt-show alice.pub | sed -n 's/^  key: //p')"
	for t in 1 2; do
		check 0 "$line" jt-verify -T $t --own own.pub --voted in.jt
		cmp want <(out)
		check 1 "$line" jt-verify -T $t --own own.pub in.jt
	done
	# A cut ends an own part.
	{ part own 1; cat bad.jt; cut_object 1; cat bad.jt; } >in.jt
	check 1 "jt-verify: in.jt:#4: ${line#*: in.jt:#5: }" jt-verify --own own.pub in.jt
	for i in $(seq 12); do cat bad.jt; done >in.jt
	jt-verify --voted in.jt 2>err
	[ "$(wc -l <err)" -eq 10 ]
	[ "$(tail -n 1 err)" = "jt-verify: in.jt:#10: ${line#*: in.jt:#5: }; no more of these is told" ]
	check 64 "jt-verify: alice.pub: expected a validator's key, found one of role account" jt-verify --own alice.pub in.jt
}

@test "verify: a signature is of one kind, one network and these bytes" {
	pay 1 | jt-sign -k alice.key >pay.jt
	n=$(wc -c <pay.jt)
	for at in $(seq 0 13 $((n - 1))); do
		cp pay.jt bad.jt
		flip bad.jt "$at"
		run jt-verify bad.jt
		[ "$status" -eq 1 ] || [ "$status" -eq 65 ]
		[ "$(jt-verify bad.jt 2>/dev/null | wc -c)" -eq 0 ]
	done
}

@test "a good frame with bad content is skipped; 65 counts for more than 1" {
	pay 1 >pay.jt
	jt-sign -k alice.key pay.jt >good.jt
	# A kind that does not exist, in a good frame.
	printf '\223\247jt/none\001\304\001\200' >none.jt
	cat none.jt pay.jt good.jt >in.jt
	for t in 1 2; do
		check 65 "jt-verify: in.jt:#1: unknown kind jt/none
jt-verify: in.jt:#2: not signed" jt-verify -T $t in.jt
		cmp good.jt <(out)
	done
	check 65 "jt-show: in.jt:#1: unknown kind jt/none" jt-show in.jt
}

@test "broken framing stops, and stays broken downstream" {
	pay 1 | jt-sign -k alice.key >good.jt
	cat good.jt good.jt good.jt | head -c 600 >cut.jt
	n=$(wc -c <good.jt)
	for t in 1 2; do
		check 65 "jt-verify: cut.jt:#3: offset $((600 - 2 * n)): ends early" \
			jt-verify -T $t cut.jt
		cmp <(cat good.jt good.jt; printf '\301') <(out)
	done
	check 65 "jt-verify: cut.jt:#3: offset $((600 - 2 * n)): ends early
jt-sign: stdin:#3: offset 0: no object begins here, its writer had to stop" \
		sh -c 'jt-verify cut.jt | jt-sign -k bob.key'
	check 65 "jt-verify: cut.jt:#3: offset $((600 - 2 * n)): ends early" \
		jt-verify -o out.jt cut.jt
	[ ! -e out.jt ]
}

@test "a pipe is live: an object comes out before the next goes in" {
	pay 1 | jt-sign -k alice.key >good.jt
	mkfifo in out
	for cmd in 'jt-verify' 'jt-verify -T 2' 'jt-sign -k alice.key'; do
		$cmd <in >out &
		exec 4>in 5<out
		for i in 1 2; do
			cat good.jt >&4
			head -c "$(wc -c <good.jt)" <&5 | cmp - good.jt
		done
		exec 4>&- 5<&-
		wait $!
	done
	jt-show -1 <in >out &
	exec 4>in 5<out
	cat good.jt >&4
	read -r line <&5
	[ "$line" = "$(jt-show -1 good.jt)" ]
	exec 4>&- 5<&-
	wait $!
}

@test "a pipe is live, when half of the next object is there, too" {
	pay 1 | jt-sign -k alice.key >good.jt
	n=$(wc -c <good.jt)
	mkfifo in out
	jt-verify <in >out &
	exec 4>in 5<out
	head -c 5 good.jt >&4
	sleep 0.1
	{ tail -c +6 good.jt; head -c 9 good.jt; } >&4
	head -c "$n" <&5 | cmp - good.jt
	tail -c +10 good.jt >&4
	head -c "$n" <&5 | cmp - good.jt
	exec 4>&- 5<&-
	wait $!
}

@test "on a terminal objects are shown, -o - forces bytes" {
	pay 1 | jt-sign -k alice.key >good.jt
	check 0 '' "$BATS_TEST_DIRNAME/terminal" '' jt-verify good.jt
	out_is "$(jt-show good.jt)"
	check 0 '' "$BATS_TEST_DIRNAME/terminal" '' jt-verify -o - good.jt
	out | head -c 9 | cmp - <(head -c 9 good.jt)
}

@test "-o: whole or not at all, by the umask, through links, into pipes" {
	pay 1 >pay.jt
	echo old >real
	ln -s real link
	umask 027
	check 0 '' jt-sign -k alice.key -o link pay.jt
	[ -L link ]
	jt-verify real >/dev/null
	[ "$(stat -c %a real)" = 640 ]
	check 74 "jt-sign: /dev/full: No space left on device" \
		jt-sign -k alice.key -o /dev/full pay.jt
	check 0 '' jt-sign -k alice.key -o /dev/null pay.jt
	[ -c /dev/null ]
	check 73 "jt-sign: no/out: No such file or directory" jt-sign -k alice.key -o no/out pay.jt
	mkdir dir
	check 73 "jt-sign: dir: Is a directory" jt-sign -k alice.key -o dir pay.jt
	mkfifo endless
	exec 7<>endless
	cat pay.jt >&7
	check 143 '' timeout --preserve-status 0.3 jt-sign -k alice.key -o out endless
	exec 7>&-
	[ "$(find . -name 'out*' | wc -l)" -eq 0 ]
	# In place, since the input is read before the output is there.
	check 0 '' jt-sign -k alice.key -o pay.jt pay.jt
	jt-verify pay.jt >/dev/null
}

@test "-o: the old file stays when the new one cannot be made durable" {
	pay 1 >pay.jt
	echo old >out
	need_faults
	for call in write sync rename; do
		check 74 "jt-sign: out: Input/output error" \
			with_fault $call 1 EIO jt-sign -k alice.key -o out pay.jt
		[ "$(cat out)" = old ]
		[ "$(find . -name 'out*' | wc -l)" -eq 1 ]
	done
}

@test "a full disk, a closed stdout, a reader that is gone" {
	pay 1 | jt-sign -k alice.key >good.jt
	check 74 "jt-verify: stdout: No space left on device" sh -c 'jt-verify good.jt >/dev/full'
	check 74 "jt-verify: stdout: Bad file descriptor" sh -c 'jt-verify good.jt >&-'
	check 74 "jt-verify: stdin: Bad file descriptor" sh -c 'jt-verify <&-'
	check 74 "jt-verify: stdout: Broken pipe" \
		sh -c "trap '' PIPE; mkfifo nobody
		    exec 3<>nobody 4>nobody 3>&-; jt-verify good.jt >&4 4>&-"
	check 0 '' sh -c 'jt-verify good.jt 2>&-'
}

@test "no socket is made" {
	pay 1 >pay.jt
	check 0 '' nosocket jt-sign -k alice.key -o s.jt pay.jt
	check 0 '' nosocket jt-verify -T 2 s.jt
	check 0 '' nosocket jt-merge s.jt pay.jt
	check 0 '' nosocket jt-show s.jt
	check 0 '' nosocket jt-id s.jt
	check 0 '' nosocket sh -c 'jt-show s.jt | jt-pack | cmp - s.jt'
}

@test "who waits for the reader of a pipe can be stopped" {
	mkfifo pipe
	jt-show -o pipe alice.pub 2>err 3>&- &
	sleep 0.3 # it waits by now, or will have ended before
	kill $!
	code=0
	wait $! || code=$?
	[ "$code" -eq 143 ]
	[ ! -s err ]
}
