#!/usr/bin/env bats
# Completion in bash: what is offered comes from the programs themselves.

load lib.bash

# offers WORD...: what is offered for the last word, sorted, a line each.
offers() {
	bash --norc -c '
		. "$0"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_jt
		[ "${#COMPREPLY[@]}" -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' "$JT_SRC/man/jt.bash" "$@" | sort
}

lines() {
	printf '%s\n' "$@" | sort
}

@test "jt offers all programs" {
	diff <(offers jt '') <(jt | sed -n 's/^jt-\([^ ]*\) .*/\1/p' | sort)
	diff <(offers jt ve) <(lines verify)
}

@test "every program is completed" {
	local name
	bash --norc -c '. "$0"; complete -p' "$JT_SRC/man/jt.bash" >completed
	for name in $(jt | sed 's/ .*//'); do
		grep -qx "complete -o default -F _jt $name" completed
	done
}

@test "options are those of --help, also behind jt" {
	local name
	for name in $(jt | sed 's/ .*//'); do
		[ "$name" = jt ] && continue
		diff <(offers "$name" -) \
		    <("$name" --help | sed -n 's/^ *\(-.*\)/\1/p' | sed 's/  .*//; s/, /\n/' |
			sed 's/ .*//' | sort)
	done
	diff <(offers jt-sign --ex) <(lines --expect)
	diff <(offers jt sign --ex) <(lines --expect)
	diff <(offers jt-get -) <(lines -d --dir -h --help -j --json -N --network -o --output -s --server -V --version)
}

@test "words are those of the usage" {
	diff <(offers jt-get '') <(lines account accounts ledger ledgers network record records tx)
	diff <(offers jt-get ledg) <(lines ledger ledgers)
	diff <(offers jt-prove '') <(lines account ledger record tx)
	diff <(offers jt-show '') /dev/null
}

@test "jt-tx offers kinds, then fields" {
	diff <(offers jt-tx '') <(lines pay set)
	diff <(offers jt-tx pay a) <(lines after= amount= app=)
	diff <(offers jt tx pay from=a -c x.csv am) <(lines amount=)
	diff <(offers jt-tx set q) <(lines quorum=)
}

@test "after an option that takes a value files are offered, nothing else" {
	diff <(offers jt-get -d '') /dev/null
	diff <(offers jt-get --dir '') /dev/null
	diff <(offers jt-get -j l) <(lines ledger ledgers)
}
