r"""Content lines of iCalendar (RFC 5545 section 3.1), read and written to the letter.

`icalendar` takes a backslash in a parameter for an escape, which parameters do not have, and the
text `\N` for a line break; a name or a path with one of them came back as another.
"""

import re

from icalendar.parser import Contentline, Contentlines, Parameters, rfc_6868_unescape
from icalendar.prop import vText

_FOLD = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_PARAMETER = re.compile(rf";([A-Za-z0-9-]+)=({_VALUE}(?:,{_VALUE})*)")
_SINGLE = re.compile(rf"(?:^|,)({_VALUE})")
# RFC 5545 section 3.1: no control characters in values; a bare CR ends a line for some readers.
# Half a character, as JSON can bring one, is none.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Line(Contentline):
    """A line by the grammar; one that breaks it gets what tolerance `icalendar` has."""

    __slots__ = ()

    def raw_parts(self) -> tuple[str, Parameters, str]:
        """Return name, parameters and the value as it stands."""
        name = _NAME.match(self)
        at = name.end() if name else 0
        parameters = Parameters()
        while found := _PARAMETER.match(self, at):
            singles = [rfc_6868_unescape(s.strip('"')) for s in _SINGLE.findall(found[2])]
            parameters[found[1]] = singles[0] if len(singles) == 1 else singles
            at = found.end()
        if name is None or self[at : at + 1] != ":":
            return super().raw_parts()
        return name[0], parameters, self[at + 1 :]


class Text(vText):
    """A TEXT value (RFC 5545 section 3.3.11) without control characters."""

    def to_ical(self) -> bytes:
        """Return the escaped value."""
        escaped = re.sub(r"([\\;,])", r"\\\1", plain(self))
        return escaped.replace("\n", "\\n").encode()


def lines_of(text: str) -> Contentlines:
    """Return the unfolded lines of a text."""
    unfolded = _FOLD.sub("", text)
    return Contentlines(
        Line(line)  # type: ignore[no-untyped-call]
        for line in re.split(r"\r?\n", unfolded)
        if line
    )


def plain(text: str) -> str:
    """Return the text with LF as its only line end and TAB as its only other control character."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
