#!/usr/bin/env python3
"""Flips every bit of a small log, of what a site would serve of it, and of a receipt: verify_log.py must notice each.

Usage: tamper_drill.py [RECEIPT KEY]   a receipt made by yifa, and its log's public key
"""
import base64
import functools
import hashlib
import json
import os
import sqlite3
import sys
import tempfile

import verify_log as v

NAME, SECRET = "yifa/1", bytes(range(32))
v.signed_by = functools.lru_cache(None)(v.signed_by)


def sign(text):
    """A signed note, by RFC 8032; returns it and the public key."""

    def pack(p):
        z = pow(p[2], v.P - 2, v.P)
        return ((p[1] * z % v.P) | (p[0] * z % v.P & 1) << 255).to_bytes(32, "little")

    h = hashlib.sha512(SECRET).digest()
    a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
    public, message = pack(v.times(a, v.BASE)), text.encode()
    r = int.from_bytes(hashlib.sha512(h[32:] + message).digest(), "little") % v.L
    point = pack(v.times(r, v.BASE))
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % v.L
    ident = v.sha256(NAME.encode(), b"\n\1", public)[:4]
    blob = base64.b64encode(ident + point + ((r + k * a) % v.L).to_bytes(32, "little")).decode()
    typed = base64.b64encode(b"\1" + public).decode()
    return f"{text}\n— {NAME} {blob}\n", f"{NAME}+{ident.hex()}+{typed}"


def build(folder, n):
    """A log of n entries in the layout of docs/ledger-format.md, with heads at every third size."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(
        "CREATE TABLE orgs (org TEXT, code TEXT, key_text TEXT);"
        "CREATE TABLE entries (org TEXT, seq INT, kind TEXT, case_id TEXT, n INT, subject TEXT, at TEXT, recorded TEXT, actor TEXT, body TEXT, salt BLOB);"
        "CREATE TABLE log_heads (org TEXT, size INT, frontier TEXT);"
        "CREATE TABLE log_nodes (org TEXT, level INT, idx INT, hash BLOB);"
        "CREATE TABLE checkpoints (org TEXT, size INT, note TEXT);"
        "CREATE TABLE evidence (org TEXT, hash TEXT, name TEXT, seq INT)"
    )
    photo = b"\x89PNG photo"
    name = hashlib.sha256(photo).hexdigest()
    os.makedirs(os.path.join(folder, "files", name[:2]))
    with open(os.path.join(folder, "files", name[:2], name), "wb") as file:
        file.write(photo)
    leaves = []
    for seq in range(n):
        body = json.dumps({"files": [name]} if seq == 1 else {"甲": "乙\n"}, ensure_ascii=False, separators=(",", ":"))
        row = (seq, "fact", f"case{seq % 2}" if seq else None, seq or None, "open", "2023-03-06T09:00:00", "2023-03-06T01:00:00.000Z", "甲\t", body)
        salt = v.sha256(bytes([seq]))
        db.execute("INSERT INTO entries VALUES ('t',?,?,?,?,?,?,?,?,?,?)", (*row, salt))
        leaves.append(v.leaf_of(salt, v.canonical("t", row)))
    levels = v.grow(leaves)
    for level, hashes in enumerate(levels):
        db.executemany("INSERT INTO log_nodes VALUES ('t',?,?,?)", [(level, i, h) for i, h in enumerate(hashes)])
    db.execute("INSERT INTO log_heads VALUES ('t',?,?)", (n, " ".join(h.hex() for h in v.edge_of(levels, n))))
    for size in range(n, 0, -3):
        note, key = sign(f"{NAME}\n{size}\n{base64.b64encode(v.root_of(levels, size)).decode()}\n")
        db.execute("INSERT INTO checkpoints VALUES ('t',?,?)", (size, note))
    db.execute("INSERT INTO orgs VALUES ('t','1',?)", (key,))
    db.execute("INSERT INTO evidence VALUES ('t',?,'photo',1)", (name,))
    return db, v.read_key(key), levels


def notices(check):
    try:
        return bool(list(check()))
    except (v.Broken, ValueError, KeyError, TypeError, OSError, sqlite3.Error):
        return True


def flips(data):
    for i in range(8 * len(data)):
        yield bytes(b ^ (1 << i % 8 if at == i // 8 else 0) for at, b in enumerate(data))


def main():
    missed, tried = [], 0

    def must_notice(what, check):
        nonlocal tried
        tried += 1
        if not notices(check):
            missed.append(what)

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as nowhere:
        db, key, levels = build(folder, 8)
        loud, sys.stdout = sys.stdout, nowhere
        log = lambda: v.check_log(db, "t", key, folder, None)
        assert not list(log()), list(log())
        for table, columns in [
            ("entries", "kind case_id n subject at recorded actor body salt seq"),
            ("log_heads", "size frontier"),
            ("log_nodes", "level idx hash"),
            ("checkpoints", "size note"),
            ("evidence", "hash seq"),
        ]:
            for rowid, *cells in db.execute(f"SELECT rowid, {columns.replace(' ', ',')} FROM {table}").fetchall():
                for column, cell in zip(columns.split(), cells):
                    put = f"UPDATE {table} SET {column} = CAST(? AS {'BLOB' if isinstance(cell, bytes) else 'TEXT'}) WHERE rowid = ?"
                    if cell is None or isinstance(cell, int):
                        put = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                        altered = [7] if cell is None else [None, cell + 1, -1, cell + 256]
                    else:
                        data = cell if isinstance(cell, bytes) else cell.encode()
                        altered = [*flips(data), data[:-1], data + b"0", b""]
                    for value in altered:
                        db.execute(put, (value, rowid))
                        must_notice(f"{table}.{column} row {rowid}: {value!r}", log)
                    db.execute(put, (cell, rowid))
        for change in [
            "DELETE FROM entries WHERE seq = 7", "DELETE FROM entries WHERE seq = 3", "DELETE FROM log_nodes WHERE level = 2",
            "UPDATE entries SET seq = 7 - seq", "UPDATE entries SET seq = 9 - seq WHERE seq IN (4, 5)", "DELETE FROM entries", "DELETE FROM log_heads",
            "INSERT INTO entries SELECT org, 8, kind, case_id, n, subject, at, recorded, actor, body, salt FROM entries WHERE seq = 7",
            "INSERT INTO log_nodes VALUES ('t', 4, 0, zeroblob(32))", "UPDATE checkpoints SET note = (SELECT note FROM checkpoints ORDER BY size LIMIT 1)",
        ]:
            db.execute("BEGIN")
            db.execute(change)
            must_notice(change, log)
            db.execute("ROLLBACK")
        for path, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(path, name), "rb") as file:
                    whole = file.read()
                for data in [*flips(whole), whole[:-1], b""]:
                    with open(os.path.join(path, name), "wb") as file:
                        file.write(data)
                    must_notice(f"file {name}: {data!r}", log)
                with open(os.path.join(path, name), "wb") as file:
                    file.write(whole)
        assert not list(log())

        commitments = [v.sha256(v.DOMAIN, row[9], v.canonical("t", row)) for row in db.execute(
            "SELECT seq, kind, case_id, n, subject, at, recorded, actor, body, salt FROM entries ORDER BY seq")]
        note = db.execute("SELECT note FROM checkpoints ORDER BY size DESC").fetchone()[0]
        served = {
            "checkpoint": note.encode(), "tile/0/000.p/8": b"".join(levels[0]),
            "tile/entries/000.p/8": b"".join(b"\0\x20" + c for c in commitments),
        }
        v.get = lambda url: served[url.removeprefix("http://x/log/")]
        site = lambda: v.check_site("http://x", key, note)
        assert not list(site())
        for path, whole in list(served.items()):
            for data in [*flips(whole), whole[:-1], whole + b"\0", b""]:
                served[path] = data
                must_notice(f"{path}: {data!r}", site)
            served[path] = whole
        sys.stdout = loud

    if len(sys.argv) == 3:
        key, text = v.read_key(sys.argv[2]), v.from_file(sys.argv[1]).encode()
        v.check_receipt(text.decode(), key)
        for data in [*flips(text), text[:-1], b""]:
            must_notice(f"receipt: {data!r}", lambda: v.check_receipt(data.decode(), key) and [])
    for what in missed[:20]:
        print(f"not noticed: {what}", file=sys.stderr)
    print(f"{tried - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
