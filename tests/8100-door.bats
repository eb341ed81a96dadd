#!/usr/bin/env bats
# jt-listen: the clients' door, with a validator of one behind it.
load lib.bash
load ledger.bash
load door.bash
load fault.bash

USAGE='jt-listen: usage: jt-listen [-d DIR] [-a ADDR...] [-o FILE] [--queries] [--ready-fd N] [--ticks] [FILE...]'

# results: as answers, but for what a client hears only if its transaction is not in a
# certified ledger by then.
results() {
	answers | sed 's/accepted proof-tx/proof-tx/'
}

@test "a payment: accepted, then its proof" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	client <tx >said
	[ "$(results <said)" = 'proof-tx ' ]
	for id in $(field id <said); do [ "$id" = "$(jt-id tx)" ]; done
	jt-show -1 said | tail -n 1 | jt-pack >proof
	check 0 '' jt-check --applied proof
	# The same again, over another connection: no second effect, and the same proof.
	client <tx >again
	[ "$(answers <again)" = 'proof-tx ' ]
	cmp proof again
	[ "$(balance alice)" = 10 ]
	door_stop
}

@test "many at once, over many connections, each in exactly one ledger" {
	local i n=40 clients=()
	network
	door
	for ((i = 1; i <= n; i++)); do pay net/bank alice 1 seq=$i >tx$i; done
	for ((i = 1; i <= n; i++)); do
		# Each of them twice.
		client <tx$i >said$i 3>&- &
		clients+=("$!")
		cat tx$i tx$i | client >twice$i 3>&- &
		clients+=("$!")
	done
	wait "${clients[@]}"
	for ((i = 1; i <= n; i++)); do
		jt-show -1 said$i twice$i | grep -c 'proof-tx' >count
		[ "$(cat count)" -ge 2 ]
	done
	[ "$(balance alice)" = $n ]
	[ "$(jt-get ledgers | field count | awk '{ n += $1 } END { print n }')" = $n ] || {
		jt-get ledgers | jt-show -1 >&2
		false
	}
	door_stop
}

@test "what cannot enter is refused at once, and nothing else is lost" {
	network
	door
	pay net/bank alice 10 seq=1 | client | answers >said
	pay net/bank alice 1 seq=2 >good
	pay net/bank bob 1 seq=1 >used
	pay net/bank bob 1 seq=100 >ahead
	pay net/bank bob 1 seq=3 fee=0.000001 >low
	pay net/bank bob 1 seq=3 last=1 >late
	pay net/bank bob 1 seq=3 until=2020-01-01T00:00:00Z >past
	pay net/bank bob 1 seq=3 network=4f09000000000000000000000000000000000000000000000000000000000000 >foreign
	jt-tx pay from=net/bank to=bob amount=1 seq=3 >unsigned
	jt-tx pay from=net/bank to=bob amount=1 seq=3 | jt-sign -k alice.key >other
	jt-tx -N net/network.jt pay from=bob to=alice amount=1 seq=1 | jt-sign -k bob.key >nobody
	jt-tx -N net/network.jt pay from=alice to=bob amount=1 seq=1 fee=100 | jt-sign -k alice.key >poor
	query newest >query
	for f in used ahead low late past foreign unsigned other nobody poor; do
		cat $f good | client | results >said
		printf '%s %s\n' $f "$(cat said)"
	done >got
	diff - got <<-END
		used refused:seq-used proof-tx 
		ahead refused:seq-ahead proof-tx 
		low refused:low-fee proof-tx 
		late refused:too-late proof-tx 
		past refused:too-late proof-tx 
		foreign refused:wrong-network proof-tx 
		unsigned refused:bad-signature proof-tx 
		other refused:not-authorised proof-tx 
		nobody refused:no-account proof-tx 
		poor refused:no-fee proof-tx 
	END
	[ "$(balance alice)" = 11 ]
	door_stop
}

@test "a bad signature is found behind the door, and does not hold the good copy up" {
	network
	door
	pay net/bank alice 10 seq=1 >good
	jt-show good | sed '/^- \[/s/, [0-9a-f]\{8\}/, 00000000/' | jt-pack >bad
	[ "$(client <bad | answers)" = 'refused:bad-signature ' ]
	cat bad good | client | answers | sed 's/accepted //' >said
	grep -qx 'refused:bad-signature proof-tx \|proof-tx refused:bad-signature ' said
	[ "$(balance alice)" = 10 ]
	door_stop
}

@test "queries: everything can be checked" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	client <tx >/dev/null
	query account "account: $(jt-id alice.pub)" >q
	query account "account: $(jt-id bob.pub)" >>q
	query newest >>q
	query ledger >>q
	query ledger 'ledger: 1' >>q
	query network >>q
	query tx "id: $(jt-id tx)" >>q
	query ledger 'ledger: 99' >>q
	query tx "id: $(printf '%064d' 1)" >>q
	client <q >said
	[ "$(answers <said)" = 'proof-account proof-account header header header genesis proof-tx none none ' ]
	jt-show -1 said | grep -v 'jt/answer\|jt/genesis' | jt-pack >proven
	check 0 '' jt-check proven
	[ "$(jt-show -1 said | grep jt/genesis | jt-pack | jt-id)" = "$(cat id)" ]
	[ "$(field why <said)" = "no ledger 99, the newest is 1
no transaction $(printf '%064d' 1) up to ledger 1" ]
	# Each answer names what it answers.
	[ "$(field id <said | tail -n 2)" = "$(jt-id q | tail -n 2)" ]
	[ "$(query newest 'ledger: 1' | client | answers)" = 'refused:malformed ' ]
	door_stop
}

# record DIGIT [FIELD: VALUE]: a jt/record, of so many equal digits.
record() {
	printf 'kind: jt/record/1\nbody: {hash: %s, network: %s%s}\n' \
	    "$(printf "$1%.0s" {1..64})" "$(cat id)" "${2:+, $2}" | jt-pack
}

@test "a clock that is set back by an hour keeps nobody waiting" {
	need_faults
	network
	echo 3600 >clock
	with_clock "$PWD/clock" door
	query network >q
	[ "$(client <q | answers)" = 'genesis ' ]
	echo 0 >clock.new
	mv clock.new clock
	# More than an address may ask for in a second.
	for ((i = 0; i < 1500; i++)); do cat q; done | client >out
	[ "$(jt-show -1 out | wc -l)" -eq 1500 ]
	door_stop
}

@test "hash records: with this door's stamp, and their proofs" {
	printf 'records: {stamp: 8}\n' >net.yaml
	network 1 net.yaml
	door
	record 1 >one
	record 2 'tag: "t"' >two
	[ "$(client <one | answers)" = 'refused:bad-stamp ' ]
	check 0 '' jt-submit -w 600 one two one
	out >proofs
	[ "$(kinds <proofs)" = 'jt/proof-record/1 jt/proof-record/1 jt/proof-record/1 ' ]
	# Again: found in the ledger.
	check 0 '' jt-submit -w 600 two
	[ "$(jt-get ledgers | field count | grep -c 1)" -le 3 ]
	query record "id: $(printf '1%.0s' {1..64})" >q
	query record "id: $(printf '2%.0s' {1..64}), ledger: 1" >>q
	query record "id: $(printf '3%.0s' {1..64})" >>q
	query record "id: $(printf '3%.0s' {1..64}), ledger: 1" >>q
	query door >>q
	client <q >said
	[[ "$(answers <said)" = 'proof-record proof-'*'record none proof-no-record pub ' ]]
	[ "$(jt-show -1 said | grep jt/pub | jt-pack | jt-id)" = "$(jt-id net/v1/validator.pub)" ]
	door_stop
	# A validator that does not know its key takes none, and says so.
	mv net/v1/validator.pub pub
	PUB=pub door
	[ "$(query door | client | answers)" = 'none ' ]
	record 4 >four
	not_final four 'the server takes no records'
	door_stop
}

# port_of PROCESS: where it listens over TCP, by what the system knows of its sockets.
port_of() {
	/usr/bin/python3 - "/proc/$1/fd" <<-'END'
		import os, sys
		mine = {os.readlink(f"{sys.argv[1]}/{fd}") for fd in os.listdir(sys.argv[1])}
		for line in list(open("/proc/net/tcp"))[1:]:
		    words = line.split()
		    if words[3] == "0A" and f"socket:[{words[9]}]" in mine:
		        print(int(words[1].split(":")[1], 16))
	END
}

@test "addresses: two of them, one over TCP; who listens is not disturbed" {
	local port
	network
	ADDRESS=127.0.0.1:0 door
	port=$(port_of "$DOOR")
	query newest >q
	[ "$(client <q | answers)" = 'header ' ]
	[ "$(client 127.0.0.1:"$port" <q | answers)" = 'header ' ]
	check 75 'jt-listen: net/v1/sock: somebody listens there' jt-listen
	check 75 "jt-listen: 127.0.0.1:$port: somebody listens there" jt-listen -a 127.0.0.1:"$port"
	[ "$(client <q | answers)" = 'header ' ]
	door_stop
	[ ! -e net/v1/sock ]
	# Left behind by one that was killed: replaced.
	door
	kill -9 "$DOOR" "${HOUSE[@]}"
	wait "$DOOR" "${HOUSE[@]}" || true
	[ -S net/v1/sock ]
	door
	[ "$(client <q | answers)" = 'header ' ]
	door_stop
	touch net/v1/sock
	check 73 'jt-listen: net/v1/sock: exists and is no socket' jt-listen
	check 73 'jt-listen: no/where: No such file or directory' jt-listen -a no/where
	check 64 "jt-listen: :65536: expected host:port or the path of a socket" jt-listen -a :65536
	check 64 "jt-listen: 127.0.0.1:: expected host:port or the path of a socket" jt-listen -a 127.0.0.1:
}

@test "a path longer than a socket's address" {
	local deep
	deep=$PWD/$(printf 'd%.0s' {1..100})/$(printf 'e%.0s' {1..100})
	network
	mkdir -p "$deep"
	mv net "$deep"
	export JT_DIR=$deep/net/v1
	door
	jt-get -s "$JT_DIR/sock" ledger | jt-show -1 | grep -q 'jt/header'
	door_stop
}

@test "its end: a signal, a pipe that ends, a reader that is gone" {
	network
	jt-close -k net/v1/validator.key --empty </dev/null >/dev/null
	mkfifo in out ready
	check 64 "jt-listen: no directory: -d DIR or \$JT_DIR
$USAGE" env -u JT_DIR jt-listen
	check 66 'jt-listen: in2: No such file or directory' jt-listen in2
	check 66 'jt-listen: net/v9/ledger: holds no ledger' jt-listen -d net/v9
	for signal in TERM INT HUP; do
		env --default-signal jt-listen --ready-fd 9 9>ready >items 3>&- &
		head -n 1 ready >/dev/null
		kill -$signal $!
		wait $!
	done
	jt-listen --ready-fd 9 in >items 9>ready.in 2>err 3>&- &
	exec 8>in
	until_true test -s ready.in
	exec 8>&-
	code=0
	wait $! || code=$?
	[ "$code" -eq 75 ]
	[ "$(cat err)" = 'jt-listen: in: its writer is gone' ]
	jt-listen --ready-fd 9 -o out 9>ready.out 2>err 3>&- &
	exec 8<out
	until_true test -s ready.out
	exec 8<&-
	code=0
	wait $! || code=$?
	[ "$code" -eq 75 ]
	[ "$(cat err)" = 'jt-listen: out: nobody reads it any more' ]
}

@test "a ledger that is still to be made is waited for" {
	network
	rm -r net/v1/ledger
	mkfifo f
	jt-listen --ready-fd 9 f >items 9>ready 2>err 3>&- &
	DOOR=$! HOUSE=()
	exec 8>f
	sleep 0.1
	[ ! -s ready ]
	jt-close --empty </dev/null >/dev/null
	until_true test -s ready
	query newest | client | answers | grep -qx 'header '
	kill "$DOOR"
	wait "$DOOR"
	exec 8>&-
	# Who is told to end meanwhile does so, and nothing was wrong.
	rm -r net/v1/ledger
	jt-listen f >items 2>err 3>&- &
	DOOR=$!
	exec 8>f
	kill "$DOOR"
	wait "$DOOR"
	DOOR=
	exec 8>&-
	[ ! -s err ]
}

@test "strangers: garbage of any kind, and the door goes on" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	# What was not even begun as an object is told so, and the connection ends.
	for bad in 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' '\301' '\0\0\0\0' '\223\333\377\377\377\377' \
	    '\223\246jt/pay\001\306\177\377\377\377' '\223\246jt/pay\001\306\000\001\000\000'; do
		printf "$bad" | client >said
		[ "$(answers <said)" = 'refused:malformed ' ]
	done
	# Half an object says nothing, and gets nothing.
	head -c 100 tx | client >said
	[ ! -s said ]
	# Good frames: each its answer.
	{
		printf '\223\247jt/none\001\304\001\200'
		printf '\223\246jt/pay\002\304\001\200'
		printf '\223\246jt/pay\001\304\001\300'
		cat alice.pub
		jt-get ledger
		query newest
	} | client | answers >said
	[ "$(cat said)" = 'refused:malformed refused:malformed refused:malformed refused:malformed refused:malformed header ' ]
	seed=${JT_SEED:-$RANDOM}
	echo "seed $seed"
	/usr/bin/python3 - "$seed" net/v1/sock tx <<-'END'
		import random, socket, sys
		r = random.Random(int(sys.argv[1]))
		tx = open(sys.argv[3], "rb").read()
		for i in range(300):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect(sys.argv[2])
		    b = bytearray(tx * r.randrange(1, 4))
		    for k in range(r.randrange(0, 4)):
		        b[r.randrange(len(b))] = r.randrange(256)
		    if r.random() < 0.3:
		        b = b[:r.randrange(len(b))]
		    try:
		        for k in range(0, len(b), 97):
		            s.send(b[k:k + 97])
		    except OSError:
		        pass
		    s.close()
	END
	cat tx | client | answers >said
	grep -q 'proof-tx $' said
	door_stop
}

# memory PROCESS: KiB of its own, or, where that is not told, all that it has in memory.
memory() {
	sed -n 's/^\(RssAnon\|VmRSS\):[^0-9]*\([0-9]*\) kB/\1 \2/p' "/proc/$1/status" | sort |
		sed -n '1s/.* //p'
}

@test "strangers: thousands of connections, and clients that never read" {
	network
	door
	pay net/bank alice 10 seq=1 >tx
	query network >q
	/usr/bin/python3 - net/v1/sock q >began 3>&- <<-'END' &
		import resource, socket, sys, time
		soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
		resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4000), hard))
		q = open(sys.argv[2], "rb").read()
		all = []
		for i in range(3000):
		    s = socket.socket(socket.AF_UNIX)
		    s.setblocking(False)
		    try:
		        s.connect(sys.argv[1])
		        if i % 3 == 0:
		            s.send(q * 1000)
		        elif i % 3 == 1:
		            s.send(q[:10])
		    except OSError:
		        pass
		    all.append(s)
		print("all there", flush=True)
		time.sleep(600)
	END
	many=$!
	HOUSE+=("$many")
	until_true grep -q there began
	# Whoever has most of all places makes room.
	is_served() { client <tx | answers | tee said | grep -q 'proof-tx $'; }
	for i in 1 2 3; do until_true is_served || { cat said; false; }; done
	echo "$(memory "$DOOR") KiB"
	[ "$(memory "$DOOR")" -lt 40000 ]
	kill "$many"
	wait "$many" || true
	[ "$(client <q | answers)" = 'genesis ' ]
	door_stop
}

@test "strangers: a byte on each of very many connections keeps nobody out" {
	network
	door
	/usr/bin/python3 - net/v1/sock >began 3>&- <<-'END' &
		import resource, select, socket, sys
		soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
		resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4000), hard))
		many = select.epoll()
		all = {}
		def come():
		    s = socket.socket(socket.AF_UNIX)
		    s.setblocking(False)
		    try:
		        s.connect(sys.argv[1])
		        s.send(b"\x93")
		    except OSError:
		        s.close()
		        return False
		    all[s.fileno()] = s
		    many.register(s.fileno(), select.EPOLLIN | select.EPOLLHUP)
		    return True
		while True:
		    while len(all) < 1010 and come():
		        pass
		    # Not before there are too many, and again when one was dropped.
		    for fd, _ in many.poll(0.05):
		        many.unregister(fd)
		        all.pop(fd).close()
		        print("dropped", flush=True)
	END
	many=$!
	HOUSE+=("$many")
	until_true grep -q dropped began
	is_served() { jt-get -s net/v1/sock -o ledger.jt ledger 2>said; }
	for i in 1 2 3 4 5; do until_true is_served || { cat said; false; }; done
	kill "$many"
	wait "$many" || true
	door_stop
}

@test "strangers: a flood of bad signatures is a small part of all work" {
	network
	door
	for i in {1..60}; do pay net/bank alice 1 seq=$i; done |
		jt-show | sed '/^- \[/s/, [0-9a-f]\{8\}/, 00000000/' | jt-pack >bad
	# The same number of bytes again and again, each a copy of its own.
	/usr/bin/python3 - net/v1/sock bad 3>&- <<-'END' &
		import os, socket, sys
		bad = open(sys.argv[2], "rb").read()
		one = len(bad) // 60
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[1])
		s.settimeout(2)
		try:
		    for i in range(400):
		        b = bytearray(bad)
		        b[-1] = i % 256
		        b[-2] = i // 256
		        for k in range(one - 1, len(b) - 1, one):
		            b[k] = i % 256
		        s.sendall(b)
		except OSError:
		    pass
	END
	flood=$!
	for i in {1..20}; do
		pay net/bank bob 1 seq=$i | client | answers | grep -q 'proof-tx $'
	done
	wait "$flood"
	# It was cut off, or held up, long before all of them were verified.
	until_true grep -q 'signature' net/v1/run/verify.err
	checked=$(grep -c 'signature' net/v1/run/verify.err)
	echo "$checked were verified"
	[ "$checked" -gt 0 ] && [ "$checked" -lt 4000 ]
	door_stop
}

@test "a vote that takes nothing: what waits is bounded, and what is decided goes on" {
	network
	door -n
	pay net/bank alice 1 seq=1 >tx
	not_yet tx jt-submit -w 1 tx
	not_yet tx jt-submit -w 1 tx
	query newest | client | answers | grep -qx 'header '
	door_stop
	# It starts to take: accepted is not yet a result.
	door -t
	check 0 '' jt-submit -w 0 tx
	out_is ''
	not_final tx 'accepted, and without a result so far'
	door_stop
	door
	check 0 '' jt-submit -w 600 tx
	[ "$(balance alice)" = 1 ]
	door_stop
}

@test "--ticks: the time in front of what is passed on; --queries: nothing is" {
	network
	jt-close -k net/v1/validator.key --empty </dev/null >/dev/null
	jt-tx pay from=net/bank to=alice amount=5 | jt-sign -k net/bank.key >tx
	jt-listen --ticks --ready-fd 9 9>ready >items 2>err 3>&- &
	DOOR=$! HOUSE=()
	until_true test -s ready
	client <tx >answered 3>&- &
	until_true test -s items
	kill "$DOOR"
	wait "$DOOR"
	[ "$(kinds <items)" = 'jt/tick/1 jt/pay/1 ' ]
	jt-listen --queries --ready-fd 9 9>ready2 >items2 2>err 3>&- &
	DOOR=$!
	until_true test -s ready2
	{ cat tx; query newest; } | client | answers | grep -q busy
	check 0 '' jt-get -s net/v1/sock -o ledger.jt ledger
	kill "$DOOR"
	wait "$DOOR"
	[ ! -s items2 ]
}
