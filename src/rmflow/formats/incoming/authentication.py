"""What our own mail server found out about a sender: its Authentication-Results (RFC 8601).

Everybody can write such a header. Ours is the top-most one by the id of our own server; what stands
below the line with which that server took the mail in came with the mail.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rmflow.domain.attribution import Proof
from rmflow.domain.people import Address

NO_ID = "none"  # Microsoft 365 writes its results without an id
_CHARACTERS = 8_000
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z]+\.[a-z0-9-]+)\s*=\s*(\S+)", re.IGNORECASE)
_SPLITS = re.compile(r"[\s;=]")
# What SPF and DKIM say when they have found out nothing.
_SILENT = frozenset({"none", "neutral", "temperror"})
_DMARC_SILENT = frozenset({"none", "temperror", "permerror", "bestguesspass"})
_DOMAINS = {"spf": ("smtp.mailfrom", "smtp.helo"), "dkim": ("header.d", "header.i")}

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of one method, in lower case, with its properties."""

    method: str
    result: str
    properties: dict[str, str]

    def domain(self, *names: str) -> str:
        """Return the domain that the first of these properties names, "" if there is none."""
        text = next((self.properties[name] for name in names if name in self.properties), "")
        return text.strip('"<>').rpartition("@")[2].rstrip(".")


def proof_of(fields: Fields, sender: Address | None, authserv_id: str) -> Proof:
    """Return whether the domain in From is proven, as our own server found.

    `fields` are the headers by lower-case name, top-most first; `authserv_id` is the id that our
    server writes, `NO_ID` if it writes none, "" if nobody has told us.
    """
    if not authserv_id or sender is None:
        return Proof.NONE
    ours = _ours(fields, authserv_id.lower())
    if ours is None:
        return Proof.NONE
    parts = _parts(ours)
    if parts is None:
        return Proof.BAD
    return _judged([*_results(parts)], sender.rpartition("@")[2])


def _judged(results: Sequence[_Result], domain: str) -> Proof:
    """Judge by DMARC; where it is silent, by SPF and DKIM in line with the domain (RFC 7489 3.1).

    Without the list of public suffixes, "in line" is: the same domain, or one below the other.
    """
    dmarc = [r for r in results if r.method == "dmarc" and r.result not in _DMARC_SILENT]
    if dmarc:
        good = all(r.result == "pass" and r.domain("header.from") in ("", domain) for r in dmarc)
        return Proof.GOOD if good else Proof.BAD
    found = [r for r in results if r.method in _DOMAINS and r.result not in _SILENT]
    passed = (r.domain(*_DOMAINS[r.method]) for r in found if r.result == "pass")
    if any(_in_line(each, domain) for each in passed):
        return Proof.GOOD
    return Proof.BAD if found else Proof.NONE


def _in_line(proven: str, domain: str) -> bool:
    if "." not in proven:
        return False
    return proven == domain or proven.endswith(f".{domain}") or domain.endswith(f".{proven}")


def _ours(fields: Fields, authserv_id: str) -> str | None:
    """Return the header that our own server wrote, None if it wrote none."""
    line_of_ours = re.compile(rf"\bby\s+{re.escape(authserv_id)}(?![\w.-])", re.IGNORECASE)
    inside = False
    for name, value in fields:
        if name == "authentication-results":
            if _id_of(value) == authserv_id:
                return value
            if authserv_id == NO_ID:
                return None
        elif name == "received":
            ours = bool(line_of_ours.search(value[:_CHARACTERS]))
            if inside and not ours:
                return None
            inside = inside or ours
    return None


def _id_of(value: str) -> str:
    """Return who wrote the header; `NO_ID` where it begins with a result."""
    parts = _parts(value)
    first = parts[0] if parts else _without_comment(value)
    words = first.split()
    if not words or "=" in first:
        return NO_ID
    return words[0].strip('"').lower()


def _without_comment(value: str) -> str:
    return value[:_CHARACTERS].partition(";")[0].partition("(")[0]


def _results(parts: Sequence[str]) -> Iterator[_Result]:
    for part in parts:
        if match := _RESULT.match(part):
            found = _PROPERTY.findall(part[match.end() :])
            properties = {name.lower(): text.lower() for name, text in reversed(found)}
            yield _Result(match[1].lower(), match[2].lower(), properties)


def _parts(value: str) -> list[str] | None:
    """Return what stands between semicolons, without comments; None if it is not well formed.

    What is quoted cannot begin a result of its own: a sender chooses the words in quotes.
    """
    if len(value) > _CHARACTERS:
        return None
    parts, depth, quoted, escaped = [""], 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
            parts[-1] += _SPLITS.sub("_", char)
        elif depth or char in "()":
            depth += (char == "(") - (char == ")")
            if depth < 0:
                return None
        elif char == ";":
            parts.append("")
        else:
            quoted = char == '"'
            parts[-1] += char
    return None if depth or quoted else parts
