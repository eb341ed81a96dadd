#!/usr/bin/python3
# vectors.py DIR: the golden vectors read by somebody else: msgpack and hashlib
# alone, and the formats as the manual has them. Recomputes ids, transaction
# roots, the history and the state's root; prints TAP.
import hashlib
import sys

import msgpack

folder = sys.argv[1]
count = failed = 0


def check(good, what):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what}")


def h(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


class Thing:
    """An object: ["jt/KIND", version, payload], and what is in it."""

    def __init__(self, kind, version, payload):
        self.kind, self.version, self.payload = kind, version, payload
        self.fields = msgpack.unpackb(payload)
        self.body, self.sigs = payload, None
        if set(self.fields) == {"body", "sigs"}:
            self.sigs, self.body = self.fields["sigs"], self.fields["body"]
            self.fields = msgpack.unpackb(self.body)
        self.id = h(f"{kind}/{version}".encode(), b"\0", self.body)
        # Canonical: packed again with keys in order it is the same.
        assert pack(msgpack.unpackb(payload)) == payload, kind
        assert pack(self.fields) == self.body, kind

    def bytes(self):
        return msgpack.packb([self.kind, self.version, self.payload])


def pack(value):
    if isinstance(value, dict):
        assert list(value) == sorted(value, key=lambda k: k.encode())
        for inner in value.values():
            pack(inner)
    return msgpack.packb(value)


def read(name):
    with open(f"{folder}/{name}", "rb") as file:
        return [Thing(*o) for o in msgpack.Unpacker(file, max_buffer_size=1 << 20)]


def merkle(leaves):
    """RFC 9162, 2.1.1, with BLAKE2b-256."""
    if not leaves:
        return h(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return h(b"\1", merkle(leaves[:k]), merkle(leaves[k:]))


def nibble(key, depth):
    return key[depth // 2] >> 4 if depth % 2 == 0 else key[depth // 2] & 15


def state_root(entries, depth=0):
    """entries: {key: entry hash} below a path of this depth."""
    if len(entries) <= 16:
        if not entries and depth:
            return bytes(32)
        return h(b"\2", *(k + entries[k] for k in sorted(entries)))
    children = [{} for _ in range(16)]
    for key, value in entries.items():
        children[nibble(key, depth)][key] = value
    return h(b"\3", *(state_root(c, depth + 1) for c in children))


def state_key(account):
    return h(b"jt/near/1\0", account)[:6] + h(b"jt/entry/1\0", account, b"\0")[:26]


def entry(fields):
    return Thing("jt/account", 1, pack(fields)).bytes()


files = {n: read(n) for n in ("keys.jt", "network.jt", "coin.jt", "stream.jt", "results.jt",
                              "headers.jt", "state.jt", "proofs.jt", "records.jt")}
listed = 0
for line in open(f"{folder}/ids.txt", encoding="ascii"):
    name, number, kind, ident = line.split()
    thing = files[name][int(number) - 1]
    listed += kind == f"{thing.kind}/{thing.version}" and thing.id.hex() == ident
check(listed == sum(1 for _ in open(f"{folder}/ids.txt", encoding="ascii")),
      f"{listed} ids: blake2b(\"jt/KIND/VERSION\" 0x00 body)")

genesis, dealing, accounts = files["network.jt"]
headers = [t for t in files["headers.jt"] if t.kind == "jt/header"]
results = [t.fields for t in files["results.jt"]]
check(all(t.fields["network"] == genesis.id for t in headers), "the network is the genesis's id")

# Transactions: found by id, in the place that their results name.
txs = {t.id: t for t in files["stream.jt"] if t.kind in ("jt/pay", "jt/set")}
for header in headers[1:]:
    number = header.fields["number"]
    here = sorted((r for r in results if r.get("ledger") == number and r["id"] in txs),
                  key=lambda r: r.get("index", 0))
    leaves = [h(b"\0", r["id"],
                h(b"jt/sigs/1\0", *(k + s for k, s in txs[r["id"]].sigs)),
                r["code"].encode()) for r in here]
    root = header.fields["transactions"]
    check(root["count"] == len(leaves) > 1 and root["root"] == merkle(leaves),
          f"the transaction root of ledger {number}: {len(leaves)} leaves")
    before = [h(b"\0", t.id) for t in headers[:number]]
    check(header.fields["history"] == merkle(before), f"its history of {number}")
    check(header.fields["parent"] == headers[number - 1].id, "its parent")
    cut = [t for t in files["stream.jt"] if t.kind == "jt/cut"][number - 1]
    check(header.fields["cut"] == cut.id, "its cut")

# Hash records: their stamps, their place by hash and id, and their tree.
stamps = [t.fields for t in files["stream.jt"] if t.kind == "jt/stamp"]
records = {t.id: t for t in (Thing(*msgpack.unpackb(s["record"])) for s in stamps)}
check(len(records) == len(stamps) == 3 and all(
    h(b"jt/stamp/1\0", s["door"], s["nonce"].to_bytes(8, "big"), ident)[:3] < b"\0\0\x40"
    for s, ident in zip(stamps, records)), "stamps of 18 bits")
for header in headers[1:]:
    number = header.fields["number"]
    here = sorted((r for r in results if r.get("ledger") == number and r["id"] in records),
                  key=lambda r: r.get("index", 0))
    data = [records[r["id"]].fields["hash"] + r["id"] for r in here]
    root = header.fields["records"]
    check(data == sorted(data) and root["count"] == len(data) and
          root["root"] == merkle([h(b"\0", d) for d in data]),
          f"the record root of ledger {number}: {len(data)} leaves")
check(sum(r["code"] == "bad-stamp" for r in results) == 1, "a record without a stamp is refused")

first = {}
for account, balance, seq in accounts.fields["accounts"]:
    fields = {"account": account, "balance": balance}
    if seq:
        fields["seq"] = seq
        used = (1 << min(seq - 1, 63)) - 1
        if used:
            fields["used"] = used
    first[state_key(account)] = h(b"\0", entry(fields))
check(state_root(first) == genesis.fields["state"] == headers[0].fields["state"],
      f"the first state's root: {len(first)} accounts")
now = {state_key(t.fields["account"]): h(b"\0", t.bytes()) for t in files["state.jt"]}
check(state_root(now) == headers[-1].fields["state"], f"the last state's root: {len(now)} accounts")
totals = headers[-1].fields["totals"]
check(totals["coins"] == sum(t.fields["balance"] for t in files["state.jt"]) and
      totals["coins"] + totals["burned"] == genesis.fields["coins"] and
      totals["accounts"] == len(now), "the totals")

# The order in a ledger: accounts by their keyed hash, then seq.
ordered = True
for number, cut in enumerate((t for t in files["stream.jt"] if t.kind == "jt/cut"), 1):
    here = sorted((r for r in results if r.get("ledger") == number and r["id"] in txs),
                  key=lambda r: r.get("index", 0))
    places = [(hashlib.blake2b(txs[r["id"]].fields["from"], digest_size=32,
                               key=cut.fields["salt"]).digest(),
               txs[r["id"]].fields["seq"]) for r in here]
    ordered = ordered and places == sorted(places)
check(ordered, "the order inside ledgers")

# Proofs.
def climb(at, index, count, path, node=b"\1"):
    """RFC 9162, 2.1.3.2; None when the path has another length."""
    last = count - 1
    for beside in path:
        if last == 0:
            return None
        if index % 2 or index == last:
            at = h(node, beside, at)
            while index % 2 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            at = h(node, at, beside)
        index, last = index >> 1, last >> 1
    return at if last == 0 else None


def hashes(data):
    return [data[i:i + 32] for i in range(0, len(data), 32)]


def folded(at, of, digests, path):
    """The hash of the fold that this part of it leads to."""
    leaves = [h(b"\4", d) for d in hashes(digests)]
    level = (len(leaves) - 1).bit_length()

    def root(part):
        k = 1 << (len(part) - 1).bit_length() >> 1
        return part[0] if len(part) == 1 else h(b"\5", root(part[:k]), root(part[k:]))

    top = climb(root(leaves), at >> level, ((of - 1) >> level) + 1, hashes(path), b"\5")
    return h(b"jt/fold/1\0", of.to_bytes(8, "big"), top)


def proven_account(fields, header):
    key = state_key(fields["account"])
    bucket = fields["path"].get("bucket", [])
    nodes = fields["path"].get("nodes", [])
    found = [v for k, v in bucket if k == key]
    held = fields.get("entry")
    good = found == ([h(b"\0", held)] if held else []) and key == fields["key"]
    at = h(b"\2", *(k + v for k, v in bucket)) if bucket or not nodes else bytes(32)
    for depth in reversed(range(len(nodes))):
        n = nibble(key, depth)
        good = good and nodes[depth][32 * n:32 * n + 32] == at
        at = h(b"\3", nodes[depth])
    return good and at == header.fields["state"]


def proven_tx(fields, header):
    tx = Thing(*msgpack.unpackb(fields["tx"]))
    at = h(b"\0", tx.id, h(b"jt/sigs/1\0", *(k + s for k, s in tx.sigs)), fields["code"].encode())
    root = header.fields["transactions"]
    return climb(at, fields["index"], root["count"], fields.get("path", [])) == root["root"]


def in_records(header, hash_, ident, index, path):
    root = header.fields["records"]
    return climb(h(b"\0", hash_, ident), index, root["count"], hashes(path)) == root["root"]


def proven_record(fields, header):
    record = Thing(*msgpack.unpackb(fields["record"]))
    good = in_records(header, record.fields["hash"], record.id, fields["index"],
                      fields.get("path", b""))
    if "fold" in fields:
        good = good and folded(*fields["fold"]) == record.fields["hash"]
    if "since" in fields:
        since = Thing(*msgpack.unpackb(fields["since"]))
        good = good and since.id == record.fields["after"] and since.sigs == []
    return good


def proven_no_record(fields, header):
    index, wanted, good = fields["index"], fields["hash"], True
    for place, side in ((index - 1, "left"), (index, "right")):
        if 0 <= place < header.fields["records"]["count"]:
            beside = fields[side]
            good = good and in_records(header, beside["hash"], beside["id"], place,
                                       beside.get("path", b""))
            good = good and (beside["hash"] < wanted) == (side == "left")
    return good


def proven_ledger(fields, header):
    newer = Thing(*msgpack.unpackb(fields["newer"]))
    return header.sigs == [] and climb(
        h(b"\0", header.id), header.fields["number"], newer.fields["number"],
        hashes(fields["path"])) == newer.fields["history"]


kinds = {"jt/proof-account": proven_account, "jt/proof-tx": proven_tx,
         "jt/proof-record": proven_record, "jt/proof-no-record": proven_no_record,
         "jt/proof-ledger": proven_ledger}
climbed = sum(kinds[p.kind](p.fields, Thing(*msgpack.unpackb(p.fields["header"])))
              for p in files["proofs.jt"])
check(climbed == len(files["proofs.jt"]) > 15, f"{climbed} proofs")
pending, record = files["records.jt"]
check(pending.fields["record"] == record.bytes() and
      folded(*pending.fields["fold"]) == record.fields["hash"], "what waits for a ledger")

# The coin: ristretto255 (RFC 9496), hashing into it and DLEQ (RFC 9497), by the books.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
I = pow(2, (P - 1) // 4, P)
CONTEXT = b"jt-coin-v1-ristretto255-SHA512"


def odd(x):
    return x % P & 1


def root_of(u, v):
    """Is u/v a square, and the root of it, or of I u/v; not odd."""
    r = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    test = v * r * r % P
    square = test in (u % P, -u % P)
    if test in (-u % P, -u * I % P):
        r = r * I % P
    return square, P - r if odd(r) else r


def decode(data):
    s = int.from_bytes(data, "little")
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square, r = root_of(1, v * u2 * u2)
    x = 2 * s * r * u2 % P
    x, y = P - x if odd(x) else x, u1 * r * u2 * r * v % P
    assert s < P and not odd(s) and square and not odd(x * y) and y, "no point"
    return x, y


def encode(point):
    x, y = point
    u1, u2 = (1 + y) * (1 - y) % P, x * y % P
    _, r = root_of(1, u1 * u2 * u2)
    d1, d2 = r * u1 % P, r * u2 % P
    inverse = d1 * d2 * x * y % P
    if odd(x * y * inverse):
        x, y, d2 = y * I % P, x * I % P, d1 * root_of(1, -1 - D)[1] % P
    if odd(x * inverse):
        y = -y
    s = d2 * (1 - y) % P
    return (P - s if odd(s) else s).to_bytes(32, "little")


def add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + a[1] * b[0]) * pow(1 + t, -1, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P) % P)


def times(k, point):
    total = (0, 1)
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def xmd(message, dst):
    dst += bytes([len(dst)])
    first = hashlib.sha512(bytes(128) + message + b"\0\x40\0" + dst).digest()
    return hashlib.sha512(first + b"\1" + dst).digest()


def map_to(data):
    t = int.from_bytes(data, "little") % 2**255
    r = I * t * t % P
    u, v = (r + 1) * (1 - D * D) % P, (-1 - r * D) * (r + D) % P
    square, s = root_of(u, v)
    c, other = P - 1, s * t % P
    if not square:
        s, c = -(P - other if odd(other) else other) % P, r
    n = (c * (r - 1) * (D - 1)**2 - v) % P
    w0, w1 = 2 * s * v % P, -n * root_of(-D - 1, 1)[1] % P  # the odd root
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * pow(w1, -1, P) % P, w2 * pow(w3, -1, P) % P


def to_point(message):
    wide = xmd(message, b"HashToGroup-" + CONTEXT)
    return add(map_to(wide[:32]), map_to(wide[32:]))


def to_scalar(*parts):
    return int.from_bytes(xmd(b"".join(parts), b"HashToScalar-" + CONTEXT), "little") % L


def sized(data):
    return len(data).to_bytes(2, "big") + data


def proven(key, point, share, proof):
    c, s = (int.from_bytes(proof[i:i + 32], "little") for i in (0, 32))
    seed = hashlib.sha512(sized(key) + sized(b"Seed-" + CONTEXT)).digest()
    d = to_scalar(sized(seed), b"\0\0", sized(encode(point)), sized(share), b"Composite")
    m, z = times(d, point), times(d, decode(share))
    t2 = add(times(s, B), times(c, decode(key)))
    t3 = add(times(s, m), times(c, z))
    return 0 < c < L and 0 < s < L and c == to_scalar(
        sized(key), *(sized(encode(p)) for p in (m, z, t2, t3)), b"Challenge")


def at_zero(places):
    """Weights of the values at these places that give the value at zero."""
    for i in places:
        weight = 1
        for k in places:
            if k != i:
                weight = weight * k * pow(k - i, -1, L) % L
        yield weight


def combined(places, points):
    total = (0, 1)
    for weight, point in zip(at_zero(places), points):
        total = add(total, times(weight, decode(point)))
    return encode(total)


B = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
shares = dealing.fields["shares"]
check(genesis.fields["dealing"] == dealing.id and
      all(t.fields["coin"] == dealing.id for t in headers), "the coin is the dealing's id")
pairs = [(i, k) for i in range(1, 5) for k in range(i + 1, 5)]
check({combined(p, [shares[i - 1][2] for i in p]) for p in pairs} == {dealing.fields["coin"]},
      "any two of the four commitments are of the coin's key")
kept = [t.fields for t in files["coin.jt"] if t.kind == "jt/share"]
check([[s[0], s[3]] for s in shares] == [[t["key"], t["sealed"]] for t in kept] and
      all(t["coin"] == dealing.id for t in kept), "shares as they are kept")
for beacon in (t.fields for t in files["coin.jt"] if t.kind == "jt/beacon"):
    name = (b"jt/beacon/1" + genesis.id + bytes(4) + beacon["ledger"].to_bytes(8, "little"))
    check(beacon["network"] == genesis.id and all(
        proven(shares[i - 1][2], to_point(name), s[:32], s[32:]) for i, s in beacon["shares"]),
        f"proofs of the shares in beacon {beacon['ledger']}")
    z = combined([i for i, _ in beacon["shares"]], [s[:32] for _, s in beacon["shares"]])
    check(hashlib.blake2b(b"jt/coin/out/1" + name + z).digest()[:32] == beacon["value"],
          "its value")

# Addresses: base58 of 00, RIPEMD-160(SHA-256(ED key)), four bytes of double SHA-256.
try:
    pub = files["keys.jt"][0].fields["key"]
    ident = hashlib.new("ripemd160", hashlib.sha256(b"\xed" + pub).digest()).digest()
    check(ident in {t.fields["account"] for t in files["state.jt"]}, "the account of a key")
except ValueError:
    check(True, "the account of a key # SKIP this Python has no RIPEMD-160")
print(f"1..{count}")
sys.exit(failed > 0)
