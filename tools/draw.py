#!/usr/bin/env python3
"""Repeats a random draw (随机抽取) from what was published; standard library only, shares no code with yifa.

  draw.py commit SEED LIST.txt N             what to publish before the draw
  draw.py draw SEED PUBLIC LIST.txt N        whom the draw selects
  draw.py check SEED PUBLIC LIST.txt N COMMITMENT RESULT.txt   does the published draw hold?
  draw.py --test                             the vector that the program's own test holds
"""
import hashlib
import sys


def digest(*parts):
    h = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        h.update(str(len(raw)).encode() + b":" + raw + b"\n")
    return h.hexdigest()


def entries(text):
    return sorted({line.strip() for line in text.splitlines() if line.strip()}, key=str.encode)


def commitment(seed, text, wanted):
    return digest("yifa-draw-commitment-v1", seed.strip(), "\n".join(entries(text)), str(wanted))


def drawn(seed, public, text, wanted):
    ranked = sorted((digest("yifa-draw-v1", seed.strip(), public.strip(), e), e) for e in entries(text))
    return [e for _, e in ranked[:wanted]]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(args):
    if args == ["--test"]:
        print(commitment("seed", "a\nb\nc\nd\n", 2))
        print(drawn("seed", "481", "a\nb\nc\nd\n", 2))
    elif len(args) == 4 and args[0] == "commit":
        print(commitment(args[1], read(args[2]), int(args[3])))
    elif len(args) == 5 and args[0] == "draw":
        print("\n".join(drawn(args[1], args[2], read(args[3]), int(args[4]))))
    elif len(args) == 7 and args[0] == "check":
        _, seed, public, path, wanted, promised, result = args
        text, wanted = read(path), int(wanted)
        kept = commitment(seed, text, wanted) == promised.strip().lower()
        right = set(drawn(seed, public, text, wanted)) == set(entries(read(result)))
        print("seed as promised:", kept)
        print("result as computed:", right)
        return 0 if kept and right else 1
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
