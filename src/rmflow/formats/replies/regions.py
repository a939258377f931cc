"""Whose words stand where in a mail: the author's, ours with answers between, somebody else's."""

from collections.abc import Sequence
from enum import Enum

from rmflow.formats.replies.lines import Line
from rmflow.formats.replies.quote_heads import Head, Owner
from rmflow.formats.replies.subtraction import Known

_LEAST_OURS = 4
_LEAST_SHARE = 0.3


class Place(Enum):
    """What a line is part of.

    AUTHOR: the author wrote it, unless its words are ours. FORM: in the quote of a letter of
    ours; what is new there was typed into it. OTHER: somebody else's. HEAD: introduces a quote.
    """

    AUTHOR = "author"
    FORM = "form"
    OTHER = "other"
    HEAD = "head"


def places(lines: Sequence[Line], known: Sequence[Known], heads: Sequence[Head]) -> list[Place]:
    """Return the place of every line."""
    return _Reader(lines, known, heads).read()


class _Reader:
    """Walks down the lines with the quotes that are open: (depth of their content, owner)."""

    def __init__(
        self, lines: Sequence[Line], known: Sequence[Known], heads: Sequence[Head]
    ) -> None:
        self.lines = lines
        self.known = known
        self.heads = {head.start: head for head in heads}
        self.starts = sorted(self.heads)
        self.open: list[tuple[int, Place]] = []
        self.tail = False

    def read(self) -> list[Place]:
        found: list[Place] = []
        while len(found) < len(self.lines):
            index = len(found)
            head = self.heads.get(index)
            if head is not None:
                self._begin(head)
                found += [Place.HEAD] * (head.end - head.start)
                self.tail |= self.lines[head.end - 1].tail
                continue
            line = self.lines[index]
            if line.tail and not self.tail and line.text:
                self.tail = True
                if not self._head_soon(index):
                    self._open(line.depth, self._compared(index))
            found.append(self._place(index, line))
        return found

    def _place(self, index: int, line: Line) -> Place:
        if not line.text:
            return self._innermost(line.depth) or Place.AUTHOR
        place = self._innermost(line.depth)
        if place is None and line.depth:
            place = self._unannounced(index, line)
            if place is not Place.AUTHOR:
                self._open(line.depth, place)
        return place or Place.AUTHOR

    def _innermost(self, depth: int) -> Place | None:
        """Return the place of the innermost open quote that a line of this depth can be in."""
        for content, place in reversed(self.open):
            if content <= depth:
                return place
        return None

    def _begin(self, head: Head) -> None:
        """Open the quote below a head: as deep as what follows it, or unmarked to the end."""
        depth = self.lines[head.start].depth
        below = next((i for i in range(head.end, len(self.lines)) if self.lines[i].text), None)
        content = depth
        if below is not None and self.lines[below].depth > depth:
            content = depth + 1
        owner = head.owner
        place = {Owner.OURS: Place.FORM, Owner.OTHER: Place.OTHER}.get(owner)
        self._open(content, place or self._compared(head.end))

    def _open(self, content: int, place: Place) -> None:
        """Open a quote; deeper ones are over, one of the same depth is covered."""
        kept = [quote for quote in self.open if quote[0] <= content]
        # Our letter below somebody else's mail has been through their hands: an answer there
        # may be theirs.
        through_others = any(quote[1] is Place.OTHER for quote in kept)
        self.open = [*kept, (content, Place.OTHER if through_others else place)]

    def _unannounced(self, index: int, line: Line) -> Place:
        """Return the place of a quote without a head; an indented paragraph is the author's."""
        place = self._compared(index)
        return Place.AUTHOR if place is Place.OTHER and not line.cited else place

    def _compared(self, start: int) -> Place:
        """Return FORM if enough of what follows, up to the next head, is ours."""
        end = next((i for i in self.starts if i >= start), len(self.lines))
        part = self.known[start:end]
        total = sum(len(line.words) for line in part)
        ours = sum(len(line.words) - line.new for line in part)
        if ours >= _LEAST_OURS and ours >= _LEAST_SHARE * total:
            return Place.FORM
        return Place.FORM if any(line.label and line.ours for line in part) else Place.OTHER

    def _head_soon(self, index: int) -> bool:
        near = [i for i in range(index, len(self.lines)) if self.lines[i].text][:2]
        return any(i in self.heads for i in near)
