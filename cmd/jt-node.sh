#!/bin/sh
# jt-node [DIR]: run a validator, or without a key an observer.
#
# Six programs and the pipes between them; each pipe, run/a to run/r, has one
# writer and one reader:
#
#   clients <-> listen --a--> verify --b--> vote --c--> verify --d--> close
#                ^ ^ ^--r----'             ^ | ^ '-k-> listen         | |
#                | '------------- f ------ | | '------- e -----------' |
#                '-------------------------+-+-------------------------'
#               peers <-> peer --l--> vote --m--> peer
#
# When one of them ends, so do its neighbours, since their pipes end; then
# nothing that was in a pipe counts, and all are started again: the ledger and
# the vote's log know where they stand (jt-node(1)). Not after what another
# start would not mend.
set -u
umask 022

say() { printf 'jt-node: %s\n' "$*" >&2; }
die() { code=$1; shift; say "$*"; exit "$code"; }
usage='usage: jt-node [--ready-fd N] [DIR]'

ready=
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
	X
		exit 0
		;;
	-V | --version) echo 'jt-node @VERSION@'; exit 0 ;;
	--ready-fd) ready=${2:-}; shift 2 || die 64 'expected a descriptor after --ready-fd' ;;
	--) shift; break ;;
	-*) say "unknown option $1"; echo "$usage" >&2; exit 64 ;;
	*) break ;;
	esac
done
[ $# -le 1 ] || { say "expected one directory, found $#"; echo "$usage" >&2; exit 64; }
case $ready in '' | [1-9] | [1-9][0-9]) ;; *) die 64 "ready-fd: expected a descriptor, found $ready" ;; esac
dir=${1:-${JT_DIR:-}}
[ -n "$dir" ] || die 64 'no directory: DIR or $JT_DIR'
# From here on paths are short, as sockets want them.
cd -- "$dir" 2>/dev/null || die 66 "$dir: no such directory"
[ -r network.jt ] || die 78 "$dir: no network.jt"

# What conf may set. A capital replaces a program: VOTE="jt-liar -f twins".
peer='' peers='' client='' jobs=1 log='' tape=no
LISTEN=jt-listen VERIFY=jt-verify VOTE=jt-vote CLOSE=jt-close PEER=jt-peer
if [ -r conf ]; then
	# shellcheck disable=SC1091
	. ./conf
fi
[ -z "$log" ] || exec 2>>"$log" || die 73 "$log: cannot write"

mkdir -p run || die 73 "$dir/run: cannot create"
exec 9>run/lock
flock -n 9 || die 75 "$dir: runs already"
echo $$ >run/node.pid

pids=
stop() {
	# shellcheck disable=SC2086
	[ -z "$pids" ] || kill -TERM $pids 2>/dev/null
}
stopping=no
trap 'stopping=yes; stop' TERM INT HUP

# pipe NAME: where its writer writes; with a tape it goes through tee.
pipe() {
	rm -f "run/$1" "run/$1.in"
	mkfifo "run/$1" || exit 73
	[ "$tape" = yes ] || { out=run/$1; return; }
	out=run/$1.in
	mkfifo "$out" || exit 73
	tee -a "tape/$1" <"$out" >"run/$1" 9>&- &
	pids="$pids $!"
}

# start NAME IN OUT COMMAND...: one more program.
start() {
	name=$1 in=$2 to=$3
	shift 3
	# Here, in the background, it may wait for the other ends of its pipes.
	"$@" <"$in" >"$to" 9>&- &
	pids="$pids $!"
	echo $! >"run/$name.pid"
}

# wait_for PID: its exit code, whatever signals come to us meanwhile.
wait_for() {
	while wait "$1"; code=$?; [ $code -gt 128 ] && kill -0 "$1" 2>/dev/null; do :; done
	return $code
}

run_once() {
	pids=
	[ "$tape" = no ] || mkdir -p tape || return 73
	for p in a b c d e f k l m r; do
		pipe $p
		eval "$p=\$out"
	done
	listen_at='-a sock'
	for address in $client; do listen_at="$listen_at -a $address"; done
	peer_at='-a run/peer'
	for address in $peer; do peer_at="$peer_at -a $address"; done
	to_listen=
	[ -z "$ready" ] || to_listen="--ready-fd $ready"
	own=
	[ ! -r validator.pub ] || own='--own validator.pub'
	# Commands are words on purpose, here and below.
	# shellcheck disable=SC2086,SC2154
	{
		start close run/d "$e" $CLOSE -d . --voted --verified -r "$f"
		start verify run/a "$b" $VERIFY -T "$jobs" --voted --refused "$r"
		start check run/c "$d" $VERIFY -T "$jobs" --voted $own
		start peer run/m "$l" $PEER -d . $peer_at $peers
		start listen /dev/null "$a" $LISTEN -d . $listen_at $to_listen run/f run/r run/k
		start vote /dev/null "$m" $VOTE -d . --state run/vote.jt -r "$c" --took "$k" run/b run/l run/e
	}
	# The vote is everybody's neighbour: what ends one of them ends it.
	wait_for $!
	worst=$?
	stop
	for pid in $pids; do
		wait_for "$pid"
		code=$?
		case $code in
		64 | 65 | 77 | 78) worst=$code ;;
		0 | 1 | 127 | 143) ;;
		*) [ "$worst" -ne 0 ] || worst=$code ;;
		esac
	done
	return "$worst"
}

pause=0
while :; do
	[ ! -e halt ] || die 1 "$dir: halted, see $dir/halt"
	began=$(date +%s)
	run_once
	code=$?
	[ "$stopping" = no ] || break
	[ ! -e halt ] || die 1 "$dir: halted, see $dir/halt"
	case $code in
	1 | 64 | 65 | 66 | 73 | 77 | 78) die "$code" "$dir: ended with $code, another start would not mend that" ;;
	esac
	# Again at once, then more and more slowly while it does not last.
	[ $(($(date +%s) - began)) -lt 10 ] || pause=0
	say "$dir: ended with $code, begins again"
	sleep "$pause"
	pause=$((pause < 8 ? pause * 2 + 1 : 15))
done
rm -f run/?  run/?.in run/*.pid run/peer sock
exit 0
