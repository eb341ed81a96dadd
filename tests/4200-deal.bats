#!/usr/bin/env bats
# The coin: jt-deal, the dealings that jt-genesis makes and takes, and beacons.
load lib.bash

usage='jt-deal: usage: jt-deal [-o FILE] PUB... | jt-deal -k KEY [--pass-fd N] [-o FILE] [FILE]'

# members NAME...: keys of validators, and of their links.
members() {
	for m; do
		jt-keygen -n --role validator "$m"
		jt-keygen -n --role link "$m-link"
	done >/dev/null
}

# Of one kind of field, the first value in a stream.
field() {
	jt-show | sed -n "s/^ *$1: //p" | head -n 1
}

# set_up DEALING MEMBER...: a set-up in which they are listed.
set_up() {
	printf 'name: four\ntime: 2017-03-01T12:00:00Z\nnonce: %064d\n' 7
	echo "dealing: $1"
	echo 'accounts: []'
	echo 'validators:'
	shift
	for m; do echo "- {name: $m, key: $m.pub, link: $m-link.pub}"; done
}

@test "a dealing for four: each finds its share, and nobody another one's" {
	members a b c d stranger
	check 0 '' jt-deal -o dealing a.pub b.pub c.pub d.pub
	out_is ''
	[ "$(jt-show dealing | grep -c '^  - \[')" -eq 4 ]
	# In the order of the set, whatever order they are named in.
	for m in a b c d; do jt-id $m.pub; done | sort >keys
	jt-show dealing | sed -n 's/^  - \[\([0-9a-f]*\),.*/\1/p' | cmp - keys
	for m in a b c d; do
		check 0 '' jt-deal -k $m.key -o $m.share dealing
		[ "$(jt-show $m.share | sed -n 's/^  key: //p')" = "$(jt-id $m.pub)" ]
		[ "$(jt-show $m.share | sed -n 's/^  coin: //p')" = "$(jt-id dealing)" ]
		check 0 '' sh -c "jt-deal -k $m.key -o - <dealing"
		out | cmp - $m.share
	done
	check 1 'jt-deal: dealing: nothing was dealt to stranger.key' jt-deal -k stranger.key dealing
	[ ! -e coin.share ]
	# Another one each time.
	check 0 '' jt-deal a.pub
	out >one
	check 0 '' sh -c 'jt-deal a.pub | jt-deal -k a.key -o -'
	[ "$(jt-id one)" != "$(jt-deal a.pub | jt-id)" ]
}

@test "the share goes beside the key, and one that is there stays" {
	members a b
	mkdir srv
	mv a.key srv/validator.key
	jt-deal -o one a.pub b.pub
	jt-deal -o two a.pub b.pub
	check 0 '' jt-deal -k srv/validator.key one
	out_is ''
	[ "$(stat -c %a srv/coin.share)" = 600 ]
	cp srv/coin.share kept
	check 0 '' jt-deal -k srv/validator.key one
	check 73 'jt-deal: srv/coin.share: exists, and is kept' jt-deal -k srv/validator.key two
	cmp kept srv/coin.share
	rm srv/coin.share
	check 0 '' sh -c 'cd srv && jt-deal -k validator.key ../one'
	cmp kept srv/coin.share
	[ "$(cd srv && echo *)" = 'coin.share validator.key' ]
}

@test "a key under a passphrase" {
	exec 7<<<'correct horse'
	jt-keygen --pass-fd 7 --role validator a >/dev/null
	exec 7<&-
	jt-deal -o dealing a.pub
	exec 7<<<'correct horse'
	check 0 '' jt-deal -k a.key --pass-fd 7 dealing
	[ -s coin.share ]
	exec 7<<<'wrong horse'
	check 77 'jt-deal: a.key: wrong passphrase, or an altered file' jt-deal -k a.key --pass-fd 7 dealing
}

@test "bad shares and dealings are found out" {
	members a b c d
	jt-deal -o dealing a.pub b.pub c.pub d.pub
	jt-deal -o other a.pub b.pub c.pub d.pub
	me=$(jt-id a.pub)
	# One's own sealed share is that of another dealing.
	theirs=$(jt-show other | sed -n "s/^  - \[$me, .*, \([0-9a-f]*\)\].*/\1/p")
	jt-show dealing | sed "s/^\(  - \[$me, .*, \)[0-9a-f]*\]/\1$theirs]/" | jt-pack >swapped
	check 1 'jt-deal: swapped: share: is not the one that the dealing commits to' jt-deal -k a.key swapped
	check 0 '' jt-deal -k b.key swapped
	# It is sealed to somebody else.
	theirs=$(jt-show dealing | sed -n "s/^  - \[$(jt-id b.pub), .*, \([0-9a-f]*\)\].*/\1/p")
	jt-show dealing | sed "s/^\(  - \[$me, .*, \)[0-9a-f]*\]/\1$theirs]/" | jt-pack >sealed
	check 1 'jt-deal: sealed: share: was not sealed to this key' jt-deal -k a.key sealed
	# The commitments belong to no key: nobody's share is good then.
	coin=$(jt-show other | sed -n 's/^  coin: //p')
	jt-show dealing | sed "s/^  coin: .*/  coin: $coin/" | jt-pack >broken
	for m in a b; do
		check 65 'jt-deal: broken: shares: they belong to no key, or to another one than coin' \
		    jt-deal -k $m.key broken
	done
	head -c 100 dealing >cut
	check 65 'jt-deal: cut:#1: offset 100: ends early' jt-deal -k a.key cut
	check 65 'jt-deal: a.pub: no jt/dealing in it' jt-deal -k a.key a.pub
	check 66 'jt-deal: stdin: empty, no object to work on' sh -c 'jt-deal -k a.key </dev/null'
	[ ! -e coin.share ] || [ "$(jt-show coin.share | sed -n 's/^  key: //p')" = "$(jt-id b.pub)" ]
}

@test "wrong usage, wrong keys" {
	members a
	jt-keygen -n bank >/dev/null
	check 64 "jt-deal: expected the .pub files of validators, or -k KEY
$usage" jt-deal
	check 64 "jt-deal: expected one dealing or network file, found 2
$usage" jt-deal -k a.key x y
	check 64 'jt-deal: bank.pub: expected a key of role validator, found account' jt-deal a.pub bank.pub
	check 64 'jt-deal: a-link.pub: expected a key of role validator, found link' jt-deal a-link.pub
	cp a.pub b.pub
	check 64 'jt-deal: b.pub: is the same key as a.pub' jt-deal a.pub b.pub
	check 66 'jt-deal: nowhere.pub: No such file or directory' jt-deal nowhere.pub
	check 65 'jt-deal: a.key: expected jt/pub, found jt/secret' jt-deal a.key
	jt-deal -o dealing a.pub
	check 64 'jt-deal: bank.key: expected a key of role validator, found account' jt-deal -k bank.key dealing
	check 65 'jt-deal: a.pub: a public key, expected the secret one, a.key' jt-deal -k a.pub dealing
	chmod 644 a.key
	check 77 'jt-deal: a.key: open to others: expected mode 0600, found 0644' jt-deal -k a.key dealing
	# 129 are too many.
	check 64 "jt-deal: expected at most 128 validators, found 129
$usage" jt-deal $(seq -f %.0f.pub 129)
}

@test "jt-genesis deals when it makes the keys" {
	check 0 '' jt-genesis -v 4
	[ "$(jt-show net/network.jt | grep '^kind: ' | tr '\n' ' ')" = \
	    'kind: jt/genesis/1 kind: jt/dealing/1 kind: jt/accounts/1 ' ]
	[ "$(field dealing <net/network.jt)" = "$(jt-show net/network.jt | sed -n '/^--- /{h;};/^kind: jt.dealing/{g;s/.* //p;}')" ]
	for i in 1 2 3 4; do
		[ "$(stat -c %a net/v$i/coin.share)" = 600 ]
		check 0 '' jt-deal -k net/v$i/validator.key -o again net/network.jt
		cmp again net/v$i/coin.share
		[ "$(jt-get -d net/v$i ledger 0 | field coin)" = "$(field dealing <net/network.jt)" ]
	done
	# It stays in later ledgers.
	jt-close -d net/v1 -k net/v1/validator.key --empty </dev/null >/dev/null
	[ "$(jt-get -d net/v1 ledger 1 | field coin)" = "$(field dealing <net/network.jt)" ]
	check 0 '' jt-genesis -o one
	check 0 '' jt-deal -k one/v1/validator.key one/network.jt
}

@test "a dealing for listed validators, whom jt-genesis makes no secret for" {
	members a b c d
	jt-deal -o dealing a.pub b.pub c.pub d.pub
	set_up dealing d b c a >net.yaml
	check 0 '' jt-genesis -o one net.yaml
	set_up dealing a b c d >net.yaml
	check 0 '' jt-genesis -o two net.yaml
	cmp one/network.jt two/network.jt
	[ "$(echo one/*)" = one/network.jt ]
	[ "$(field dealing <one/network.jt)" = "$(jt-id dealing)" ]
	check 0 '' jt-deal -k a.key one/network.jt
	rm coin.share
	# Dealt when it is made, and then it is another network each time.
	set_up auto a b c d >net.yaml
	check 0 '' jt-genesis -o three net.yaml
	check 0 '' jt-deal -k b.key -o b.share three/network.jt
	[ "$(field dealing <three/network.jt)" != "$(jt-id dealing)" ]
	# Paths are as seen from the set-up.
	mkdir sub
	cp dealing ./*.pub sub
	set_up dealing a b c d >sub/net.yaml
	check 0 '' jt-genesis -o four sub/net.yaml
	cmp one/network.jt four/network.jt
}

@test "a dealing that is not for the set-up is refused" {
	members a b c d e
	jt-deal -o dealing a.pub b.pub c.pub e.pub
	jt-deal -o three a.pub b.pub c.pub
	set_up dealing a b c d >net.yaml
	last=$(for m in a b c d; do echo "$(jt-id $m.pub) $m"; done | sort >want
		for m in a b c e; do echo "$(jt-id $m.pub) $m"; done | sort >found
		paste -d ' ' want found | awk '$1 != $3 { print $2; exit }')
	check 78 "jt-genesis: dealing: dealing: was not made for validator \"$last\" and its keys" jt-genesis net.yaml
	set_up three a b c d >net.yaml
	check 78 'jt-genesis: three: dealing: expected one for 4 validators, found one for 3' jt-genesis net.yaml
	set_up nowhere a b c d >net.yaml
	check 66 'jt-genesis: nowhere: No such file or directory' jt-genesis net.yaml
	set_up a.pub a b c d >net.yaml
	check 65 'jt-genesis: a.pub: expected jt/dealing, found jt/pub' jt-genesis net.yaml
	printf 'dealing: dealing\nvalidators: 4\n' >net.yaml
	check 78 "jt-genesis: net.yaml: dealing: expected auto where the validators' keys are made" jt-genesis net.yaml
	[ ! -e net ]
}

@test "a network file without its dealing, or with another one" {
	jt-genesis -v 4 >/dev/null
	jt-show net/network.jt | sed '/^kind: jt.dealing/,/^---/d' | jt-pack >bare
	[ "$(jt-id bare)" = "$(jt-id net/network.jt)" ]
	check 65 'jt-deal: bare: no jt/dealing in it' jt-deal -k net/v1/validator.key -o s bare
	mkdir v
	cp bare v/network.jt
	check 78 'jt-close: v/network.jt: the dealing that the genesis names is not there' jt-close -d v --empty /dev/null
	jt-genesis -v 4 -o other >/dev/null
	{ jt-show net/network.jt | sed '/^kind: jt.dealing/,$d' | sed '$d' | jt-pack
		jt-show other/network.jt | sed -n '/^kind: jt.dealing/,/^---/p' | sed '$d' | jt-pack
		jt-show net/network.jt | sed -n '/^kind: jt.accounts/,$p' | jt-pack; } >mixed
	check 78 'jt-deal: mixed: dealing: is not the one that the genesis names' \
	    jt-deal -k net/v1/validator.key -o s mixed
	cp mixed v/network.jt
	check 78 'jt-close: v/network.jt: the dealing is not the one that the genesis names' jt-close -d v --empty /dev/null
	[ ! -e s ]
}

@test "a beacon, and what it is not" {
	golden=$JT_SRC/tests/golden
	N=$golden/network.jt
	id=$(jt-id "$N")
	jt-show "$golden/coin.jt" | sed -n '/^kind: jt.beacon/,$p' | jt-pack >both
	check 0 '' jt-check -N "$N" both
	[ "$(out | wc -l)" -eq 2 ]
	value=$(jt-show both | sed -n 's/^  value: //p' | head -n 1)
	[ "$(out | head -n 1)" = "both: proven: in ledger 1 of network \"golden\" ($(echo "$id" | head -c 16)...), the beacon is $value: shares of 2 of 4 validators make it" ]
	check 0 '' jt-check -N "$N" -j both
	[ "$(out | head -n 1)" = "{\"file\":\"both\",\"proven\":true,\"network\":\"$id\",\"ledger\":\"1\",\"what\":\"beacon\",\"beacon\":\"$value\"}" ]
	jt-show both | sed 's/^  ledger: 1$/  ledger: 3/' | jt-pack >later
	check 1 'jt-check: later:#1: not proven: share of validator 1 is not proven' jt-check -N "$N" later
	jt-show both | sed "s/^  value: .*/  value: $id/" | jt-pack >valued
	check 1 'jt-check: valued:#1: not proven: value is not what the shares make
jt-check: valued:#2: not proven: value is not what the shares make' jt-check -N "$N" valued
	jt-genesis -v 4 >/dev/null
	check 1 'jt-check: both:#1: not proven: beacon of another network
jt-check: both:#2: not proven: beacon of another network' jt-check -N net/network.jt both
}
