#!/usr/bin/env bats
# jt-peer: alone, as an encrypted pipe; and between the validators of a network.
load lib.bash

setup() {
	lib_setup
	started=()
}

teardown() {
	# Some are stopped, some are waiting for nothing.
	[ ${#started[@]} -eq 0 ] || kill_now "${started[@]}"
	lib_teardown
}

# kill_now PROCESS...: and nothing is said of it.
kill_now() {
	kill -9 "$@" 2>/dev/null || true
	wait "$@" 2>/dev/null || true
}

# link_keys NAME...
link_keys() {
	jt-keygen -n --role link "$@" >/dev/null
}

# objects COUNT: small ones, each another.
objects() {
	seq "$1" | sed 's/.*/--- {kind: jt\/at\/1, body: {cut: &, ledger: 0}}/' | jt-pack
}

# background NAME COMMAND...: with stdout in NAME.out and stderr in NAME.err; stdin
# is the caller's. Its process is $last.
background() {
	local name=$1
	shift
	# Not through a variable of bash: in the background stdin would be /dev/null.
	"$@" <&0 >>"$name.out" 2>>"$name.err" 3>&- &
	last=$!
	started+=("$last")
}

# ends CODE PROCESS: it ends by itself, with this code.
ends() {
	local code=0
	wait "$2" || code=$?
	[ "$code" -eq "$1" ] || {
		echo "exit code $code, expected $1" >&2
		return 1
	}
}

# tcp NAME: a jt-peer with key NAME that listens on TCP, its port is $port then;
# more words are peers and options.
tcp() {
	local name=$1
	shift
	rm -f "$name.ready"
	background "$name" jt-peer -k "$name.key" -a 127.0.0.1:0 --ready-fd 8 "$@" 8>"$name.ready"
	until_true test -s "$name.ready"
	port=$(sed 's/.*://' "$name.ready")
}

@test "a pipe: objects as they are, both ways" {
	link_keys desk vault
	objects 3 >to
	objects 5 >back
	background vault jt-peer -k vault.key -a ./sock desk.pub <back
	until_true test -S sock
	check 0 '' jt-peer -k desk.key vault@./sock <to
	cmp back <(out)
	ends 0 "$last"
	cmp to vault.out
	[ ! -s vault.err ]
	[ ! -e sock ]
}

@test "a pipe over TCP; whoever comes first waits" {
	link_keys desk vault
	objects 1000 >to
	tcp vault desk </dev/null
	check 0 '' jt-peer -k desk.key "vault@127.0.0.1:$port" <to
	out_is ''
	ends 0 "$last"
	cmp to vault.out
	[ ! -s vault.err ]
	rm vault.out
	tcp vault desk </dev/null
	# By name: the addresses of a host are tried in turn.
	check 0 '' jt-peer -k desk.key "vault@localhost:$port" <to
	ends 0 "$last"
	cmp to vault.out
	# The one that dials may be there first.
	background desk jt-peer -k desk.key vault@./sock <to
	check 0 '' jt-peer -k vault.key -a ./sock desk </dev/null
	cmp to <(out)
}

@test "a pipe: both may dial" {
	link_keys a b
	objects 100 >to
	for i in 1 2 3 4 5; do
		background a jt-peer -k a.key -a ./a b@./b <to
		check 0 '' jt-peer -k b.key -a ./b a@./a <to
		cmp to <(out)
		ends 0 "$last"
		cmp to a.out
		rm a.out
	done
	[ ! -s a.err ]
}

@test "a pipe: large objects and many small ones, in order" {
	link_keys desk vault
	/usr/bin/python3 - >to <<-'END'
		import sys
		w = sys.stdout.buffer.write
		for i in range(40):
		    for n in 1 << 20, 65536, 1000, 1:
		        head = b"\x93\xa4jt/x\x01\xc6"
		        n = max(n - len(head) - 4, 65536)
		        w(head + n.to_bytes(4, "big") + bytes([i]) * n)
		    for k in range(5000):
		        w(b"\x93\xa4jt/x\x01\xc4\x02" + k.to_bytes(2, "big"))
	END
	background vault jt-peer -k vault.key -a ./sock desk </dev/null
	check 0 '' jt-peer -k desk.key vault@./sock <to
	ends 0 "$last"
	cmp to vault.out
}

@test "a pipe: a slow reader slows the writer, and nothing is lost" {
	link_keys desk vault
	objects 50000 >some
	cat some some some some some some some some some some >to
	mkfifo slow
	jt-peer -k vault.key -a ./sock desk </dev/null >slow 3>&- &
	started+=($!)
	(for ((i = 0; i < 20; i++)); do head -c 100000; sleep 0.02; done; cat) <slow >got 3>&- &
	reader=$!
	check 0 '' jt-peer -k desk.key vault@./sock <to
	wait "$reader"
	cmp to got
}

@test "a pipe with two peers: each gets all" {
	link_keys a b c
	objects 500 >to
	background b jt-peer -k b.key -a ./b a </dev/null
	b=$last
	objects 3 >from_c
	background c jt-peer -k c.key -a ./c a <from_c
	c=$last
	check 0 '' jt-peer -k a.key b@./b c@./c <to
	cmp from_c <(out)
	ends 0 "$b"
	ends 0 "$c"
	cmp to b.out
	cmp to c.out
}

@test "a pipe whose peer is killed ends with 75" {
	link_keys desk vault
	mkfifo to
	exec 7<>to
	background vault jt-peer -k vault.key -a ./sock desk </dev/null
	vault=$last
	background desk jt-peer -k desk.key vault@./sock <to
	objects 10 >&7
	until_true test -s vault.out
	kill_now "$vault"
	ends 75 "$last"
	[ "$(cat desk.err)" = "jt-peer: vault: gone before the end" ]
	# The socket that it left is replaced.
	[ -S sock ]
	background vault jt-peer -k vault.key -a ./sock desk </dev/null
	objects 2 >two
	check 0 '' jt-peer -k desk.key vault@./sock <two
	ends 0 "$last"
}

@test "a pipe: input that is no stream of objects" {
	link_keys desk vault
	background vault jt-peer -k vault.key -a ./sock desk </dev/null
	{ objects 2; echo text; } >bad
	check 65 "jt-peer: stdin:#3: offset 0: no object begins here, but text" \
	    jt-peer -k desk.key vault@./sock <bad
	ends 75 "$last"
	[ "$(cat vault.err)" = "jt-peer: desk: gone before the end" ]
}

@test "a pipe that is stopped says that it is not at its end" {
	link_keys desk vault
	mkfifo to
	exec 7<>to
	background desk jt-peer -k desk.key -a ./sock vault <to
	until_true test -S sock
	kill "$last"
	ends 75 "$last"
	[ "$(cat desk.err)" = "jt-peer: stopped before the end" ]
	[ ! -e sock ]
}

@test "whose output nobody reads ends by SIGPIPE" {
	link_keys desk vault
	objects 50000 >to
	background desk jt-peer -k desk.key -a ./sock vault <to
	check 0 '' sh -c '{ jt-peer -k vault.key desk@./sock </dev/null; echo "$?" >code; } | head -c 9 >/dev/null'
	[ "$(cat code)" -eq 141 ]
	ends 75 "$last"
}

@test "strangers are refused, and it is said once" {
	link_keys desk vault stranger
	tcp vault desk </dev/null
	vault=$last
	for i in 1 2 3; do
		background stranger jt-peer -k stranger.key "vault@127.0.0.1:$port" </dev/null
	done
	until_true test -s vault.err
	# Other protocols, and nothing at all.
	for i in 1 2; do
		exec 7<>"/dev/tcp/127.0.0.1/$port"
		printf 'GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n' >&7
		[ "$(cat <&7 | wc -c)" -eq 0 ]
		exec 7>&- 7<>"/dev/tcp/127.0.0.1/$port" 7>&-
	done
	objects 1 >to
	check 0 '' jt-peer -k desk.key "vault@127.0.0.1:$port" <to
	ends 0 "$vault"
	# A stranger who was slow has had no time for more.
	sed '/: no handshake within /d; s/127.0.0.1:[0-9]*/ADDR/' vault.err >told
	[ "$(cat told)" = "jt-peer: ADDR: refused: a stranger, with the key $(jt-id stranger.pub)
jt-peer: ADDR: refused: no greeting for this key and network" ]
	[ ! -s stranger.out ]
}

@test "who answers with another key than was meant is nobody" {
	link_keys desk vault other
	background other jt-peer -k other.key -a ./sock desk </dev/null
	background desk jt-peer -k desk.key vault@./sock </dev/null
	until_true test -s other.err
	[ "$(cat other.err)" = "jt-peer: local: refused: no greeting for this key and network" ]
	kill -0 "$last"
}

@test "paths of sockets may be long" {
	link_keys desk vault
	long=$(printf 'd%.0s' {1..100})
	mkdir -p "$long/$long"
	objects 2 >to
	background vault jt-peer -k vault.key -a "$long/$long/sock" desk </dev/null
	check 0 '' jt-peer -k desk.key "vault@$PWD/$long/$long/sock" <to
	ends 0 "$last"
	cmp to vault.out
	[ ! -e "$long/$long/sock" ]
}

@test "wrong words" {
	link_keys desk vault
	jt-keygen -n alice >/dev/null
	jt-keygen -n --role validator val >/dev/null
	usage="jt-peer: usage: $(jt-peer -h | sed -n '1s/usage: //p')"
	check 64 "jt-peer: no key: -k KEY, or DIR/link.key with -d DIR
$usage" jt-peer vault
	check 66 "jt-peer: nobody.pub: No such file or directory" jt-peer -k desk.key nobody
	check 66 "jt-peer: none.key: No such file or directory" jt-peer -k none.key vault
	check 64 "jt-peer: alice.key: key of an account, not a link key" jt-peer -k alice.key vault
	check 64 "jt-peer: alice.pub: key of an account, not a link key" jt-peer -k desk.key alice
	check 64 "jt-peer: val.pub: key of a validator, not a link key" jt-peer -k desk.key val
	cp vault.pub $'\xff.pub'
	check 64 $'jt-peer: \xff: a name of 1 to 64 bytes of UTF-8 is needed' jt-peer -k desk.key $'\xff'
	check 64 "jt-peer: desk.pub: the own key" jt-peer -k desk.key desk
	check 64 "jt-peer: vault: x:y: y is no port" jt-peer -k desk.key vault@x:y
	check 64 "jt-peer: vault: ::1:70: expected host:port, or [host]:port for IPv6" \
	    jt-peer -k desk.key vault@::1:70
	check 64 "jt-peer: vault: an empty address" jt-peer -k desk.key vault@
	check 78 "jt-peer: no network file: -N FILE, DIR/network.jt or \$JT_NETWORK" \
	    jt-peer -k desk.key
	check 73 "jt-peer: desk.pub: exists and is no socket" \
	    jt-peer -k desk.key -a desk.pub vault </dev/null
	chmod 644 desk.key
	check 77 "jt-peer: desk.key: open to others: expected mode 0600, found 0644" \
	    jt-peer -k desk.key vault
}

# ---- in a network ----

# node I [WORD...]: jt-peer of validator I, with the sockets of the others; its stdin
# is net/vI/in, which stays open, and $last its process.
node() {
	local i=$1 j others=()
	shift
	if [ ! -p "net/v$i/in" ]; then
		mkfifo "net/v$i/in"
		# shellcheck disable=SC2034 # it is only held open
		exec {hold}<>"net/v$i/in"
	fi
	for ((j = 1; j <= nodes; j++)); do
		[ "$j" -eq "$i" ] || others+=("v$j@net/v$j/peer")
	done
	background "net/v$i/peer" jt-peer -d "net/v$i" -a "net/v$i/peer" "${others[@]}" "$@" \
	    <"net/v$i/in"
	pids[i]=$last
}

# network_of N
network_of() {
	nodes=$1
	pids=()
	jt-genesis -v "$1" >/dev/null
	for ((i = 1; i <= nodes; i++)); do
		node "$i"
	done
	for ((i = 1; i <= nodes; i++)); do
		for ((k = 1; k <= nodes; k++)); do
			[ "$i" -eq "$k" ] || until_true said "$i" "peer v$k up"
		done
	done
}

# what I: what validator I's jt-peer wrote, in words, and no more than is whole.
what() {
	jt-show -j "net/v$1/peer.out" 2>/dev/null | /usr/bin/python3 -c '
import json, sys
for line in sys.stdin:
    o = json.loads(line)
    b = o["body"]
    if o["kind"] == "jt/peer/1":
        print("peer", b["name"], b["state"])
    else:
        print("from", b["from"], b["body"]["body"]["cut"])'
}

# said I LINE [COUNT]: is that among it (COUNT times)?
said() {
	local n
	n=$(what "$1" | grep -cx "$2") || true
	[ "$n" -ge "${3:-1}" ]
}

# ends_in FILE WORD: is it among the last bytes?
ends_in() {
	tail -c 100 "$1" | grep -q "$2"
}

# complaints I...: what their jt-peers said, but that one was away for long.
complaints() {
	local i
	for i; do cat "net/v$i/peer.err"; done | sed '/: not reached at /d'
}

# say I NUMBER [TO]
say() {
	printf -- '--- {kind: jt/msg/1, body: {body: {kind: jt/at/1, body: {cut: %s, ledger: 0}}%s}}\n' \
	    "$2" "${3:+, to: $3}" | jt-pack >"net/v$1/in"
}

# hears J I NUMBER [TO]: validator J has it from I, who says it again if need be: where both
# had dialed, one link may be given up for the other, with what was said over it.
hears() {
	said "$1" "from v$2 $3" || {
		say "${@:2}"
		sleep 0.1
		said "$1" "from v$2 $3"
	}
}

@test "in a network: to all, to one, and who it is from" {
	network_of 3
	until_true hears 3 2 8 v3
	until_true hears 3 1 7
	until_true hears 2 1 7
	until_true hears 1 2 9 v1
	[ "$(what 1 | sort -u)" = "from v2 9
peer v2 up
peer v3 up" ]
	[ "$(what 2 | grep from | sort -u)" = 'from v1 7' ]
	kill "${pids[1]}"
	ends 0 "${pids[1]}"
	until_true said 2 'peer v1 down'
	until_true said 3 'peer v1 down'
	[ ! -e net/v1/peer ]
	[ -z "$(complaints 1 2 3)" ]
}

@test "in a network: killed and started again, at once and later" {
	network_of 3
	for i in 1 2 3; do
		kill_now "${pids[2]}"
		node 2
		until_true said 1 'peer v2 up' $((i + 1))
		until_true said 3 'peer v2 up' $((i + 1))
		until_true said 2 'peer v1 up' $((i + 1))
		until_true hears 2 1 "$i"
	done
	kill_now "${pids[3]}"
	until_true said 1 'peer v3 down'
	until_true said 2 'peer v3 down'
	until_true hears 2 1 50
	node 3
	until_true said 3 'peer v1 up' 2
	until_true hears 3 1 51 v3
	[ "$(what 3 | grep -c 'from v1 50')" -eq 0 ]
	[ -z "$(complaints 1 2 3)" ]
}

@test "in a network: one that does not read costs the others nothing" {
	network_of 3
	# v2's output goes to a pipe that nobody reads.
	kill "${pids[2]}"
	ends 0 "${pids[2]}"
	until_true said 1 'peer v2 down'
	mkfifo stuck
	exec 7<>stuck
	jt-peer -d net/v2 -a net/v2/peer v1@net/v1/peer v3@net/v3/peer <net/v2/in >stuck 3>&- &
	started+=($!)
	until_true said 1 'peer v2 up' 2
	/usr/bin/python3 - >flood <<-'END'
		import sys
		def obj(kind, payload):
		    head = b"\x93" + bytes([0xa3 + len(kind)]) + b"jt/" + kind + b"\x01\xc6"
		    return head + len(payload).to_bytes(4, "big") + payload
		for i in range(10):
		    inner = obj(b"x", bytes([i]) * 500000)
		    sys.stdout.buffer.write(obj(b"msg", b"\x81\xa4body\xc6" +
		        len(inner).to_bytes(4, "big") + inner))
	END
	for ((i = 0; i < 8; i++)); do
		cat flood >net/v1/in
		until_true hears 3 1 "$i" v3
	done
	[ "$(wc -c <net/v3/peer.out)" -gt 40000000 ]
	[ "$(complaints 1)" = "jt-peer: v2: too slow: what waited for it is dropped" ]
	# When it reads again, it is reported up again.
	cat <&7 >unstuck 3>&- &
	started+=($!)
	until_true said 1 'peer v2 up' 3
	is_unstuck() {
		say 1 100 v2
		sleep 0.1
		ends_in unstuck ledger
	}
	until_true is_unstuck
}

@test "in a network: what is no message, and names that are none" {
	network_of 2
	{ objects 1; cat net/bank.pub; } >net/v1/in
	say 1 1 v9
	say 1 2 v9
	until_true hears 2 1 3 v2
	[ "$(complaints 1)" = "jt-peer: stdin:#1: expected jt/msg, found jt/at
jt-peer: stdin:#2: expected jt/msg, found jt/pub
jt-peer: stdin:#3: to: no peer is called v9" ]
	kill "${pids[1]}"
	ends 65 "${pids[1]}"
}

@test "in a network: an observer is a stranger, unless it is named" {
	network_of 1
	link_keys watcher
	mkfifo in
	exec 7<>in
	background watcher jt-peer -N net/network.jt -k watcher.key v1@net/v1/peer <in
	until_true test -s net/v1/peer.err
	[ "$(cat net/v1/peer.err)" = \
	    "jt-peer: local: refused: a stranger, with the key $(jt-id watcher.pub)" ]
	kill "${pids[1]}"
	ends 0 "${pids[1]}"
	node 1 watcher.pub
	until_true said 1 'peer watcher up'
	watches() {
		say 1 4
		sleep 0.1
		jt-show -1 watcher.out | grep -q "cut: 4"
	}
	until_true watches
}

@test "in a network: another one's validators are strangers" {
	network_of 1
	jt-genesis -o other -v 2 >/dev/null
	cp net/v1/link.key other/v2/
	background other jt-peer -d other/v2 v1@net/v1/peer </dev/zero
	until_true test -s other.err
	mkfifo in
	exec 7<>in
	background other2 jt-peer -d other/v1 v2@net/v1/peer <in
	until_true test -s net/v1/peer.err
	[ "$(cat net/v1/peer.err)" = "jt-peer: local: refused: no greeting for this key and network" ]
}

@test "in a network: addresses from its file" {
	jt-keygen -n --role validator a b >/dev/null
	link_keys al bl
	cat >net.yaml <<-END
		validators:
		- {name: ann, key: a.pub, link: al.pub, peer: "./door of ann"}
		- {name: ben, key: b.pub, link: bl.pub}
	END
	jt-genesis -o net net.yaml >/dev/null
	mkfifo in
	exec 7<>in
	background ann jt-peer -N net/network.jt -k al.key -a './door of ann' <in
	background ben jt-peer -N net/network.jt -k bl.key <in
	until_true test -s ann.out -a -s ben.out
	[ "$(jt-show -1 ann.out ben.out)" = '--- {kind: jt/peer/1, body: {name: "ben", state: up}}
--- {kind: jt/peer/1, body: {name: "ann", state: up}}' ]
	[ -z "$(cat ann.err ben.err)" ]
}

@test "out of descriptors: strangers make room for peers" {
	link_keys desk vault
	objects 1 >to
	(ulimit -n 16 && exec jt-peer -k vault.key -a ./sock desk </dev/null >vault.out 2>vault.err 3>&-) &
	vault=$!
	started+=("$vault")
	until_true test -S sock
	/usr/bin/python3 - <<-'END' 3>&- &
		import socket, time
		held = []
		for i in range(14):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect("sock")
		    held.append(s)
		open("held", "w").close()
		time.sleep(600)
	END
	started+=($!)
	until_true test -e held
	check 0 '' jt-peer -k desk.key vault@./sock <to
	ends 0 "$vault"
	cmp to vault.out
}

@test "a pipe over IPv6" {
	link_keys desk vault
	grep -q . /proc/net/if_inet6 2>/dev/null || skip "no IPv6 here"
	background vault jt-peer -k vault.key -a '[::1]:0' --ready-fd 8 desk 8>ready </dev/null
	until_true test -s ready
	objects 3 >to
	check 0 '' jt-peer -k desk.key "vault@$(cat ready)" <to
	ends 0 "$last"
	cmp to vault.out
}

@test "in a network: environment and files name it" {
	network_of 2
	kill "${pids[1]}"
	ends 0 "${pids[1]}"
	mkfifo in
	exec 7<>in
	JT_DIR=net/v1 background again jt-peer -a net/v1/peer <in
	until_true sh -c 'jt-show -1 again.out | grep -q "state: up"'
	kill "$last"
	ends 0 "$last"
	# With operands the environment is not asked: this is a pipe.
	link_keys desk vault
	JT_DIR=net/v1 background vault jt-peer -k vault.key -a ./sock desk </dev/null
	objects 1 >to
	check 0 '' env JT_DIR=net/v1 jt-peer -k desk.key vault@./sock <to
	ends 0 "$last"
	check 64 "jt-peer: two peers are called v2" jt-peer -d net/v1 "$(cp desk.pub v2.pub; echo ./v2.pub)"
}

@test "--ticks: the time comes with what is heard, and without it, too" {
	jt-genesis -v 2 >/dev/null
	mkfifo in1 in2
	exec 7<>in1 8<>in2
	background one jt-peer -d net/v1 -a ./one --ticks <in1
	background two jt-peer -d net/v2 v1@./one <in2
	until_true sh -c 'jt-show -1 one.out | grep -q "state: up"'
	for n in 1 2 3; do
		echo "--- {kind: jt/msg/1, body: {body: {kind: jt/at/1, body: {cut: $n, ledger: 0}}}}" |
			jt-pack >&8
		until_true sh -c "jt-show -1 one.out | grep -q 'cut: $n'"
	done
	# Everything that was heard has a tick somewhere before it, and ticks go on without.
	jt-show -1 one.out | sed 's/.*jt.\([a-z]*\).*/\1/' >kinds
	[ "$(head -n 1 kinds)" = tick ]
	count() { jt-show -1 one.out | grep -c jt/tick; }
	before=$(count)
	more() { [ "$(count)" -gt $((before + 2)) ]; }
	until_true more
	# Time does not go back, and no moment is told twice.
	jt-show -1 one.out | sed -n 's/.*jt.tick.*time: \(.*\)}}/\1/p' >times
	sort -u times | cmp - times
	[ "$(jt-show -1 two.out | grep -c jt/tick)" -eq 0 ]
	link_keys desk vault
	usage=$(jt-peer 2>&1 -? | sed -n 2p)
	check 64 "jt-peer: option --ticks: in a network alone
$usage" jt-peer -k desk.key --ticks vault
}
