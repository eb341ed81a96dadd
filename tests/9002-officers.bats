#!/usr/bin/env bats
# Offline signing: a desk that is online and has no keys, two officers whose
# vaults have a key and nothing of the network, files carried to and fro.
load lib.bash

# A network; a treasury that two of three officers speak for; a desk and vaults.
setup() {
	lib_setup
	mkdir desk ann ben eve
	for officer in ann ben eve; do
		jt-keygen --pass-fd 3 "$officer/$officer" 3<<<"$officer's passphrase" >/dev/null
		cp "$officer/$officer.pub" desk
	done
	here=$PWD
	cd desk || return
	jt-genesis >/dev/null
	export JT_DIR=net/v1
	jt-keygen -n treasury >/dev/null
	jt-tx pay from=net/bank to=treasury amount=1000000 | jt-sign -k net/bank.key | finish -
	jt-tx set from=treasury signers=ann:1,ben:1,eve:1 quorum=2 flags=no-master |
		jt-sign -k treasury.key | finish -
	cd "$here" || return
}

# As jt-submit would with a server: into the ledger of the one validator.
finish() {
	jt-close -k net/v1/validator.key "$@" >/dev/null
}

# Without a socket, where that can be shown; and without the desk's directory.
vault() {
	local officer=$1
	shift
	(
		unset JT_DIR
		cd "$officer" || return
		if [ -x "$JT_BUILD/tests/nosocket" ]; then
			set -- "$JT_BUILD/tests/nosocket" "$@"
		fi
		"$@"
	)
}

# by_hand OFFICER ANSWERS ARGUMENT...: sign, and answer what the terminal asks.
by_hand() {
	local officer=$1 answers=$2
	shift 2
	vault "$officer" "$JT_SRC/tests/terminal" "$answers" jt-sign -k "$officer.key" "$@"
}

balance() {
	jt-get -j account "$1" | sed 's/.*"balance":"\([^"]*\)".*/\1/'
}

@test "the desk builds, two officers look and sign, the desk joins and closes" {
	to=jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD
	cd desk
	check 0 '' jt-prove account treasury
	out >t.jtp
	# The desk needs no ledger from here on, the proof says it all.
	(
		unset JT_DIR
		check 0 '' jt-tx -N net/network.jt -p t.jtp pay from=treasury to=$to amount=250000 \
		    last=+2000 -o w.jt
	)
	jt-show w.jt >w.txt
	grep -qx '  fee: 0.00003' w.txt
	grep -qx '  seq: 2' w.txt
	grep -qx '  last: 2002' w.txt
	id=$(jt-id w.jt)
	cd "$here"
	cp desk/w.jt ann
	cp desk/w.jt ben

	# Each sees what the other sees, and the passphrase is asked for on the terminal.
	for officer in ann ben; do
		by_hand $officer "$officer's passphrase|y" -i -e "$id" -o w1.jt w.jt >$officer/shown
		grep -q "amount: 250000, .* to: $to}, sigs: \[\]} # $id" $officer/shown
		grep -qx 'sign? \[y/N\] y' $officer/shown
		[ "$(vault $officer jt-id w1.jt)" = "$id" ]
	done
	cp ann/w1.jt desk
	cp ben/w1.jt desk/w2.jt
	cd desk
	check 0 '' sh -c 'jt-merge w1.jt w2.jt | jt-verify'
	out >w.jt
	check 0 '' sh -c 'jt-merge w2.jt w1.jt'
	out | cmp - w.jt
	check 0 '' finish w.jt
	[ "$(balance $to)" = 250000 ]
	jt-prove tx "$id" >w.jtp
	check 0 '' jt-check w.jtp
	out | grep -q "in ledger 3 .* jt/pay $id was applied: from .*, to $to, amount 250000"
}

@test "one officer alone, a stranger, and the retired key move nothing" {
	cd desk
	jt-tx pay from=treasury to=net/bank amount=5 -o w.jt
	id=$(jt-id w.jt)
	jt-keygen -n stranger >/dev/null
	jt-sign -k ../ann/ann.key --pass-fd 3 -o w1.jt w.jt 3<<<"ann's passphrase"
	check 1 "jt-close: refused $id: no-quorum: weight: 1, the quorum is 2
jt-close: nothing admissible: no ledger closed" finish w1.jt
	jt-sign -k stranger.key -o w3.jt w1.jt
	check 1 "jt-close: refused $id: not-authorised: $(jt-id stranger.pub) does not sign for the sender
jt-close: nothing admissible: no ledger closed" finish w3.jt
	jt-sign -k treasury.key -o w3.jt w.jt
	check 1 "jt-close: refused $id: not-authorised: $(jt-id treasury.pub) does not sign for the sender
jt-close: nothing admissible: no ledger closed" finish w3.jt
	[ "$(jt-get -j ledgers | wc -l)" -eq 3 ]
	# All three officers are more than enough, and the fee counts each.
	jt-sign -k ../ben/ben.key --pass-fd 3 -o w2.jt w.jt 3<<<"ben's passphrase"
	jt-sign -k ../eve/eve.key --pass-fd 3 -o w3.jt w.jt 3<<<"eve's passphrase"
	check 0 '' sh -c 'jt-merge w1.jt w2.jt w3.jt | jt-verify >w.jt'
	check 0 '' finish w.jt
}

@test "an officer who sees something else does not sign it" {
	cd desk
	jt-tx pay from=treasury to=net/bank amount=5 -o good.jt
	jt-tx pay from=treasury to=net/bank amount=500000 -o evil.jt
	good=$(jt-id good.jt)
	cp evil.jt ../ann/w.jt
	cd "$here"
	# Another id than was read out to them: not even a question.
	code=0
	by_hand ann "ann's passphrase" -i -e "$good" -o w1.jt w.jt >shown || code=$?
	[ "$code" -eq 1 ]
	grep -qx "jt-sign: w.jt:#1: id is not as expected: $(jt-id desk/evil.jt)" shown
	! grep -q 'sign?' shown || false
	[ ! -e ann/w1.jt ]
	# They look, and say no.
	code=0
	by_hand ann "ann's passphrase|n" -i -o w1.jt w.jt >shown || code=$?
	[ "$code" -eq 1 ]
	grep -q 'amount: 500000' shown
	grep -qx "jt-sign: $(jt-id desk/evil.jt): not signed, as told on the terminal" shown
	[ ! -s ann/w1.jt ]
}

@test "a whole list: one sum to read out, signatures joined over all of it" {
	cd desk
	printf 'to,amount,memo\nann,10,"share, may"\nben,20,share\neve,30,share\n' >list.csv
	check 0 '' jt-tx pay -c list.csv from=treasury -o w.jt
	check 0 '' jt-id --all w.jt
	sum=$(out)
	for officer in ann ben; do
		cp w.jt ../$officer
		check 0 '' vault ../$officer jt-sign -k $officer.key --pass-fd 3 -e "$sum" -o w1.jt w.jt \
		    3<<<"$officer's passphrase"
	done
	check 0 '' sh -c 'jt-merge ../ann/w1.jt ../ben/w1.jt | jt-verify -o w.jt'
	[ "$(jt-id w.jt | wc -l)" -eq 3 ]
	check 0 '' finish w.jt
	[ "$(balance ann) $(balance ben) $(balance eve)" = '10 20 30' ]
	check 0 '' sh -c 'jt-id w.jt | jt-prove tx - | jt-check'
	[ "$(out | grep -c 'in ledger 3 .* was applied')" -eq 3 ]
}
