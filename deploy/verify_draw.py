#!/usr/bin/env python3
"""Checks a Junban draw from saved room facts: an implementation of src/draw/DRAW.md that shares no code with the gateway.

    verify_draw.py FILE [NUMBER]     exit 0 honest (and the place of NUMBER), 1 not, 2 unreadable
    verify_draw.py list DRAWN SEED   SHA-256 of all places by number, each as 4 bytes little endian

Python 3.8 or later, standard library only. It takes the signature of a drand round as given: `junban verify-draw` checks it.
"""
import hashlib, json, sys
from array import array
from datetime import datetime

CHAINS = {  # hash: (genesis, period), both in seconds
    "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971": (1692803367, 3),
    "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce": (1595431050, 30),
}
text, number, sha256 = str.encode, (lambda n: n.to_bytes(8, "big")), (lambda data: hashlib.sha256(data).digest())

def digest(*fields):
    return sha256(b"".join(len(field).to_bytes(4, "big") + field for field in fields)).hex()

def unhex(digits):  # lower case only, as DRAW.md says: fromhex would take more than one text for the same bytes
    if (data := bytes.fromhex(digits)).hex() == digits:
        return data
    raise ValueError(f"{digits} is not lower-case hex")

def only(fields, names, **values):  # anything else makes the facts unreadable
    if unknown := [name for name in fields if name not in names.split() or fields[name] != values.get(name, fields[name])]:
        raise ValueError(f"{unknown} is of no known form")
    return fields

def place(index, drawn, seed):
    for turn in range(90):
        head = seed + bytes([turn])
        flip = (int.from_bytes(sha256(head)[:8], "little") - index) % drawn
        top = max(index, flip)
        block = sha256(head + (top // 256).to_bytes(4, "little"))
        index = flip if block[top % 256 // 8] >> top % 8 & 1 else index
    return index

def places(drawn, seed):
    places = list(range(drawn))  # the place that each number has after the rounds so far; all numbers move together
    for head in (seed + bytes([turn]) for turn in range(90) if drawn):
        pivot = int.from_bytes(sha256(head)[:8], "little") % drawn
        blocks = (sha256(head + block.to_bytes(4, "little")) for block in range(drawn // 256 + 1))
        bits = [byte >> bit & 1 for block in blocks for byte in block for bit in range(8)]
        moved = [flip if bits[max(at, flip)] else at for at, flip in ((at, (pivot - at) % drawn) for at in range(drawn))]
        places = [moved[at] for at in places]
    return places

def check(facts):
    draw, proof = only(facts["draw"], "commitment announced drawn proof"), facts["draw"]["proof"]
    if proof is None and draw["drawn"] is not None:
        return (yield "reveal", False)
    only(proof, "v room startsAt commitment secret randomness drawn seed", v=1)
    randomness, _ = proof["randomness"], [unhex(digits) for digits in (draw["commitment"], proof["commitment"], proof["seed"])]
    kind, announced = randomness["kind"], randomness.get("announced", randomness)
    only(randomness, {"none": "kind announced", "figure": "kind named value"}.get(kind, "kind chain round signature previousSignature"))
    unhex(randomness.get("previousSignature", ""))
    if randomness.get("announced", {}).get("kind") == "none":  # only what was announced can fail to come
        raise ValueError("the fallback names nothing that it fell back from")
    name = {"none": lambda: [], "figure": lambda: [text(announced["named"])], "drand": lambda: [unhex(announced["chain"])]}
    named = [text(announced["kind"]), *name[announced["kind"]]()]
    start = datetime.strptime(proof["startsAt"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    outcome = [text(kind)]
    if kind == "figure":
        outcome += [text(randomness["value"])]
    if kind == "drand":
        genesis, period = CHAINS.get(randomness["chain"], (float("inf"), 1))
        yield "randomness", genesis + (randomness["round"] - 1) * period >= start + 1
        outcome += [number(randomness["round"]), sha256(unhex(randomness["signature"]))]
    meant = {key: announced[key] for key in ("kind", "chain", "named") if key in announced}
    yield "randomness", draw.get("announced", meant) == meant
    room, secret = text(proof["room"]), unhex(proof["secret"])
    yield "room", facts["room"] == proof["room"] and facts["startsAt"] in (None, proof["startsAt"])
    yield "commitment", draw["commitment"] == proof["commitment"] == digest(text("junban/draw/commitment/v1"), room, secret, *named)
    yield "drawn", draw["drawn"] == proof["drawn"]
    parts = [room, text(proof["startsAt"]), secret, *named, *outcome, number(proof["drawn"])]
    yield "seed", proof["seed"] == digest(text("junban/draw/seed/v1"), *parts)

if __name__ == "__main__":
    if sys.argv[1:2] == ["list"]:
        listed = array("I", places(int(sys.argv[2]), unhex(sys.argv[3])))
        listed.byteswap() if sys.byteorder == "big" else None
        sys.exit(print(sha256(listed.tobytes()).hex()))
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            facts = json.load(file)
        failed = [step for step, holds in check(facts) if not holds]
        proof = facts["draw"]["proof"]
        drew = [place(int(asked), proof["drawn"], unhex(proof["seed"])) for asked in sys.argv[2:3] if not failed]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as problem:
        sys.exit(print(f"UNREADABLE: {problem!r}") or 2)
    print(f"NOT HONEST at step: {', '.join(failed)}" if failed else f"HONEST, randomness: {proof['randomness']['kind']}", *drew)
    sys.exit(1 if failed else 0)
