# shellcheck shell=sh disable=SC2154
# What every program in sh begins with: the build puts it in the place of the line
# that names it. Before it the program has said its name, the forms of its use (a
# line each), its purpose, and its options as --help shows them.
set -u
umask 022
# Programs beside this one come first, as with jt(1).
case $0 in */*) PATH=$(CDPATH='' cd -- "${0%/*}" && pwd):$PATH ;; esac

say() {
	printf '%s: %s\n' "$name" "$*" | tr '\000-\011\013-\037\177' '?' >&2
}

die() { # CODE TEXT
	code=$1
	shift
	say "$*"
	exit "$code"
}

# Whether a child's number is another process's by now. One that may not be looked at,
# or is gone, is none.
is_other() { # PID
	read -r stat 2>/dev/null <"/proc/$1/stat" || return
	case ${stat##*) } in ?" $$ "*) return 1 ;; esac
}

wrong() { # TEXT
	say "$*"
	say "usage: $(printf '%s\n' "$forms" | sed "s/^/$name /; \$!s/\$/ |/" | paste -s -d ' ' -)"
	exit 64
}

# show TEXT: on stdout, and the end.
show() {
	# cat tells why it cannot write; where there is no stdout the shell itself fails.
	{ why=$(printf '%s\n' "$1" | cat 2>&1 >&3); } 2>/dev/null 3>&1 && exit 0
	[ -n "${why:-}" ] || why='Bad file descriptor'
	die 74 "stdout: ${why##*: }"
}

help() {
	printf '%s\n' "$forms" | sed "1s/^/usage: $name /; 2,\$s/^/       $name /"
	printf '\n%s\n\n%s' "$purpose" "$options"
	echo '  -h, --help             show this help'
	echo '  -V, --version          show the version'
}

# common OPTION: one that all programs have, or that this one has not.
common() {
	case $1 in
	-h | --help) show "$(help)" ;;
	-V | --version) show "$name @VERSION@" ;;
	--help=*) wrong 'option -h takes no value' ;;
	--version=*) wrong 'option -V takes no value' ;;
	--*) wrong "no option ${1%%=*}" ;;
	*) wrong "no option $(printf %.2s "$1")" ;;
	esac
}
