#!/bin/sh
# jt-node [DIR]: run a validator, or without a key an observer.
#
# Six programs and the pipes between them, DIR/run/a to DIR/run/r, each with one
# writer and one reader:
#
#   clients <-> listen --a--> verify --b--> vote --c--> check --d--> close
#                ^ ^ ^--r----'             ^ | ^ '-k-> listen        | |
#                | '------------- f ------ | | '------- e ----------' |
#                '-------------------------+-+------------------------'
#               peers <-> peer --l--> vote --m--> peer
#
# When one of them ends so do its neighbours, since their pipes end. What was in a
# pipe then counts for nothing, and all are started again: the ledger and the
# vote's log know where they stand. Not after what another start would not mend.
# The pipes are their owner's alone: another reader would take what was for one of them.
# A last pipe, s, ends with this script, and the vote with it: nobody is left.
name=jt-node
forms='[--ready-fd N] [DIR]'
purpose='run a validator, or an observer'
options='      --ready-fd N       write a line to descriptor N when clients can come
'
# shellcheck source=cmd/script.sh
. ./script.sh

ready=
while [ $# -gt 0 ]; do
	case $1 in
	--ready-fd=*) ready=${1#*=} ;;
	--ready-fd)
		[ $# -gt 1 ] || wrong 'option --ready-fd needs a number'
		ready=$2
		shift
		;;
	--) shift; break ;;
	-?*) common "$1" ;;
	*) break ;;
	esac
	shift
done
[ $# -le 1 ] || wrong "operand not expected: $2"
case $ready in
'') ;;
[1-9])
	[ -e "/proc/$$/fd/$ready" ] || wrong "option --ready-fd: descriptor $ready is not open"
	eval "exec 7>&$ready"
	case $ready in [3-689]) eval "exec $ready>&-" ;; esac
	;;
*) wrong "option --ready-fd needs a number from 1 to 9, not $ready" ;;
esac
dir=${1-${JT_DIR-}}
[ -n "$dir" ] || wrong "no directory: name DIR, or set JT_DIR"
# From here on paths are short, as sockets want them.
CDPATH='' cd -- "$dir" 2>/dev/null || die 66 "$dir: no such directory"
[ -e network.jt ] || die 78 "$dir: no network.jt"

# What conf can say. A capital replaces a program: VOTE="jt-liar -f twins".
peer='' peers='' client='' jobs=1 log='' tape=no
LISTEN=jt-listen VERIFY=jt-verify VOTE=jt-vote CLOSE=jt-close PEER=jt-peer
if [ -e conf ]; then
	why=$(sh -n ./conf 2>&1) || die 78 "$dir/conf: ${why#*: }"
	word=$(sed -n 's/^[[:space:]]*\([A-Za-z_0-9]*\)=.*/\1/p' conf | grep -vxE -m 1 \
		'peers?|client|jobs|log|tape|LISTEN|VERIFY|VOTE|CLOSE|PEER') &&
		die 78 "$dir/conf: $word: no such word"
	# shellcheck disable=SC1091
	. ./conf
fi
case $jobs in '' | 0* | *[!0-9]*) die 78 "$dir/conf: jobs: expected a number, not $jobs" ;; esac
case $tape in yes | no) ;; *) die 78 "$dir/conf: tape: expected yes or no, not $tape" ;; esac
for program in "$LISTEN" "$VERIFY" "$VOTE" "$CLOSE" "$PEER"; do
	command -v "${program%% *}" >/dev/null || die 78 "${program%% *}: no such program"
done
if [ -n "$log" ]; then
	true 2>/dev/null >>"$log" || die 73 "$dir/$log: cannot be written"
	exec 2>>"$log"
fi
{ mkdir -p run && true >>run/lock; } 2>/dev/null || die 73 "$dir/run: cannot be written"
exec 9<run/lock
# Who only looks whether it is locked does so for a moment.
flock -w 5 9 || die 75 "$dir: runs already"

# A process that is killed has its sockets for a moment more.
await_end() { # /proc/PID
	for _ in 1 2 3 4 5 6 7 8 9; do
		case $(cat "$1/stat") in '' | *') Z '*) return ;; esac
		sleep 0.1
	done
}

# has_pipe /proc/PID: one of those that are here, and not the lock beside them.
has_pipe() {
	for fd in "$1"/fd/*; do
		case $(readlink "$fd") in "$here"/run/[a-s] | "$here"/run/[a-s].in) return ;; esac
	done
	return 1
}

# What a jt-node that was killed has left: whoever is here and has one of its pipes, or
# is in its list and still waits for one.
sweep() {
	killed='' here=$(pwd -P) list=" $(cat run/*.pid | tr '\n' ' ')"
	for proc in /proc/[0-9]*; do
		pid=${proc#/proc/}
		# shellcheck disable=SC3013 # dash, bash and busybox have -ef
		if [ "$pid" = $$ ] || ! [ "$proc/cwd" -ef . ]; then continue; fi
		case $list$(cat "$proc/comm") in
		*" $pid "*jt-node*) ;;
		*) has_pipe "$proc" || continue ;;
		esac
		kill -KILL "$pid" && killed="$killed $proc"
	done
	for proc in $killed; do await_end "$proc"; done
}
[ ! -e run/node.pid ] || sweep 2>/dev/null
{ echo $$ >run/node.pid && echo '@VERSION@' >run/version; } || die 74 "$dir/run: cannot be written"

# (All that needs a $() is done before there is a trap: bash 5.2 stumbles over the two.)
at() { for address; do echo "-a $address"; done; }
# run/peer, the last address, is there when all are.
# shellcheck disable=SC2046,SC2086 # words on purpose, here and below
peer_at="$(at $peer) -a run/peer" listen_at=$(echo -a sock $(at $client))
own='' queries=''
[ ! -e validator.pub ] || own='--own validator.pub'
# An observer has no vote, and takes nothing that is to be voted on.
[ -e validator.key ] || queries=--queries
# With a tape, what goes into a pipe goes through tee, which writes it down.
w='' pipes='run/a run/b run/c run/d run/e run/f run/k run/l run/m run/r' tees=''
[ "$tape" = no ] || w=.in tees=$pipes

pids='' all='' killer='' running=no stopping=no
# tell SIGNAL: to all that still run.
tell() {
	for child in $pids; do
		is_other "$child" || kill "-$1" "$child"
	done 2>/dev/null
}

# All that run shall end; in half a minute they have to.
stop() {
	[ -z "$killer" ] || return
	killer=comes # a second signal makes no second one
	(
		# Again, since one that has just been forked may miss it.
		trap 'kill $!; exit' TERM
		for t in 0.1 0.4 1 3 25; do sleep $t & wait $!; tell TERM; done
		tell KILL
	) 2>/dev/null 7>&- 8>&- 9>&- &
	killer=$!
	echo $killer 2>/dev/null >run/killer.pid
	tell TERM
}
trap 'stopping=yes; [ $running = no ] || stop' TERM INT HUP

# start NAME IN OUT COMMAND...: in the background it can wait for the other ends of its
# pipes; before it does, it lets go of the lock and of s, which are this script's alone.
start() {
	what=$1 in=$2 to=$3
	shift 3
	(
		exec 8>&- 9>&-
		exec "$@" <"$in" >"$to"
	) &
	pids="$! $pids" all="$all $what:$!" # the door, begun last, is told first
	echo $! >"run/$what.pid"
}

# judge NAME:PID: wait until it has ended, and see how.
judge() {
	# A signal to us ends a wait, too.
	while wait "${1#*:}"; code=$?; [ $code -gt 128 ] && kill -0 "${1#*:}"; do :; done 2>/dev/null
	case ${1%:*}:$code in
	*:0 | *:143 | tee-*) ;;
	*:1 | *:6[456] | *:73 | *:7[78] | *:12[67]) [ -n "$fatal" ] || fatal="${1%:*} $code" ;;
	*) ended="${ended:+$ended, }${1%:*} with $code" ;;
	esac
}

run_once() {
	pids='' all='' killer='' ended='' fatal=''
	rm -f run/? run/?.in run/peer run/killer.pid
	# shellcheck disable=SC2086
	mkfifo -m 600 run/s $pipes || end 73 "$dir/run: cannot be written"
	exec 8<>run/s
	take=1
	while [ -e "tape/$take" ]; do take=$((take + 1)); done
	for p in $tees; do
		{ mkdir -p "tape/$take" && mkfifo -m 600 "$p$w"; } || end 73 "$dir/tape: cannot be written"
		start "tee-${p#run/}" "$p$w" "$p" tee "tape/$take/${p#run/}"
	done 7>&-
	# shellcheck disable=SC2086
	{
		start vote run/s run/m$w $VOTE -d . --state run/vote.jt -r run/c$w --took run/k$w \
			run/b run/l run/e -
		start close run/d run/e$w $CLOSE -d . --voted --verified -r run/f$w
		start check run/c run/d$w $VERIFY -T "$jobs" --voted $own
		start verify run/a run/b$w $VERIFY -T "$jobs" --voted --refused run/r$w
		start peer run/m run/l$w $PEER -d . --ticks $peer_at $peers
	} 7>&-
	# shellcheck disable=SC2086
	start listen /dev/null run/a$w $LISTEN -d . --ticks $queries $listen_at ${ready:+--ready-fd 7} \
		run/f run/r run/k
	running=yes
	[ $stopping = no ] || stop
	# The vote is everybody's neighbour: what ends one of them ends it.
	for one in $all; do case $one in vote:*) judge "$one" ;; esac; done
	stop
	for one in $all; do case $one in vote:*) ;; *) judge "$one" ;; esac; done
	running=no
	kill "$killer" 2>/dev/null || say "$dir: what did not end in 30 s was killed"
	# And again, since it may miss one while it begins to sleep.
	while kill "$killer" 2>/dev/null; do sleep 0.01; done 7>&-
}

end() { # CODE [TEXT]
	rm -f run/? run/?.in run/*.pid run/peer sock
	[ $# -eq 1 ] || say "$2"
	exit "$1"
}

pause=0
while [ $stopping = no ]; do
	[ ! -e halt ] || end 1 "$dir: halted; the evidence is in $dir/halt"
	read -r began _ </proc/uptime
	run_once
	[ $stopping = no ] || break
	[ ! -e halt ] || end 1 "$dir: halted; the evidence is in $dir/halt"
	case $fatal in
	'') ;;
	*12[67]) end 78 "$dir: ${fatal% *} cannot be run" ;;
	*) end "${fatal#* }" "$dir: ${fatal% *} ended with ${fatal#* }, which another start would not mend" ;;
	esac
	# Again at once, then more and more slowly while it does not last.
	read -r now _ </proc/uptime
	if [ $((${now%.*} - ${began%.*})) -ge 10 ]; then
		pause=0 ready=
		exec 7>&-
	fi
	say "$dir: ended${ended:+ ($ended)}, begins again in $pause s"
	if [ $pause -gt 0 ]; then
		sleep $pause 7>&- 8>&- 9>&- &
		wait $!
		[ $stopping = no ] || kill $!
	fi
	pause=$((pause < 8 ? pause * 2 + 1 : 15))
done
end 0
