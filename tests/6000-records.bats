#!/usr/bin/env bats
# Hash records in ledgers: what jt-close takes, and what jt-get, jt-prove, jt-check
# and jt-replay say of it.
load lib.bash
load ledger.bash

zero=0000000000000000000000000000000000000000000000000000000000000000

# hash DIGITS: the digits again and again.
hash() {
	local h=$1
	while [ ${#h} -lt 64 ]; do h=$h$1; done
	echo "${h:0:64}"
}

# record HASH [FIELD: VALUE, ...]: a jt/record.
record() {
	printf -- '--- {kind: jt/record/1, body: {hash: %s, network: %s%s}}\n' "$1" \
	    "${network:-$(cat id)}" "${2:+, $2}" | jt-pack
}

# stamp DOOR NONCE RECORD-FILE: the record of a file, stamped with this nonce.
stamp() {
	printf -- '--- {kind: jt/stamp/1, body: {door: %s, nonce: %s, record: %s}}\n' "$1" "$2" \
	    "$(jt-show -1 "$3" | sed 's/^--- //; s/ #.*//')" | jt-pack
}

close() {
	jt-close -k net/v1/validator.key -t 2030-01-01T00:00:0"${1:-0}"Z "${@:2}"
}

@test "a record alone closes a ledger; it is found, proven, and closed again" {
	network
	record "$(hash ab)" 'tag: "v1"' >r
	check 0 '' close 1 -r res r
	[ "$(out | jt-show | grep -A 1 ' records:')" = "  records:
    count: 1" ]
	[ "$(field code <res) $(field id <res) $(field ledger <res)" = "ok $(jt-id r) 1" ]
	check 0 '' jt-get record "$(hash ab)"
	[ "$(out | kinds)" = 'jt/record/1 jt/result/1 ' ]
	cmp <(out | head -c "$(wc -c <r)") r
	[ "$(out | field ledger)" = 1 ]
	check 0 '' jt-get record sha256:"$(hash ab)" 1
	check 1 "jt-get: no record of $(hash ab) in ledger 0" jt-get record "$(hash ab)" 0
	check 1 "jt-get: no record of $(hash ac) up to ledger 1" jt-get record "$(hash ac)"
	check 0 '' jt-prove -o p record "$(hash ab)"
	check 0 '' jt-check -N net/network.jt p
	out_is "p: proven: in ledger 1 (2030-01-01T00:00:01Z) of network \"net\" ($(head -c 16 id)...), the digest $(hash ab) is recorded, tag \"v1\""
	check 0 '' jt-check -N net/network.jt -j p
	out_is '{"file":"p","proven":true,"network":"'"$(cat id)"'","ledger":"1","time":"2030-01-01T00:00:01Z","what":"record","digest":"'"$(hash ab)"'","record":"'"$(hash ab)"'","tag":"v1"}'
	check 0 '' jt-replay
	[ "$(out)" = "$(jt-get ledger | jt-id)" ]
}

@test "the same twice is kept once in a ledger, and both hear where" {
	network
	record "$(hash ab)" >r
	record "$(hash ab)" 'tag: "mine"' >other
	record "$(hash 00)" >first
	check 0 '' close 1 -r res r other r first
	[ "$(out | jt-show | grep -A 1 ' records:' | tail -n 1)" = '    count: 3' ]
	[ "$(field code <res | tr '\n' ' ')" = 'ok ok ok ok ' ]
	[ "$(field id <res | sed -n 1p)" = "$(field id <res | sed -n 3p)" ]
	[ "$(jt-show -j res | sed -n 1p)" = "$(jt-show -j res | sed -n 3p)" ]
	# The lowest hash is the first of the ledger.
	[ "$(jt-show -j res | sed -n 4p | grep -c '"index"')" -eq 0 ]
	check 0 '' jt-get record "$(hash ab)"
	[ "$(out | kinds)" = 'jt/record/1 jt/result/1 jt/record/1 jt/result/1 ' ]
	# In another ledger it is again, and the first counts.
	close 2 r >/dev/null
	[ "$(jt-get record "$(hash ab)" | field ledger | tr '\n' ' ')" = '1 1 2 ' ]
	jt-prove record "$(hash ab)" | jt-check -N net/network.jt >words
	grep -q 'proven: in ledger 1 ' words
	jt-prove record "$(hash ab)" 2 | jt-check -N net/network.jt >words
	grep -q 'proven: in ledger 2 ' words
	check 0 '' jt-replay
}

@test "refusals have a line and a reason each, and close no ledger" {
	network
	network=$zero record "$(hash 01)" >foreign
	record "$(hash 02)" "after: $(hash 33)" >late
	record "$(hash 03)" >good
	stamp "$(hash 0)" 0 good >weak
	check 1 "jt-close: refused record $(jt-id foreign): wrong-network: made for another network
jt-close: refused record $(jt-id late): not-after: after is not a ledger of the last hour
jt-close: refused record $(jt-id good): bad-stamp: not enough work
jt-close: nothing admissible: no ledger closed" \
	    jt-close -r res foreign late weak
	[ "$(field code <res | tr '\n' ' ')" = 'wrong-network not-after bad-stamp ' ]
	[ "$(field id <res | tail -n 1)" = "$(jt-id good)" ]
	# Beside something good, which is closed.
	check 0 "jt-close: refused record $(jt-id late): not-after: after is not a ledger of the last hour" \
	    close 1 late good
	record "$(hash 02)" "after: $(jt-get ledger | jt-id)" >now
	check 0 '' close 2 now
	record "$(hash 02)" "after: $(jt-get ledger 1 | jt-id)" >hour
	check 0 '' jt-close -t 2030-01-01T01:00:01Z hour
	record "$(hash 04)" "after: $(jt-get ledger 1 | jt-id)" >hour
	check 1 "jt-close: refused record $(jt-id hour): not-after: after is not a ledger of the last hour
jt-close: nothing admissible: no ledger closed" jt-close -t 2030-01-01T01:00:01.001Z hour
	check 0 '' jt-replay
}

@test "records and payments in one stream" {
	network
	pay net/bank alice 10 >tx
	record "$(hash 0a)" >r
	check 0 '' sh -c 'cat tx r | jt-verify | jt-close -k net/v1/validator.key -r res'
	[ "$(field code <res | tr '\n' ' ')" = 'ok ok ' ]
	out >h
	check 0 '' sh -c 'jt-show -1 h | sed 1d | jt-pack | jt-check -N net/network.jt'
	out | grep -q ', the header is certified: 1 transaction, 1 record$'
	check 0 '' jt-replay
	[ "$(balance alice)" = 10 ]
}

@test "records that nobody has, or had then" {
	network
	record "$(hash 11)" >a; record "$(hash 99)" >b
	close 1 a b >/dev/null
	close 2 --empty </dev/null >/dev/null
	for h in 00 11 55 99 ff; do
		check 0 '' sh -c "jt-prove record $(hash $h) 1 | jt-check -N net/network.jt"
		case $h in
		11 | 99) out | grep -q ", the digest $(hash $h) is recorded$" ;;
		*) out | grep -q "in ledger 1 .*, there is no direct record of $(hash $h)$" ;;
		esac
		check 0 '' sh -c "jt-prove record $(hash $h) 2 | jt-check -N net/network.jt"
		out | grep -q "in ledger 2 .*, there is no direct record of $(hash $h)$"
	done
	check 0 '' sh -c "jt-prove record $(hash 11) 0 | jt-check -N net/network.jt -j"
	out | grep -q '"what":"no-record","digest":"1111'
	check 1 "jt-prove: $(hash 12): no ledger holds it" jt-prove record "$(hash 12)"
	check 1 "jt-prove: $(hash 12): no ledger 3" jt-prove record "$(hash 12)" 3
	# What is proven absent of one hash is not of another, nor in another ledger.
	jt-prove record "$(hash 12)" 1 | jt-show >absent
	sed "s/  hash: $(hash 12)/  hash: $(hash 11)/" absent | jt-pack >lie
	check 1 'jt-check: lie:#1: not proven: left: is not below the hash' jt-check -N net/network.jt lie
}

@test "tags and what was before: jt-get records" {
	network
	record "$(hash 01)" 'tag: "a"' >r1
	record "$(hash 02)" "prev: $(hash 01), tag: \"a\"" >r2
	record "$(hash 03)" "prev: $(hash 02), tag: \"b\"" >r3
	close 1 r3 r1 >/dev/null
	close 2 r2 >/dev/null
	check 0 '' jt-get records
	[ "$(out | field hash | tr '\n' ' ')" = "$(hash 01) $(hash 03) $(hash 02) " ]
	[ "$(out | field ledger | tr '\n' ' ')" = '1 1 2 ' ]
	check 0 '' jt-get records tag=a
	[ "$(out | field hash | tr '\n' ' ')" = "$(hash 01) $(hash 02) " ]
	check 0 '' jt-get records prev="$(hash 02)"
	[ "$(out | field hash)" = "$(hash 03)" ]
	check 0 '' jt-get -j records prev="$(hash 01)" tag=a
	[ "$(out | wc -l)" -eq 2 ]
	check 0 '' jt-get records tag=c
	out_is ''
	usage=$(jt-get -h | head -n 1)
	check 64 "jt-get: records: expected tag=TAG or prev=HASH, not \"a\"
jt-get: $usage" jt-get records a
	check 64 "jt-get: prev: expected a hash of 64 hex digits, not \"a\"
jt-get: $usage" jt-get records prev=a
	check 64 "jt-get: records: tag: given twice
jt-get: $usage" jt-get records tag=a tag=b
	check 64 "jt-get: records: prev: given twice
jt-get: $usage" jt-get records "prev=$(printf %064d 1)" "prev=$(printf %064d 2)"
	check 64 "jt-get: record: expected a hash of 64 hex digits, not \"a\"
jt-get: $usage" jt-get record a
	check 64 "jt-get: record: expected the number of a ledger, not \"x\"
jt-get: $usage" jt-get record "$(hash a)" x
}

@test "many records: sorted, counted, all proven, and closed again" {
	network
	for i in $(seq 300); do printf %s "$i" | sha256sum | cut -c 1-64; done >hashes
	while read -r h; do
		echo "{\"kind\":\"jt/record/1\",\"body\":{\"hash\":\"$h\",\"network\":\"$(cat id)\"}}"
	done <hashes | jt-pack >all
	check 0 '' close 1 all
	jt-get records | field hash | cmp - <(sort hashes)
	for i in 1 100 300; do
		h=$(sed -n ${i}p hashes)
		jt-prove record "$h" | jt-check -N net/network.jt >words
		grep -q "the digest $h is recorded" words
	done
	check 0 '' jt-replay
}

@test "jt-prove ledger: an old one by the newest, and that by itself" {
	network 4
	for n in 1 2 3; do
		for v in 1 2 3; do
			jt-close -d net/v$v -k net/v$v/validator.key --empty -t 2030-01-01T00:00:0${n}Z \
			    </dev/null >/dev/null
		done
	done
	check 75 'jt-prove: ledger 3 is not certified: 1 of 3 signatures' jt-prove ledger 3
	for v in 2 3; do jt-get -d net/v$v ledger 3; done | jt-certify >/dev/null
	# Ledgers 1 and 2 have one signature here, and are in the history of the third.
	check 0 '' sh -c 'jt-prove ledger 0 1 2 | jt-check -N net/network.jt'
	[ "$(out | cut -d ' ' -f 5 | tr '\n' ' ')" = '0 1 2 ' ]
	[ "$(out | grep -c 'in the history of ledger 3, which is certified: 0 transactions$')" -eq 3 ]
	check 0 '' jt-prove ledger 3
	out | cmp - <(jt-get ledger)
	check 1 'jt-prove: no ledger 4, the newest is 3' jt-prove ledger 4
	usage=$(jt-prove -h | head -n 1)
	check 64 'jt-prove: x: expected the number of a ledger' jt-prove ledger x
	check 64 "jt-prove: record: one word too many: \"3\"
jt-prove: $usage" jt-prove record "$(hash a)" 1 3
	# A record of one of them, under the newest.
	record "$(hash 0b)" >r
	for v in 1 2 3; do
		jt-close -d net/v$v -k net/v$v/validator.key -t 2030-01-01T00:00:04Z r >/dev/null
		jt-close -d net/v$v -k net/v$v/validator.key --empty -t 2030-01-01T00:00:05Z \
		    </dev/null >/dev/null
	done
	check 75 "jt-prove: $(hash 0b): ledger 4 is not certified: 1 of 3 signatures" \
	    jt-prove record "$(hash 0b)"
	for v in 2 3; do jt-get -d net/v$v ledger 5; done | jt-certify >/dev/null
	check 0 '' jt-prove record "$(hash 0b)"
	out >p
	[ "$(jt-show p | grep -c 'kind: jt/proof-ledger/1')" -eq 1 ]
	check 0 '' jt-check -N net/network.jt p
	out | grep -q "^p: proven: in ledger 4 .*, the digest $(hash 0b) is recorded$"
}

# A stream of a vote: validators' parts of stamped records.
part_of() {
	printf -- '--- {kind: jt/part/1, body: {author: %s, count: %s, round: 1}}\n' "$1" "$2" | jt-pack
}

@test "by a vote: stamps are asked, a flood is cut to the rate, honest records are in" {
	# One bit is enough here: stamps are tried until jt-close takes them.
	printf 'validators: 2\nrecords: {rate: 1000, stamp: 1}\n' >net.yaml
	jt-genesis net.yaml >id
	export JT_DIR=net/v1
	mapfile -t keys < <(jt-show net/network.jt | sed -n 's/^    *key: //p')
	flooder=${keys[0]} honest=${keys[1]}
	for i in $(seq 10 59); do
		record "$(hash $i)" >r
		for n in 0 1 2 3 4 5 6 7; do stamp "$flooder" $n r; done
	done >flood
	record "$(hash aa)" >good
	for n in 0 1 2 3 4 5 6 7 8 9; do stamp "$honest" $n good; done >mine
	{
		part_of "$flooder" 400; cat flood
		part_of "$honest" 10; cat mine
		part_of "$honest" 1; cat good
		cut_object 1 2030-01-01T00:00:00Z
	} >stream
	check 0 '' jt-close --voted -r res stream
	[ "$(field id <res | grep -c "$(jt-id good)")" -eq 11 ]
	jt-get record "$(hash aa)" >/dev/null
	[ "$(jt-show -j res | grep "$(jt-id good)" | tail -n 1 | grep -c '"why":"no stamp"')" -eq 1 ]
	[ "$(field code <res | sort -u | tr '\n' ' ')" = 'bad-stamp ok over-rate ' ]
	# A stamped record has about 180 bytes; a second is 1000.
	n=$(jt-get records | field hash | grep -cv "$(hash aa)")
	[ "$n" -ge 5 ] && [ "$n" -le 7 ]
	check 0 '' jt-replay
	# A stamp for one door is none for another.
	{
		part_of "$flooder" 10; cat mine
		cut_object 2 2030-01-01T00:00:01Z
	} >stream
	check 0 '' jt-close --voted -r res stream
	[ "$(jt-show -j res | grep -c '"code":"bad-stamp".*"why":"the stamp is for another door"')" -eq 10 ]
	check 65 'jt-close: good:#1: a record outside of a part' jt-close --voted good
}

@test "a ledger's records that were changed are found by jt-replay" {
	network
	record "$(hash 01)" >r1; record "$(hash 02)" >r2
	close 1 r1 r2 >/dev/null
	check 0 '' jt-replay
	perl -0777 -pi -e "s/\\x02{32}/\"\\x02\" x 31 . \"\\x03\"/ge" net/v1/ledger/data.mdb
	run jt-replay
	[ "$status" -eq 1 ]
	[[ $output == 'jt-replay: ledger 1: record '*' is not in the index' ]] ||
	    [[ $output == 'jt-replay: ledger 1: header comes out another way: records' ]]
}
