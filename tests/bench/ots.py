#!/usr/bin/python3
# ots.py COUNT: nanoseconds that python3-opentimestamps takes for each proof of a
# tree over so many digests, from the digests to the bytes, and the bytes of each.
import hashlib
import os
import sys
import time

from opentimestamps.core.notary import PendingAttestation
from opentimestamps.core.op import OpAppend, OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import (DetachedTimestampFile, Timestamp,
                                           make_merkle_tree)

count = int(sys.argv[1])
digests = [hashlib.sha256(b"%d" % i).digest() for i in range(count)]
start = time.monotonic_ns()
files = [DetachedTimestampFile(OpSHA256(), Timestamp(d)) for d in digests]
leaves = [f.timestamp.ops.add(OpAppend(os.urandom(16))).ops.add(OpSHA256()) for f in files]
tip = make_merkle_tree(leaves)
tip.attestations.add(PendingAttestation("https://calendar.example"))
size = 0
for f in files:
    ctx = BytesSerializationContext()
    f.serialize(ctx)
    size += len(ctx.getbytes())
print((time.monotonic_ns() - start) // count, size // count)
