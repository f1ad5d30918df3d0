#!/usr/bin/env python3
"""Verify a yifa log, written from docs/ledger-format.md alone; shares no code with yifa and needs nothing but Python.

  verify_log.py receipt FILE --key KEY                 one receipt, offline
  verify_log.py data FOLDER [--key KEY] [--since NOTE] a data folder, read-only
  verify_log.py site URL --key KEY [--since NOTE]      what a site serves under URL/log/

KEY is the log's public key (name+id+base64) or a file that holds it; NOTE a file with an old checkpoint or receipt.
Exit code 0: everything agrees. 1: something does not, one line each. 2: it could not be read.
"""
import argparse
import base64
import hashlib
import json
import os
import sqlite3
import sys
import urllib.request

DOMAIN = b"yifa entry v1\n"


class Broken(Exception):
    """Something does not hold; the message says what."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Ed25519 (RFC 8032), verification only. Points in extended coordinates.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point(data):
    """A point from 32 bytes; refuses what is not canonical, not on the curve, or of small order."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise Broken("public key or signature is no point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        raise Broken("public key or signature is no point")
    if x & 1 != sign:
        x = P - x
    found = (x, y, 1, x * y % P)
    if same(times(8, found), (0, 1, 1, 0)):
        raise Broken("public key or signature is a weak point")
    return found


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = point(BASE_Y.to_bytes(32, "little"))


def signed_by(public, message, signature):
    try:
        r, a = point(signature[:32]), point(public)
    except Broken:
        return False
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return s < L and same(times(s, BASE), add(r, times(k, a)))


# Signed notes.
def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as e:
        raise Broken("not base64") from e
    if base64.b64encode(data).decode() != text:
        raise Broken("not canonical base64")
    return data


def read_key(text):
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise Broken("the key is not name+id+base64")
    typed = unbase64(parts[2])
    ident = sha256(parts[0].encode(), b"\n", typed)[:4]
    if len(typed) != 33 or typed[0] != 1 or ident.hex() != parts[1]:
        raise Broken("the key does not fit its id")
    return parts[0], ident, typed[1:]


def number(text):
    if not (text.isascii() and text.isdigit()) or (len(text) > 1 and text[0] == "0"):
        raise Broken(f"“{text}” is no number")
    return int(text)


def open_note(note, key):
    """Size and root of a checkpoint signed by the key."""
    name, ident, public = key
    text, gap, signatures = note.partition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise Broken("the checkpoint is no signed note")
    text += "\n"
    good = False
    for line in signatures[:-1].split("\n"):
        dash, signer, blob = (line.split(" ") + ["", ""])[:3]
        if dash != "—" or line.count(" ") != 2:
            raise Broken("the checkpoint has a line that is no signature")
        data = unbase64(blob)
        if signer == name and data[:4] == ident:
            if len(data) != 68 or not signed_by(public, text.encode(), data[4:]):
                raise Broken("the checkpoint's signature is wrong")
            good = True
    if not good:
        raise Broken("the checkpoint is not signed by this key")
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != name:
        raise Broken("the checkpoint is of another log")
    root = unbase64(lines[2])
    if len(root) != 32:
        raise Broken("the checkpoint's root is no hash")
    return number(lines[1]), root


# The tree.
def leaf_of(salt, entry):
    return sha256(b"\0", sha256(DOMAIN, salt, entry))


def join(left, right):
    return sha256(b"\1", left, right)


def grow(leaves):
    """All complete subtrees: grow(...)[level][index]."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([join(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return levels


def edge_of(levels, size):
    """Roots of the complete subtrees at the right edge of the first `size` leaves, largest first."""
    edge, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            edge.append(levels[level][start >> level])
            start += 1 << level
    return edge


def root_of(levels, size):
    edge = edge_of(levels, size)
    if not edge:
        return sha256(b"")
    root = edge.pop()
    while edge:
        root = join(edge.pop(), root)
    return root


def included(size, index, leaf, proof, root):
    at, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        return False
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = join(sibling, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = join(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def unhex(text, length=32):
    if not isinstance(text, str) or len(text) != 2 * length or set(text) - set("0123456789abcdef"):
        raise Broken("not a hash in hexadecimal")
    return bytes.fromhex(text)


def check_receipt(text, key):
    try:
        receipt = json.loads(text)
        entry, index = receipt["entry"].encode(), receipt["index"]
        salt, proof = unhex(receipt["salt"]), [unhex(h) for h in receipt["proof"]]
        size, root = open_note(receipt["checkpoint"], key)
        said = json.loads(receipt["entry"])["seq"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise Broken(f"the receipt is damaged: {e!r}") from e
    if len(receipt) != 5 or type(index) is not int or said != index:
        raise Broken("the receipt is damaged: index, or a key that does not belong there")
    if not included(size, index, leaf_of(salt, entry), proof, root):
        raise Broken("the entry is not in the signed log: it, its place or its proof was changed")
    return f"entry {index} stands unchanged in the log of {size} entries"


# The database.
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text):
    return '"' + "".join(ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def canonical(org, row):
    seq, kind, case, n, subject, at, recorded, actor, body = row[:9]
    pairs = [("actor", quote(actor)), ("at", quote(at)), ("body", body)]
    pairs += [] if case is None else [("case", quote(case))]
    pairs += [("kind", quote(kind))]
    pairs += [] if n is None else [("n", str(n))]
    pairs += [("org", quote(org)), ("recorded", quote(recorded)), ("seq", str(seq)), ("subject", quote(subject)), ("v", "1")]
    return ("{" + ",".join(f'"{name}":{value}' for name, value in pairs) + "}").encode()


def files_in(value):
    """Hashes under a key `files`, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (h for h in inner if isinstance(h, str)) if name == "files" and isinstance(inner, list) else files_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from files_in(inner)


def check_log(db, org, key, folder, since):
    """Yields what does not agree."""
    wanted = "seq, kind, case_id, n, subject, at, recorded, actor, body, salt"
    rows = db.execute(f"SELECT {wanted} FROM entries WHERE org = ? ORDER BY seq", (org,)).fetchall()
    leaves, named = [], {}
    for place, row in enumerate(rows):
        try:
            if row[0] != place:
                raise Broken("is missing or out of place")
            if not isinstance(row[9], bytes) or len(row[9]) != 32:
                raise Broken("has no salt of 32 bytes")
            leaves.append(leaf_of(row[9], canonical(org, row)))
            named[place] = set(files_in(json.loads(row[8])))
        except (Broken, TypeError, ValueError) as e:
            yield f"entry {place}: {e}"
            return
    levels = grow(leaves)
    heads = db.execute("SELECT size, frontier FROM log_heads WHERE org = ?", (org,)).fetchall()
    if heads != [(len(rows), " ".join(h.hex() for h in edge_of(levels, len(rows))))]:
        yield f"the head is not that of the {len(rows)} entries read"
    nodes = {(level, at): h for level, at, h in db.execute("SELECT level, idx, hash FROM log_nodes WHERE org = ?", (org,))}
    for level, hashes in enumerate(levels):
        for at, hash_ in enumerate(hashes):
            if nodes.pop((level, at), None) != hash_:
                yield f"entry {at} was changed" if level == 0 else f"node {level}/{at} was changed"
    if nodes:
        yield f"{len(nodes)} tree nodes too many, for example {min(nodes)}"
    notes = db.execute("SELECT size, note FROM checkpoints WHERE org = ? ORDER BY size", (org,)).fetchall()
    for size, note in notes + ([("kept from before", since)] if since else []):
        try:
            told = check_note(note, key, levels, len(rows))
            if size not in (told, "kept from before"):
                raise Broken(f"is of size {told}")
        except (Broken, AttributeError) as e:
            yield f"checkpoint {size}: {e}"
    for hash_, name, seq in db.execute("SELECT hash, name, seq FROM evidence WHERE org = ?", (org,)):
        if hash_ not in named.get(seq, ()):
            yield f"evidence “{name}”: entry {seq} does not name {hash_}"
    for hash_ in sorted(set().union(*named.values()) if named else ()):
        try:
            with open(os.path.join(folder, "files", hash_[:2], hash_), "rb") as file:
                if sha256(file.read()).hex() != hash_:
                    yield f"evidence file {hash_} was changed"
        except OSError:
            yield f"evidence file {hash_} is missing"
    print(f"{org}: read {len(rows)} entries, {len(notes)} checkpoints; root {root_of(levels, len(rows)).hex()}")


def check_note(note, key, levels, n):
    told, root = open_note(note, key)
    if told > n:
        raise Broken(f"covers {told} entries, there are {n}: the end was cut off")
    if root_of(levels, told) != root:
        raise Broken("has another root than the entries: history was rewritten")
    return told


def check_data(folder, key, since):
    path = os.path.join(folder, "yifa.db")
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.execute("BEGIN")
    faults, orgs = [], db.execute("SELECT org, code, key_text FROM orgs ORDER BY org").fetchall()
    for org, code, key_text in orgs:
        try:
            stored = read_key(key_text)
            if stored[0] != f"yifa/{code}":
                raise Broken("the key is of another log")
            if key and stored[0] == key[0] and stored != key:
                raise Broken("the key is not the one you hold")
            mine = since if key is None or stored == key else None
            faults += [f"{org}: {what}" for what in check_log(db, org, stored, folder, mine)]
        except (Broken, AttributeError) as e:
            faults.append(f"{org}: {e}")
    if key and key[0] not in [f"yifa/{code}" for _, code, _ in orgs]:
        faults.append(f"there is no log {key[0]}")
    return faults


# The site.
def tile_path(level, n, width):
    groups = []
    while True:
        n, low = divmod(n, 1000)
        groups.insert(0, f"{low:03}")
        if n == 0:
            break
    path = "/".join(["x" + g for g in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + ("" if width == 256 else f".p/{width}")


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def check_site(url, key, since):
    """Yields what does not agree. Reads every tile and every entry bundle."""
    base = url.rstrip("/") + "/log/"
    size, root = open_note(get(base + "checkpoint").decode(), key)
    leaves = []
    for n in range((size + 255) // 256):
        width = min(256, size - 256 * n)
        bundle = get(base + tile_path("entries", n, width))
        for _ in range(width):
            length = int.from_bytes(bundle[:2], "big")
            entry, bundle = bundle[2 : 2 + length], bundle[2 + length :]
            if length != 32 or len(entry) != 32:
                raise Broken(f"bundle {n} holds something else than commitments")
            leaves.append(sha256(b"\0", entry))
        if bundle:
            raise Broken(f"bundle {n} is too long")
    levels, tiles, level = grow(leaves), 0, 0
    while size >> (8 * level):
        whole = size >> (8 * level)
        for n in range((whole + 255) // 256):
            width = min(256, whole - 256 * n)
            tiles += 1
            if get(base + tile_path(level, n, width)) != b"".join(levels[8 * level][256 * n : 256 * n + width]):
                yield f"tile {tile_path(level, n, width)} does not agree with the entries"
        level += 1
    if root_of(levels, size) != root:
        yield "the signed root is not that of the entries served"
    if since:
        check_note(since, key, levels, size)
    print(f"{key[0]}: read {size} entries, {tiles} tiles; root {root.hex()}")


def note_in(text):
    """A checkpoint from a file that holds it, or a receipt that holds it."""
    return json.loads(text)["checkpoint"] if text.lstrip().startswith("{") else text


def from_file(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=["receipt", "data", "site"])
    options.add_argument("where")
    options.add_argument("--key")
    options.add_argument("--since")
    asked = options.parse_args()
    try:
        key = asked.key and read_key(from_file(asked.key) if os.path.exists(asked.key) else asked.key)
        since = asked.since and note_in(from_file(asked.since))
        if asked.what != "data" and not key:
            options.error("--key is needed: nothing is proved by a key that comes with what it signs")
        if asked.what == "receipt":
            print(check_receipt(from_file(asked.where), key))
            faults = []
        else:
            faults = list((check_data if asked.what == "data" else check_site)(asked.where, key, since))
    except Broken as e:
        faults = [str(e)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, sqlite3.Error) as e:
        print(f"cannot be read: {e}", file=sys.stderr)
        return 2
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print("all that was read agrees: unchanged since it was recorded. That does not say it is true.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
