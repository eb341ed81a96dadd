# For tests of the clients' door:  load lib.bash; load ledger.bash; load door.bash
#
# A validator of one around a stand-in for the vote (tests/stand-in.c), in the
# directory $JT_DIR of `network`.

# door [STAND-IN'S OPTIONS]: start it; DOOR is jt-listen's process. ADDRESS, if
# set, is one more address to listen on, PUB where the validator's public key is.
door() {
	local run=$JT_DIR/run pipe
	rm -rf "$run"
	mkdir "$run"
	for pipe in a b c e f k r; do mkfifo "$run/$pipe"; done
	jt-listen ${ADDRESS:+-a "$JT_DIR/sock" -a "$ADDRESS"} --ready-fd 9 -o "$run/a" \
	    "$run/f" "$run/r" "$run/k" 9>"$run/ready" 2>"$run/listen.err" 3>&- &
	DOOR=$!
	jt-verify --refused "$run/r" -o "$run/b" "$run/a" 2>"$run/verify.err" 3>&- 9>&- &
	HOUSE=("$!")
	jt-close --voted --verified -k "$JT_DIR/validator.key" -r "$run/f" -o "$run/e" "$run/c" \
	    2>"$run/close.err" 3>&- 9>&- &
	HOUSE+=("$!")
	"$JT_BUILD/tests/stand-in" "$@" "${PUB:-$JT_DIR/validator.pub}" "$run/e" "$run/b" "$run/k" \
	    "$run/c" 2>"$run/vote.err" 3>&- 9>&- &
	HOUSE+=("$!")
	until_true test -s "$run/ready"
}

# Stop it; jt-listen must have said nothing, and ended well.
door_stop() {
	local code=0
	kill "$DOOR"
	wait "$DOOR" || code=$?
	kill "${HOUSE[@]}" 2>/dev/null || true
	wait "${HOUSE[@]}" || true
	DOOR=
	[ "$code" -eq 0 ] || { echo "jt-listen: exit code $code" >&2; return 1; }
	cat "$JT_DIR/run/listen.err" >&2
	[ ! -s "$JT_DIR/run/listen.err" ]
}

teardown() {
	if [ -n "${DOOR:-}" ]; then
		# What they said; shown when the test failed.
		tail -n 30 "$JT_DIR"/run/*.err || true
		{ kill -9 "$DOOR" "${HOUSE[@]}"; wait "$DOOR" "${HOUSE[@]}"; } 2>/dev/null || true
	fi
	lib_teardown
}

# client [ADDRESS] <IN >OUT: send all of IN, then no more; what comes until the
# server closes, or ten minutes nothing does.
client() {
	/usr/bin/python3 -c '
import socket, sys, threading
a = sys.argv[1]
if "/" in a:
    s = socket.socket(socket.AF_UNIX)
    s.connect(a)
else:
    host, port = a.rsplit(":", 1)
    s = socket.create_connection((host, int(port)))
s.settimeout(600)
data = sys.stdin.buffer.read()
def send():
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass
t = threading.Thread(target=send, daemon=True)
t.start()
try:
    while True:
        got = s.recv(65536)
        if not got:
            break
        sys.stdout.buffer.write(got)
except OSError:
    pass
' "${1:-$JT_DIR/sock}"
}

# answers: of the objects of stdin, the states and codes of answers, and the kinds
# of others, on one line.
answers() {
	jt-show -j | sed 's/^{"kind":"jt\/answer\/1","body":{"code":"\([^"]*\)".*"state":"\([^"]*\)".*/\2:\1/
	    s/^{"kind":"jt\/answer\/1".*"state":"\([^"]*\)".*/\1/
	    s/^{"kind":"jt\/\([^"]*\)\/1".*/\1/' | tr '\n' ' '
}

# query WHAT [FIELD: VALUE]: a jt/query.
query() {
	printf 'kind: jt/query/1\nbody: {what: %s%s}\n' "$1" "${2:+, $2}" | jt-pack
}
