#!/bin/sh
# jt-net: networks on this machine, for a class or a test.
#
#   jt-net up [N|YAML [DIR]]     make DIR (default net) unless it is there, and start
#   jt-net down [DIR]            stop; the directory is kept
#   jt-net status [DIR]          how they are
#   jt-net kill I [DIR]          kill validator I, and all its programs, at once
#   jt-net restart I [DIR]       stop it in good order, and start it again
#   jt-net run N|YAML COMMAND... start one that is thrown away, run COMMAND in it
#
# Validators talk over sockets in their directories: there are no ports, so
# networks never collide.
set -u
umask 022

say() { printf 'jt-net: %s\n' "$*" >&2; }
die() { code=$1; shift; say "$*"; exit "$code"; }
usage='usage: jt-net up [N|YAML [DIR]]
       jt-net down|status [DIR]
       jt-net kill|restart I [DIR]
       jt-net run N|YAML COMMAND...'
wrong() { say "$*"; echo "$usage" >&2; exit 64; }

is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }

# validators DIR: v1, v2 and so on, one a line.
validators() {
	i=1
	while [ -d "$1/v$i" ]; do echo "v$i"; i=$((i + 1)); done
}
known() { [ -f "$1/network.jt" ] || die 66 "$1: no network there (jt-net up makes one)"; }
one_of() {
	is_number "$2" || wrong "expected the number of a validator, found $2"
	[ -d "$1/v$2" ] || die 66 "$1: no validator $2"
}

make_network() { # N|YAML DIR
	[ ! -e "$2" ] || die 73 "$2: exists, and is no network"
	if is_number "$1"; then
		jt-genesis -v "$1" -o "$2" >/dev/null || exit
	else
		jt-genesis -o "$2" "$1" >/dev/null || exit
	fi
	[ -d "$2/v1" ] || die 78 "$1: validators with keys of their own are not started here (jt-node)"
}

# Where the others are: beside us.
configure() { # DIR
	for v in $(validators "$1"); do
		[ ! -e "$1/$v/conf" ] || continue
		peers=
		for other in $(validators "$1"); do
			[ "$other" = "$v" ] || peers="$peers $other@../$other/run/peer"
		done
		printf 'peers="%s"\nlog=log\n' "${peers# }" >"$1/$v/conf"
	done
}

is_up() { # DIR/vI
	[ -r "$1/run/node.pid" ] && kill -0 "$(cat "$1/run/node.pid")" 2>/dev/null
}

# start DIR vI...: and wait until each can be talked to.
start() {
	net=$1
	shift
	ready=$(mktemp -u "${TMPDIR:-/tmp}/jt-net.XXXXXX") || exit 71
	mkfifo -m 600 "$ready" || exit 71
	for v; do
		setsid jt-node --ready-fd 3 "$net/$v" </dev/null >/dev/null 2>"$net/$v/start" 3>"$ready" &
	done
	# The shells above wait for a reader, and this one for them all.
	count=0
	while IFS= read -r _; do count=$((count + 1)); [ $count -lt $# ] || break; done <"$ready"
	rm -f "$ready"
	[ "$count" -eq $# ] && return
	for v; do
		is_up "$net/$v" || { tail -n 3 "$net/$v/start" "$net/$v/log" 2>/dev/null >&2; }
	done
	die 75 "$net: $count of $# validators have started"
}

stop() { # DIR vI...
	net=$1
	shift
	for v; do
		is_up "$net/$v" && kill -TERM "$(cat "$net/$v/run/node.pid")" 2>/dev/null
	done
	for v; do
		while is_up "$net/$v"; do sleep 0.01; done
	done
	:
}

up() { # [N|YAML [DIR]]
	net=${2:-net}
	if [ ! -f "$net/network.jt" ]; then
		make_network "${1:-4}" "$net"
	elif [ $# -gt 0 ] && is_number "$1" && [ "$1" -ne "$(validators "$net" | wc -l)" ]; then
		die 73 "$net: is a network of $(validators "$net" | wc -l) validators, not $1"
	fi
	configure "$net"
	down=
	for v in $(validators "$net"); do is_up "$net/$v" || down="$down $v"; done
	# shellcheck disable=SC2086 # words
	[ -z "$down" ] || start "$net" $down
}

run() { # N|YAML COMMAND...
	what=$1
	shift
	temp=$(mktemp -d "${TMPDIR:-/tmp}/jt-net.XXXXXX") || exit 73
	end() {
		# shellcheck disable=SC2046 # words
		[ ! -d "$temp/net" ] || stop "$temp/net" $(validators "$temp/net")
		rm -rf "$temp"
	}
	trap 'end; exit 130' INT
	trap 'end; exit 143' TERM HUP
	trap end EXIT
	up "$what" "$temp/net"
	JT_DIR=$temp/net/v1 JT_NETWORK=$temp/net/network.jt JT_BANK=$temp/net/bank "$@"
	exit
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
up)
	[ $# -le 2 ] || wrong "expected N or a file, and DIR, found $# words"
	up "$@"
	;;
down)
	[ $# -le 1 ] || wrong "expected one directory, found $#"
	known "${1:-net}"
	# shellcheck disable=SC2046
	stop "${1:-net}" $(validators "${1:-net}")
	;;
status)
	[ $# -le 1 ] || wrong "expected one directory, found $#"
	known "${1:-net}"
	cd "${1:-net}" || exit
	# shellcheck disable=SC2046
	exec jt-status $(validators .)
	;;
kill)
	[ $# -ge 1 ] && [ $# -le 2 ] || wrong "expected the number of a validator"
	known "${2:-net}"
	one_of "${2:-net}" "$1"
	is_up "${2:-net}/v$1" || die 1 "${2:-net}/v$1: does not run"
	# shellcheck disable=SC2046
	kill -KILL $(cat "${2:-net}/v$1/run/"*.pid) 2>/dev/null
	while is_up "${2:-net}/v$1"; do sleep 0.01; done
	;;
restart)
	[ $# -ge 1 ] && [ $# -le 2 ] || wrong "expected the number of a validator"
	known "${2:-net}"
	one_of "${2:-net}" "$1"
	stop "${2:-net}" "v$1"
	start "${2:-net}" "v$1"
	;;
run)
	[ $# -ge 2 ] || wrong "expected N or a file, and a command"
	run "$@"
	;;
-h | --help) echo "$usage" ;;
-V | --version) echo 'jt-net @VERSION@' ;;
'') wrong 'expected up, down, status, kill, restart or run' ;;
*) wrong "expected up, down, status, kill, restart or run, found $command" ;;
esac
