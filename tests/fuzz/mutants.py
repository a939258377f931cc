"""Mutants: bytes bent, cut, doubled and mixed with what has broken readers before.

Each is made from a number, and the same number makes the same mutant again.
"""

from collections.abc import Callable, Sequence
from random import Random

Change = Callable[[bytes, Random], bytes]

MOST_BYTES = 400_000
_FLOODS = (50, 500, 5_000)


def mutant(
    number: int, seeds: Sequence[bytes], changes: Sequence[Change], tokens: Sequence[bytes]
) -> bytes:
    """Return mutant `number`: a seed after one to six changes, at most 400 kB."""
    chance = Random(number)
    content = chance.choice(seeds)
    for _ in range(1 + int(chance.random() ** 2 * 6)):
        if changes and chance.random() < 0.4:
            content = chance.choice(changes)(content, chance)
        else:
            content = bent(content, chance, seeds, tokens)
    return content[:MOST_BYTES]


def bent(content: bytes, chance: Random, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """Return the bytes after one change that knows nothing of their meaning."""
    at, to = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    piece = content[at : min(to, at + chance.choice((1, 4, 40, 4_000)))]
    token = chance.choice(tokens)
    match chance.randrange(9):
        case 0:
            return content[:at] + chance.randbytes(chance.choice((1, 2, 8))) + content[at + 1 :]
        case 1:
            return content[:at] + content[at + len(piece) :]
        case 2:
            return content[:at] + piece + content[at:]
        case 3:
            return content[:at] + token + content[at:]
        case 4:
            return content[:at] + token + content[at + len(token) :]
        case 5:
            other = chance.choice(seeds)
            return content[:at] + other[chance.randrange(len(other) + 1) :]
        case 6:
            return content[:at] if chance.random() < 0.3 else content[:at] + content[to:]
        case 7 if chance.random() < 0.3:
            unit = chance.choice((token, piece[:40], b"\n" + token)) or b"x"
            return content[:at] + unit * chance.choice(_FLOODS) + content[at:]
        case _:
            word = chance.choice(content.split() or [b""])
            return content.replace(word, token, chance.choice((1, 3, -1))) if word else content


def lines_changed(content: bytes, chance: Random) -> bytes:
    """Return the bytes with a line moved, doubled or dropped."""
    lines = content.splitlines(keepends=True) or [b""]
    at = chance.randrange(len(lines))
    line = lines.pop(at) if chance.random() < 0.6 else lines[at]
    for _ in range(chance.choice((0, 1, 1, 3))):
        lines.insert(chance.randrange(len(lines) + 1), line)
    return b"".join(lines)


def ends_changed(content: bytes, chance: Random) -> bytes:
    """Return the bytes with other line ends."""
    ends = (b"\n", b"\r", b"\r\n", b"\r\r\n", b"\xe2\x80\xa8", b"\x85")
    return content.replace(b"\r\n", b"\n").replace(b"\n", chance.choice(ends))


def coded_anew(content: bytes, chance: Random) -> bytes:
    """Return the text in another encoding than it says."""
    names = ("utf-16", "utf-16-le", "cp1252", "utf-8-sig", "utf-7", "shift_jis", "cp037")
    return content.decode("utf-8", "replace").encode(chance.choice(names), "replace")
