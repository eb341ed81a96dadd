# For tests of ledgers:  load lib.bash; load ledger.bash

# network [N [NET.yaml]]: net/ with N validators; JT_DIR is the first one's; the
# accounts alice and bob have keys, and nothing else.
network() {
	jt-genesis -v "${1:-1}" ${2:+"$2"} >id
	export JT_DIR=net/v1
	jt-keygen -n alice bob >/dev/null
}

# pay FROM TO AMOUNT [FIELD=VALUE...]: a signed payment; FROM.key signs.
pay() {
	jt-tx pay from="$1" to="$2" amount="$3" "${@:4}" | jt-sign -k "$1.key"
}

# pays N [FIRST]: payments 1..N of 10 SWT by the bank, to N accounts a1..aN.
pays() {
	local i
	for ((i = 1; i <= $1; i++)); do
		[ -f "a$i.pub" ] || jt-keygen -n "a$i" >/dev/null
		pay net/bank "a$i" 10 seq=$((i + ${2:-1} - 1))
	done
}

# cut N [TIME [SALT-DIGIT]]: a jt/cut. part COUNT: a jt/part of validator 1.
cut_object() {
	local zero=0000000000000000000000000000000000000000000000000000000000000000
	printf -- '--- {kind: jt/cut/1, body: {beacon: %s, leader: %s, n: %s, salt: %s, time: "%s"}}\n' \
	    $zero $zero "$1" "${zero//0/${3:-0}}" "${2:-2030-01-01T00:00:00Z}" | jt-pack
}
part_object() {
	printf -- '--- {kind: jt/part/1, body: {author: %064d, count: %s, round: 1}}\n' 0 "$1" | jt-pack
}

# field NAME: the values of a field in the objects of stdin, one a line.
field() {
	jt-show -j | grep -o "\"$1\":\"[^\"]*\"" | cut -d '"' -f 4
}

# balance ACCOUNT, seq ACCOUNT: as the ledger has it.
balance() {
	jt-get account "$1" | field balance
}

# kinds: the kinds of the objects of stdin, on one line.
kinds() {
	jt-show -j | cut -d '"' -f 4 | tr '\n' ' '
}

# not_final FILE REASON WORD...: `jt-submit WORD... FILE` ends with 75 and this reason, once
# it has had the time to meet it: a second, on a busy machine more.
not_final() {
	local seconds file=$1 why=$2
	shift 2
	for seconds in 1 5 25 125; do
		check 75 "jt-submit: $file:#1: not final after $seconds s${why:+: $why}" \
		    jt-submit -w $seconds "$@" "$file" && return
	done
	return 1
}

# not_yet NAME COMMAND...: the command, which waits for a second, ends with 75, since what
# it sends as NAME is not final. Which of the reasons is given for it, if any, is a matter
# of the moment.
not_yet() {
	local code=0 name=$1
	shift
	"$@" >not_yet.out 2>not_yet.err || code=$?
	cat not_yet.err >&2
	[ "$code" -eq 75 ] && [ ! -s not_yet.out ] &&
		grep -q "^jt-submit: $name:#1: not final after 1 s" not_yet.err &&
		[ "$(wc -l <not_yet.err)" -eq 1 ]
}
