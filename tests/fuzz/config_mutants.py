"""Mutated configurations: the operator's three files, bent."""

from functools import cache
from pathlib import Path

from mutants import ends_changed, lines_changed, mutant

import office

_FILES = Path(__file__).parents[2] / "config"
_TOKENS = (
    *(text.encode() for text in (
        "[", "]", "[[", "]]", "[[" * 300, "{" * 300, "=", '"', "'", '"""', "#", ",", ".", "x.y.z = 1", "[programme]", "[programme.x]",
        "true", "nan", "inf", "-1", "0", "1e999", "9" * 5_000, "0x" + "f" * 5_000, "1979-05-27", "9999-12-31T23:59:60Z", "0000-00-00",
        '"\\ud800"', '"\\u0000"', '"\\U0010ffff"', '"file:/etc/passwd"', '"env:HOME"', '"file:"', '"../../.."', '"http://a.example"', '"sqlite:///"',
        '"postgresql://a@b/c"', '"Europe/Nowhere"', '"x" * 9', "kind = 'google'", "kind = 'graph'", "kind = 'nonsense'", "secret = 'short'",
    )),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"\x1b[2J"),
)  # fmt: skip


@cache
def _seeds(name: str) -> tuple[bytes, ...]:
    sample = (_FILES / name).read_bytes()
    if name != "programme.toml":
        return (sample[:6_000],)
    small = office._CONFIG.format(programme="", calendar="imip", clock="2026-11-03T09:00:00+01:00")
    return sample, *(small.encode(),) * 5


def mutated_file(name: str, number: int) -> bytes:
    """Return mutant `number` of one of the operator's files."""
    return mutant(number, _seeds(name), (lines_changed, ends_changed), _TOKENS)
