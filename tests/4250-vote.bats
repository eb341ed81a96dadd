#!/usr/bin/env bats
# jt-vote alone: one validator needs no others, and its pipes are files here.
# Several together are in 4300-hub.bats.

load lib
load ledger

setup() {
	lib_setup
	check 0 '' jt-genesis
	export JT_DIR=net/v1
	jt-keygen -n alice >/dev/null
	jt-pack >first.jt <<-END
		kind: jt/tick/1
		body: {time: 2030-01-01T00:00:00Z}
		---
		kind: jt/at/1
		body: {cut: 0, ledger: 0}
	END
}

# pay SEQ: a payment of the bank's, signed.
pay() {
	jt-tx pay from=net/bank to=alice amount=5 seq="$1" | jt-sign -k net/bank.key
}

# The kinds of the objects in files, without "jt/" and version.
kinds() {
	jt-show -j "$@" | cut -d '"' -f 4 | sed 's,^jt/,,; s,/1$,,' | tr '\n' ' '
}

@test "payload becomes a part and a cut, and is said to be taken" {
	pay 1 >tx.jt
	cat first.jt tx.jt >in.jt
	check 0 '' jt-vote -o msg.jt -r cut.jt --took took.jt in.jt
	[ "$(jt-show -j took.jt)" = '{"kind":"jt/took/1","body":{"id":"'"$(jt-id tx.jt)"'"}}' ]
	[ "$(kinds cut.jt)" = 'part pay cut ' ]
	[ "$(kinds msg.jt)" = "$(printf 'msg %.0s' 1 2 3 4 5 6 7)" ]
	jt-show -j cut.jt | grep -q '"time":"2030-01-01T00:00:00Z"'
	# What the closer makes of it is certified by the one validator there is.
	check 0 '' jt-close --voted -o closed.jt cut.jt
	cat first.jt closed.jt >in.jt
	check 0 '' jt-vote -o msg.jt -r more.jt in.jt
	[ "$(kinds more.jt)" = 'part pay cut beacon header ' ]
	check 0 '' jt-close --voted more.jt
	check 0 '' jt-prove tx "$(jt-id tx.jt)"
	out >paid.jtp
	jt-check -N net/network.jt paid.jtp
	# The beacon proves itself, too.
	jt-show -j more.jt | grep jt/beacon | jt-pack >beacon.jt
	jt-check -N net/network.jt beacon.jt >words
	grep -q 'ledger 1' words
}

@test "who asks for more than is read is heard later" {
	for i in {1..60}; do printf 'alice,5,%01000d\n' "$i"; done | sed '1i to,amount,memo' >list.csv
	jt-tx pay -c list.csv from=net/bank | jt-sign -k net/bank.key >tx.jt
	cat tx.jt first.jt >in.jt
	check 0 '' jt-vote -o msg.jt -r cut.jt --took took.jt in.jt
	block=$(jt-show -1 net/v1/vote/*.jt | sed -n 's/.*jt.decision.*\(\[0, [^]]*\]\)\].*/\1/p')
	blocks=$(printf "$block, %.0s" {1..64})
	for i in {10..89}; do
		echo "--- {kind: jt/tick/1, body: {time: 2030-01-01T00:0${i:0:1}:0${i:1}Z}}"
		echo "--- {kind: jt/msg/1, body: {from: x, body: {kind: jt/get/1, body: {blocks: [${blocks%, }]}}}}"
	done | jt-pack >gets.jt
	jt-vote -o - -r cut.jt --took took.jt gets.jt | wc -c >size
	[ "${PIPESTATUS[0]}" -eq 0 ]
	[ "$(cat size)" -gt 300000000 ]
}

@test "one input, one output: the same bytes on any machine" {
	# More rounds than may be made at once: the rest goes on with the time.
	echo '{"kind":"jt/tick/1","body":{"time":"2030-01-01T00:00:01Z"}}' | jt-pack >later.jt
	{ cat first.jt; for i in 1 2 3; do pay "$i"; done; cat later.jt; } >in.jt
	cp -a net other
	# The copy's log is not where it was written; this one was made in its place.
	rm -r other/v1/vote net/v1/vote
	jt-vote -d net/v1 -o a.msg -r a.cut --took a.took in.jt 2>/dev/null
	jt-vote -d other/v1 -o b.msg -r b.cut --took b.took in.jt 2>/dev/null
	for f in msg cut took; do cmp a.$f b.$f; done
	[ "$(kinds a.took)" = 'took took took ' ]
}

@test "after a crash: the last words again, and no payload is lost or taken twice" {
	{ cat first.jt; pay 1; pay 2; } >in.jt
	jt-vote -o one.msg -r one.cut in.jt
	jt-vote -o two.msg -r two.cut first.jt
	# The last block, byte for byte.
	[ "$(jt-show -j two.msg | head -n 1)" = "$(jt-show -j one.msg | tail -n 1)" ]
	# The closer still stands at 0: it gets the same again.
	cmp one.cut two.cut
	# And nothing that it has.
	jt-pack >at.jt <<-END
		kind: jt/at/1
		body: {cut: 2, ledger: 2}
	END
	jt-vote -o three.msg -r three.cut at.jt
	[ ! -s three.cut ]
}

@test "two voters with one key: the second is refused" {
	mkfifo in
	jt-vote -o /dev/null -r /dev/null --ready-fd 7 in 7>ready &
	voter=$!
	exec 8>in
	until [ -s ready ]; do sleep 0.02; done
	check 75 'jt-vote: net/v1/validator.key: another process votes with this key' \
		jt-vote first.jt
	cp -r net/v1 copy
	check 75 'jt-vote: net/v1/validator.key: another process votes with this key' \
		jt-vote -d copy -k net/v1/validator.key first.jt
	exec 8>&-
	wait "$voter"
}

@test "keys, shares and networks that do not belong together" {
	jt-keygen -n --role validator other >/dev/null
	check 77 "jt-vote: alice.key: expected a validator's key, found one of role account" \
		jt-vote -k alice.key first.jt
	check 78 'jt-vote: other.key: the key is of no validator of this network' \
		jt-vote -k other.key first.jt
	jt-genesis -o second >/dev/null
	cp net/v1/coin.share mine.share
	cp second/v1/coin.share net/v1/coin.share
	check 78 'jt-vote: net/v1/coin.share: is of another dealing than the network'"'"'s' jt-vote first.jt
	rm net/v1/coin.share
	check 66 'jt-vote: net/v1/coin.share: no share of the coin; jt-deal -k KEY net/v1/network.jt makes it' \
		jt-vote first.jt
	check 0 '' jt-deal -k net/v1/validator.key net/v1/network.jt
	check 0 '' jt-vote -o /dev/null first.jt
	check 78 'jt-vote: net/v1/network.jt and second/network.jt are different networks' \
		jt-vote -d net/v1 -N second/network.jt first.jt
}

@test "without a key it observes, and takes nothing" {
	rm net/v1/validator.key
	rm -r net/v1/vote
	pay 1 >tx.jt
	check 0 'jt-vote: in.jt:#3: an observer takes no payload' \
		sh -c 'cat first.jt tx.jt >in.jt; jt-vote -o msg.jt in.jt'
	[ "$(kinds msg.jt)" = 'msg ' ]
	jt-show -1 msg.jt | grep -q 'jt/hello'
}

@test "what others send is never an exit code, what our own programs send wrongly is" {
	say() { # FROM, then an object on stdin
		printf '{"kind":"jt/msg/1","body":{"body":%s,"from":"%s"}}\n' "$(jt-show -j)" "$1" | jt-pack
	}
	{ cat first.jt; jt-id net/v1/validator.pub >/dev/null; say v9 <first.jt; } >in.jt 2>/dev/null || true
	jt-pack >took.jt <<-END
		kind: jt/took/1
		body: {id: $(printf '%064d' 0)}
	END
	{ cat first.jt; say v9 <took.jt; } >in.jt
	check 0 'jt-vote: in.jt:#3: jt/took is no message of a vote' jt-vote -o /dev/null in.jt
	for i in $(seq 20); do say v9 <took.jt; done >in.jt
	jt-vote -o /dev/null in.jt 2>err
	[ "$(wc -l <err)" -eq 10 ]
	check 65 'jt-vote: took.jt:#1: jt/took does not enter ledgers' jt-vote -o /dev/null took.jt
	printf 'hello' >text
	check 65 'jt-vote: text:#1: offset 0: no object begins here, but text' jt-vote -o /dev/null text
	jt-pack >at.jt <<-END
		kind: jt/at/1
		body: {cut: 7, ledger: 7}
	END
	cat first.jt at.jt >in.jt
	check 65 'jt-vote: in.jt:#3: at cut 7, and was given no more than 0' jt-vote -o /dev/null in.jt
}

@test "a log that is gone: an only validator goes on where its closer stands" {
	{ cat first.jt; pay 1; } >in.jt
	jt-vote -o /dev/null -r cut.jt in.jt
	check 0 '' jt-close --voted -o closed.jt cut.jt
	rm -r net/v1/vote
	jt-pack >at.jt <<-END
		kind: jt/tick/1
		body: {time: 2030-01-01T00:01:00Z}
		---
		kind: jt/at/1
		body: {cut: 1, ledger: 1}
	END
	{ pay 2; cat at.jt; } >in.jt
	check 0 '' jt-vote -o /dev/null -r cut.jt in.jt
	[ "$(kinds cut.jt)" = 'part pay cut ' ]
	jt-show -1 cut.jt | grep -q ' n: 2, '
	check 0 '' jt-close --voted cut.jt
	[ "$(jt-get ledgers | jt-id | wc -l)" -eq 3 ]
	# And from there, after another start: it counts on.
	jt-pack >at.jt <<-END
		kind: jt/tick/1
		body: {time: 2030-01-01T00:02:00Z}
		---
		kind: jt/at/1
		body: {cut: 2, ledger: 2}
	END
	{ cat at.jt; pay 3; } >in.jt
	check 0 '' jt-vote -o /dev/null -r cut.jt in.jt
	[ "$(kinds cut.jt)" = 'part pay ' ] # the cut waits for a beacon
	check 0 '' jt-draw -d net/v1 --text
	[ "$(out | sed -n 's/.*; ends //p')" = "$(printf 'ledger 2\nledger 3')" ]
	jt-show -1 net/v1/vote/0000000002.jt | grep -q '^--- {kind: jt/decision/1, .* n: 3, '
}

# What the closer says and payment N go in, and the closer gets what comes out.
turn() {
	printf 'kind: jt/tick/1\nbody: {time: 2030-01-01T00:%02d:00Z}\n' "$1" | jt-pack >in.jt
	jt-close --voted </dev/null >>in.jt
	pay "$1" >>in.jt
	check 0 '' jt-vote -o /dev/null -r cut.jt in.jt
	check 0 '' jt-close --voted cut.jt
}

@test "a log that is gone after three ledgers: an only validator makes its shares of beacons again" {
	for i in 1 2 3; do turn $i; done
	jt-close --voted </dev/null >closed.jt
	check 0 '' jt-vote -o /dev/null -r cut.jt closed.jt
	check 0 '' jt-close --voted cut.jt
	[ "$(jt-close --voted </dev/null | jt-show -j | tail -n 1)" = \
		'{"kind":"jt/at/1","body":{"cut":"3","ledger":"3"}}' ] # all are certified
	rm -r net/v1/vote
	for i in 4 5 6; do turn $i; done
	[ "$(jt-get ledgers | jt-id | wc -l)" -eq 7 ]
	# What was said again is in the log.
	[ "$(jt-show -1 net/v1/vote/*.jt | grep -c '^--- {kind: jt/ack/1, .*ledger: [23],')" -eq 2 ]
	check 0 '' jt-replay
}

@test "a log that was copied is set aside" {
	{ cat first.jt; pay 1; } >in.jt
	jt-vote -o /dev/null in.jt
	cp -a net/v1/vote saved
	rm -r net/v1/vote
	mv saved net/v1/vote
	check 0 'jt-vote: net/v1/vote: not where it was written, set aside; voting goes on once enough others have told what they have of ours' \
		jt-vote -o /dev/null first.jt
	[ -s net/v1/vote.old-1/0000000001.jt ]
	jt-show net/v1/vote.old-1/0000000001.jt >/dev/null
}

@test "a log that is damaged is not gone on with" {
	{ cat first.jt; pay 1; } >in.jt
	jt-vote -o /dev/null in.jt
	log=net/v1/vote/0000000001.jt
	size=$(stat -c %s $log)
	cp $log good
	for at in 10 $((size / 3)) $((size / 2)) $((size - 100)) $((size - 40)); do
		cat good >$log
		was=$(tail -c +$((at + 1)) good | head -c 1 | od -An -tx1)
		[ "$was" = ' ff' ] && other='\0' || other='\377'
		printf '%b' "$other" | dd of=$log bs=1 seek="$at" conv=notrunc 2>/dev/null
		code=0
		jt-vote first.jt >out 2>err || code=$?
		[ $code -eq 78 ]
		[ ! -s out ]
		grep -Eqx "jt-vote: $log: is damaged behind byte [0-9]+: remove the log" err
	done
	# What a crash leaves is: an end that is missing.
	cat good >$log
	truncate -s -20 $log
	check 0 '' jt-vote -o /dev/null first.jt
}

@test "--state tells how it stands" {
	{ cat first.jt; pay 1; } >in.jt
	mkfifo in
	jt-vote --state state.jt -o /dev/null in &
	voter=$!
	exec 8>in
	cat in.jt >&8
	tells() { [ "$(jt-show -j state.jt 2>/dev/null)" = "$1" ]; }
	until_true tells '{"kind":"jt/standing/1","body":{"certified":"0","closed":"0","decided":"1","ledger":"0","round":"7","time":"2030-01-01T00:00:00Z"}}' || { jt-show state.jt; false; }
	exec 8>&-
	wait "$voter"
}

@test "--state on a full disk: told once, and the vote goes on" {
	ln -s /dev/full state.jt.new
	mkfifo in
	jt-vote --state state.jt -o /dev/null in 2>err &
	voter=$!
	exec 8>in
	cat first.jt >&8
	until_true test -s err
	pay 1 >&8
	sleep 0.3 # it may be told again by now
	[ "$(cat err)" = 'jt-vote: state.jt.new: No space left on device' ]
	[ ! -e state.jt ]
	rm state.jt.new
	until_true test -s state.jt
	exec 8>&-
	wait "$voter"
}
