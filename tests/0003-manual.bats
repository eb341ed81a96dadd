#!/usr/bin/env bats
# The manual: its tables are those of the code, its pages those of the
# programs, and its examples run as shown.

load lib.bash

setup() {
	lib_setup
	man=$JT_SRC/man
	programs=$(jt | sed 's/ .*//')
}

# section NAME PAGE: the lines of a section.
section() {
	sed -n "/^\.Sh $1\$/,/^\.Sh /p" "$2" | sed '1d; /^\.Sh /d'
}

# What the lines say, without macros and markup.
plain() {
	mandoc -Tascii -Owidth=500 "$1" | sed 's/.\x08//g'
}

need_mandoc() {
	command -v mandoc >/dev/null || skip "no mandoc"
}

@test "the tables in the pages are those of the code" {
	local page bad=0
	for page in "$man"/*.[1-8]; do
		"$JT_BUILD/man/tables" "$page" | diff "$page" - || bad=1
	done
	[ "$bad" -eq 0 ] || {
		echo "\`make man-tables' writes them anew"
		return 1
	}
}

@test "every program has a page, every page a program, and all are in jt(7)" {
	local name bad=0
	for name in $programs; do
		[ -e "$man/$name.1" ] || { echo "no page for $name"; bad=1; }
		grep -q "^\.It Xr $name 1\$" "$man/jt.7" || { echo "jt(7) lacks $name"; bad=1; }
		grep -qx ".Nm $name" "$man/$name.1" || { echo "$name.1: another name"; bad=1; }
		grep -qx ".\\\\\" table: purpose $name" "$man/$name.1" ||
			{ echo "$name.1: purpose is not from the table"; bad=1; }
	done
	for name in "$man"/*.1; do
		name=${name##*/}
		[[ " ${programs//$'\n'/ } " = *" ${name%.1} "* ]] ||
			{ echo "no program for $name"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "every page is in the build and has its sections" {
	local page want got bad=0
	for page in "$man"/*.[1-8]; do
		grep -q "/${page##*/}\$" "$man/local.mk" ||
			{ echo "${page##*/} is not in local.mk"; bad=1; }
		want='NAME SYNOPSIS DESCRIPTION ENVIRONMENT FILES EXIT STATUS EXAMPLES SEE ALSO SECURITY CONSIDERATIONS'
		case $page in
		*.5) want='NAME DESCRIPTION FILES EXAMPLES SEE ALSO SECURITY CONSIDERATIONS' ;;
		*.7) want=${want/SYNOPSIS /} ;;
		esac
		got=$(sed -n 's/^\.Sh //p' "$page" | tr '\n' ' ')
		[ "${got% }" = "$want" ] || { echo "${page##*/}: $got"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "pages that another one names are there" {
	local name bad=0
	cat "$man"/*.[1-8] | sed -n 's/.*Xr \(jt[a-z-]*\) \([1-8]\).*/\1.\2/p' | sort -u >names
	while read -r name; do
		[ -e "$man/$name" ] || { echo "no $name"; bad=1; }
	done <names
	[ -s names ] && [ "$bad" -eq 0 ]
}

# "-k, --key FILE" for each option.
page_options() {
	section DESCRIPTION "$1" | sed -n 's/^\.It Fl //p' |
		sed 's/ , Fl /, -/; s/^/-/; s/ Ar / /'
}

help_options() {
	"$1" --help | sed -n '/^$/,$s/^ *\(-.*\)/\1/p' | sed 's/  .*//; s/\([^ ]\) [a-z].*/\1/'
}

@test "pages have the options of --help, with the same names and values" {
	local name bad=0
	for name in $programs; do
		diff <(help_options "$name" | sort) <(page_options "$man/$name.1" | sort) ||
			{ echo "^ $name: < has --help, > the page"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

# The forms of a usage or synopsis, however they are spaced.
forms() {
	sed 's/^ *//; s/  */ /g; s/ *\.\.\./.../g; s/ *([^)]*)$//; s/ $//'
}

@test "the synopsis of a page is that of --help" {
	local name bad=0
	need_mandoc
	for name in $programs; do
		diff <("$name" --help | sed '/^$/,$d; s/^usage://' | forms) \
		    <(plain "$man/$name.1" | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' |
			grep "^     $name" | forms) ||
			{ echo "^ $name: < has --help, > the page"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

# Options without their values.
names_alone() {
	sed 's/\(--[a-z0-9-]*\).*/\1/' | sort -u
}

# The exit codes that a page lists.
codes() {
	section "EXIT STATUS" "$1" | sed -n 's/^\.It \([0-9]*\)$/\1/p'
}

@test "jt(7) has every option, with one name for each letter" {
	local name
	for name in $programs; do help_options "$name"; done | names_alone >used
	diff used <(page_options "$man/jt.7" | names_alone)
	[ -z "$(sed -n 's/^\(-[^-]\),.*/\1/p' used | uniq -d)" ]
}

@test "jt(7) has every exit code, and no page another one" {
	local name
	diff <(sed -n 's/^\tJT_[A-Z]* = \([0-9]*\),\{0,1\} .*/\1/p' "$JT_SRC/libjt/base/error.h") \
	    <(codes "$man/jt.7")
	for name in $programs; do codes "$man/$name.1"; done | sort -u >named
	[ "$(wc -l <named)" -gt 5 ]
	diff /dev/null <(comm -23 named <(codes "$man/jt.7" | sort))
}

@test "mandoc has nothing to warn of" {
	need_mandoc
	mandoc -Tlint -Wwarning "$man"/*.[1-8]
}

@test "the bytes in jt-object(5) are the object that it shows" {
	sed -n '/^\.\\" table: dump$/,/^\.\\" end/p' "$man/jt-object.5" |
		sed -n 's/^\([0-9a-f]\{3\}  [0-9a-f ]\{0,24\}\).*/\1/p' >lines
	# Each offset is that of what comes next.
	awk '{
		if (sprintf("%03x", at) != $1) { print "offset " $1; exit 1 }
		at += NF - 1
	}' lines
	printf '%b' "$(sed 's/^...//; s/ *\([0-9a-f][0-9a-f]\)/\\x\1/g; s/ *$//' lines | tr -d '\n')" >object
	[ -s object ]
	jt-verify object | cmp - object
	[ "$(jt-id object)" = "$(sed -n '/^\.\\" table: dump-id/{n;p;q;}' "$man/jt-object.5")" ]
	jt-show object | sed 's/\([0-9a-f]\{16\}\)[0-9a-f]\{25,\}/\1.../g' >shown
	sed -n '/^\.\\" table: dump-view yaml/,/^\.\\" end/p' "$man/jt-object.5" |
		sed '/^\.\\"/d' | diff - shown
}

@test "the set-up in jt-genesis(1) is the default" {
	sed -n '/^\.\\" example: defaults/,/^> END/s/^> //p' "$man/jt-genesis.1" |
		sed '/^END$/d; /^name:/d' >net.yaml
	[ "$(wc -l <net.yaml)" -ge 10 ]
	mkdir a b
	jt-genesis -o a/net net.yaml
	jt-genesis -o b/net
	# But for what is random: keys, nonce, time, dealing, and the state that follows.
	diff <(jt-show a/net/network.jt | sed 's/[0-9a-f]\{64,\}/.../g; s/\<j[A-Za-z0-9]\{25,\}/.../; s/time: .*//') \
	    <(jt-show b/net/network.jt | sed 's/[0-9a-f]\{64,\}/.../g; s/\<j[A-Za-z0-9]\{25,\}/.../; s/time: .*//')
}

@test "the examples run as shown" {
	local page count bad=0
	for page in "$man"/*.[1-8]; do
		count=$("$JT_SRC/tests/man-examples" "$page") || bad=1
		[ "${count:-0}" -gt 0 ] || { echo "${page##*/}: no example"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

# What is not run must be few: what needs a person at a terminal, or a machine of its own.
@test "few examples are not run" {
	[ "$(cat "$man"/*.[1-8] | grep -c '^\.\\" example: not run')" -le 5 ]
}
