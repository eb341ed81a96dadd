#!/bin/sh
# jt-net: networks on this machine, for a class, a test, or a look.
#
# A network is a directory that jt-genesis made, with its validators in v1, v2 and
# so on; for each of them there is a jt-node. They talk over sockets in their
# directories: there are no ports, and networks beside one another never collide.
name=jt-net
forms='up [N | YAML [DIR]]
down | status [DIR]
kill | restart I [DIR]
run N | YAML COMMAND...'
purpose='make, start and stop networks on this machine'
options=''
# shellcheck source=cmd/script.sh
. ./script.sh

# A folder for what is needed for a while; what is in it at the end goes, and whatever
# was started, if that was to be for a while or this is stopped meanwhile.
temp='' started='' stopped=''
end() {
	trap '' HUP INT TERM
	[ -n "$temp" ] || return
	if [ -n "$stopped" ] || [ -d "$temp/net" ]; then
		# They may be so young that they have no lock, and no place in the list.
		for pid in $started ${!-}; do
			while ! is_other "$pid" && kill -TERM "$pid" 2>/dev/null; do sleep 0.02; done
		done
	fi
	# The command may have started some, too.
	# shellcheck disable=SC2046
	[ ! -d "$temp/net" ] || (stop "$temp/net" $(validators "$temp/net"))
	rm -rf "$temp"
}
trap end EXIT
stops() {
	trap 'stopped=129; exit 129' HUP
	trap 'stopped=130; exit 130' INT
	trap 'stopped=143; exit 143' TERM
}
stops
scratch() {
	[ -z "$temp" ] || return 0
	# Not between its making and our knowing of it.
	trap stopped=129 HUP
	trap stopped=130 INT
	trap stopped=143 TERM
	temp=$(mktemp -d "${TMPDIR:-/tmp}/jt-net.XXXXXX") || exit "${stopped:-71}"
	stops
	[ -z "$stopped" ] || exit "$stopped"
}

is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }

validators() { # DIR
	i=1
	while [ -d "$1/v$i" ]; do
		echo "v$i"
		i=$((i + 1))
	done
}

# Its jt-node has the lock as long as it lives.
is_up() { # DIR/vI
	[ -x "$1" ] || [ ! -d "$1" ] || die 77 "$1: Permission denied"
	[ -e "$1/run/node.pid" ] && ! flock -n -s "$1/run/lock" true
}

# A signal did not go: an end that came before it is no matter.
not_sent() { # DIR/vI PID
	[ -z "$2" ] || [ ! -e "/proc/$2" ] || die 77 "$1: process $2 is another user's"
}

need_network() { # DIR
	[ -f "$1/network.jt" ] || die 66 "$1: no network; jt-net up makes one"
	[ -d "$1/v1" ] || die 66 "$1: no validators there, v1 and so on; jt-node runs those that are elsewhere"
}

need_validator() { # DIR I
	is_number "$2" || wrong "expected the number of a validator, not $2"
	[ -d "$1/v$2" ] || die 66 "$1: no validator $2"
}

make_network() { # N|YAML DIR
	[ ! -e "$2" ] || die 73 "$2: exists, and is no network"
	if is_number "$1"; then
		jt-genesis -v "$1" -o "$2" >/dev/null || exit
	else
		jt-genesis -o "$2" "$1" >/dev/null || exit
	fi
}

# Where the others are: beside us.
configure() { # DIR vI...
	net=$1
	shift
	for v; do
		[ ! -e "$net/$v/conf" ] || continue
		peers=
		for other; do
			[ "$other" = "$v" ] || peers="$peers $other@../$other/run/peer"
		done
		echo "peers=\"${peers# }\"" >"$net/$v/conf" || exit 73
	done
}

# Of what it says since this line: why it cannot start though it tries again and again.
# An address that is another one's, or five ends, whatever they are of.
in_vain() { # LOG LINE
	tail -n "+$2" "$1" | awk '
		/: somebody listens there$/ { print; found = 1; exit }
		/, begins again in / && ++ends == 5 { print last; print; found = 1; exit }
		{ last = $0 }
		END { exit !found }'
}

# start DIR vI...: and wait until clients and peers can come.
start() {
	net=$1
	shift
	[ $# -gt 0 ] || return
	scratch
	starting='' code=0
	for v; do
		: >>"$net/$v/log" || exit 73
		line=$(($(wc -l <"$net/$v/log") + 1))
		setsid jt-node --ready-fd 3 "$net/$v" </dev/null >/dev/null 2>>"$net/$v/log" 3>"$temp/$v" &
		started="$started $!" starting="$starting $v:$!:$line"
	done
	for one in $starting; do
		v=${one%%:*} line=${one##*:} pid=${one#*:} tries=0
		pid=${pid%:*}
		until [ -s "$temp/$v" ] && [ -S "$net/$v/run/peer" ]; do
			if ! kill -0 "$pid" 2>/dev/null; then
				wait "$pid"
				code=$?
				tail -n "+$line" "$net/$v/log" | tail -n 4 >&2
			elif { [ $((tries % 16)) -eq 15 ] && in_vain "$net/$v/log" "$line" >&2; } ||
			    [ $tries -eq 30000 ]; then
				code=75
				(stop "$net" "$v")
			else
				tries=$((tries + 1))
				sleep 0.01
				continue
			fi
			say "$net/$v: does not start, see $net/$v/log"
			break
		done
		rm -f "${temp:?}/$v"
	done
	[ $code -eq 0 ] || exit $code
}

stop() { # DIR vI...
	net=$1
	shift
	while
		left=0
		for v; do
			is_up "$net/$v" || continue
			left=$((left + 1))
			pid=$(cat "$net/$v/run/node.pid" 2>/dev/null) || continue
			kill -TERM "$pid" 2>/dev/null || not_sent "$net/$v" "$pid"
		done
		[ $left -gt 0 ]
	do
		sleep 0.02 # and again, since some shells lose a signal
	done
}

up() { # [N|YAML [DIR]]
	net=${2-net}
	if [ ! -f "$net/network.jt" ]; then
		make_network "${1-4}" "$net"
	fi
	need_network "$net"
	# shellcheck disable=SC2046 # words, here and below
	configure "$net" $(validators "$net")
	# Not two of us at once.
	exec 9<"$net/network.jt"
	flock 9
	count=0 down=
	for v in $(validators "$net"); do
		count=$((count + 1))
		is_up "$net/$v" || down="$down $v"
	done
	! is_number "${1-}" || [ "$1" -eq $count ] || die 73 "$net: a network of $count validators, not of $1"
	# shellcheck disable=SC2086
	start "$net" $down 9<&-
	exec 9<&-
}

run() { # N|YAML COMMAND...
	what=$1
	shift
	scratch
	up "$what" "$temp/net"
	set -- JT_DIR="$temp/net/v1" JT_NETWORK="$temp/net/network.jt" "$@"
	[ ! -e "$temp/net/bank.pub" ] || set -- JT_BANK="$temp/net/bank" "$@"
	env "$@"
	exit
}

at_most() { # COUNT WORD...
	[ $# -le $(($1 + 1)) ] || wrong "operand not expected: $(shift "$1"; echo "$2")"
}

case ${1-} in
-?*) common "$1" ;;
esac
command=${1-}
[ $# -eq 0 ] || shift
case $command in
up)
	at_most 2 "$@"
	up "$@"
	;;
down)
	at_most 1 "$@"
	need_network "${1-net}"
	# shellcheck disable=SC2046
	stop "${1-net}" $(validators "${1-net}")
	;;
status)
	at_most 1 "$@"
	need_network "${1-net}"
	cd -- "${1-net}" || exit
	# shellcheck disable=SC2046
	exec jt-status $(validators .)
	;;
kill | restart)
	at_most 2 "$@"
	[ $# -gt 0 ] || wrong 'expected the number of a validator'
	net=${2-net}
	need_network "$net"
	need_validator "$net" "${1#v}"
	v=v${1#v}
	if [ "$command" = restart ]; then
		stop "$net" "$v"
		start "$net" "$v"
	else
		is_up "$net/$v" || die 1 "$net/$v: does not run"
		pid=$(cat "$net/$v/run/node.pid" 2>/dev/null) || die 1 "$net/$v: does not run"
		# With all its programs at once; without it they would end by themselves.
		kill -s KILL -- "-$pid" 2>/dev/null || kill -s KILL "$pid" 2>/dev/null ||
			not_sent "$net/$v" "$pid"
		while is_up "$net/$v"; do sleep 0.01; done
	fi
	;;
run)
	[ $# -gt 1 ] || wrong 'expected N or a file, and a command'
	run "$@"
	;;
'') wrong 'expected up, down, status, kill, restart or run' ;;
*) wrong "expected up, down, status, kill, restart or run, not $command" ;;
esac
