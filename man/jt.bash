# Completion of the commands jt and jt-NAME for bash.
# shellcheck shell=bash
#
# Nothing is listed here: programs come from `jt', options and words from
# `jt-NAME --help', kinds and fields from `jt-tx'.

# The first forms of a command's help: "jt-get [-d DIR] ... account ACCOUNT | ...".
_jt_usage() {
	"$1" --help 2>/dev/null | sed -n '/^$/q; s/^usage: *//; s/^ *//; p'
}

# Its options: "-d", "--dir" and the like; with $2 those that take a value.
_jt_options() {
	"$1" --help 2>/dev/null | sed -n "s/^ \{2,6\}\(-[^ ]*, \)\{0,1\}\(--[^ ]*\) ${2:+[A-Z]}.*/\1\2/p" |
		tr -d ,
}

# What else it takes: the lower-case words of the usage.
_jt_words() {
	_jt_usage "$1" | sed 's/\[[^]]*\]//g; s/([^)]*)//g; s/^[^ ]*//' | tr -s ' |' '\n' |
		grep '^[a-z][a-z]*$'
}

# KIND, then FIELD= for each of its fields.
_jt_tx() {
	local word kind=
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case " $1 " in
		*" $word "*) kind=$word ;;
		esac
	done
	if [ -z "$kind" ]; then
		echo "$1"
	else
		jt-tx "$kind" 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1=/p'
	fi
}

_jt() {
	local program=${COMP_WORDS[0]##*/} current=${COMP_WORDS[COMP_CWORD]}
	local before=${COMP_WORDS[COMP_CWORD-1]} words=

	COMPREPLY=()
	if [ "$program" = jt ]; then
		if [ "$COMP_CWORD" -eq 1 ]; then
			words=$("${COMP_WORDS[0]}" 2>/dev/null | sed -n 's/^jt-\([^ ]*\) .*/\1/p')
			mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
			return
		fi
		program=jt-${COMP_WORDS[1]}
		[ "$COMP_CWORD" -eq 2 ] && before=
	fi
	command -v "$program" >/dev/null || return
	case $current in
	-*)
		words=$(_jt_options "$program")
		;;
	*)
		# After an option that takes a value comes that value, most often a file.
		case " $(_jt_options "$program" value | tr '\n' ' ') " in
		*" $before "*) return ;;
		esac
		if [ "$program" = jt-tx ]; then
			words=$(_jt_tx "$(jt-tx '' 2>&1 | sed -n 's/.*there are: *//p')")
		else
			words=$(_jt_words "$program")
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	case ${COMPREPLY[0]-} in
	*=) compopt -o nospace 2>/dev/null ;;
	esac
}

# Also where only this file is read, and not one for each program.
# shellcheck disable=SC2046 # words on purpose
complete -o default -F _jt jt $(jt 2>/dev/null | sed -n 's/^\(jt-[^ ]*\) .*/\1/p')
