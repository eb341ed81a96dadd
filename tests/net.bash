# For tests of running networks:  load lib.bash; load ledger.bash; load net.bash

# Ends what a test has left running, whatever became of it.
teardown() {
	local lock
	while IFS= read -r lock; do
		lock=${lock%/lock}
		flock -n -s "$lock/lock" true && continue
		kill -9 -- "-$(cat "$lock/node.pid")" 2>/dev/null || kill -9 "$(cat "$lock/node.pid")" || true
	done < <(find "$BATS_TEST_TMPDIR" -path '*/run/lock' 2>/dev/null)
	lib_teardown
}

# pay TO AMOUNT [FIELD...]: from the bank of net/, through the validator in JT_DIR;
# the proof goes to paid.jtp.
pay() {
	jt-tx pay from=net/bank to="$1" amount="$2" "${@:3}" | jt-sign -k net/bank.key >pay.jt
	jt-submit -w 600 -o paid.jtp pay.jt
}

# balance DIR ACCOUNT
balance() {
	jt-get -d "$1" account "$2" 2>/dev/null | jt-show | sed -n 's/^  balance: //p'
}
has() { # DIR ACCOUNT BALANCE
	[ "$(balance "$1" "$2")" = "$3" ]
}

# number DIR: of its newest ledger.
number() {
	jt-get -d "$1" ledger | jt-show | sed -n 's/^  number: //p'
}

# runs DIR NAME: the process id of a program of a validator that is up, with all six.
runs() {
	local p
	for p in vote close check verify peer listen; do
		[ -e "$1/run/$p.pid" ] && ! is_gone "$(cat "$1/run/$p.pid")" || return 1
	done
	[ -S "$1/sock" ] && cat "$1/run/$2.pid"
}
is_up() {
	runs "$1" vote >/dev/null 2>&1
}
is_gone() { # PID: or dead and not yet waited for
	case $(sed -n 's/^State:\t//p' "/proc/$1/status" 2>/dev/null) in '' | Z*) return 0 ;; esac
	return 1
}

# same DIR...: the validators of a network have closed the same ledgers.
same() {
	local dir head='' one
	for dir; do
		one=$(jt-get -d "$dir" ledger | jt-id)
		[ "${head:=$one}" = "$one" ] || return 1
	done
}

# is_silent LOG...: they tell of nothing but what a slow machine makes of peers that start.
is_silent() {
	if cat "$@" | grep -v ': not reached at \|: no handshake within '; then return 1; fi
}
