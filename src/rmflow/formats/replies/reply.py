"""A reply: what its author wrote now, without what they quoted.

We know what we sent, so we subtract it; where the quote begins is found by our own address;
what is left between the lines of our form was typed there (INBOUND section 2.4).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from rmflow.domain.form import Form
from rmflow.domain.reading import ReadingStatus
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.incoming.parts import Body
from rmflow.formats.replies.html_lines import html_lines
from rmflow.formats.replies.labels import labels_of
from rmflow.formats.replies.lines import CUT, MOST_LINES, Line, Page, plain_lines
from rmflow.formats.replies.mail_words import ATTRIBUTION_WITHIN, attribution_verb
from rmflow.formats.replies.quote_heads import Ourselves, heads
from rmflow.formats.replies.regions import Place, places
from rmflow.formats.replies.signature import MARKS, Ending, is_banner, is_notice
from rmflow.formats.replies.subtraction import RUN, Known, compare, has_symbol
from rmflow.formats.replies.words import words

_MOST_ELIDED = 10_000
_DISAGREEMENT = 0.2
_LOST_WORDS = 5
# Pictures and links that clients put in brackets when they turn HTML into text.
_NOISE = re.compile(
    r"\[(?:cid:|image:|img:|bild:|inline image|https?://|data:)[^\]\n]{0,500}\]|<(?:https?://|mailto:|tel:)[^<>\s]{0,500}>",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_NO_WORDS = frozenset(("", *MARKS))
_PRIVATE = re.compile(r"(?<!\w)#private\b", re.IGNORECASE)
_PRIVATE_ALONE = re.compile(r"\W*#private\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """A line of a reply that is the author's. `label` True: it begins with a label of ours.

    `gap`: other words of ours stood between it and the line before; what was said above does
    not go on here. `inside`: it stood in the quoted letter.
    """

    text: str
    label: bool = False
    gap: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Extract:
    """What is new in a mail. `elided`: other people's words that were left out; never ours,
    never a private paragraph. `why` says in plain words what is doubtful about it. `partial`:
    not all of the mail could be read, whatever was found.
    """

    text: str
    elided: str
    status: ReadingStatus
    lines: tuple[ReplyLine, ...] = ()
    why: str = ""
    partial: bool = False


def new_text(
    mail: IncomingMail,
    originals: Sequence[str],
    own_addresses: Iterable[str],
    own_names: Iterable[str],
    forms: Iterable[Form] = (),
) -> Extract:
    """Return the author's own new words.

    `originals` are the texts of all letters we sent this person about the matter: reminders
    quote requests. `forms` are what may be answered: below a signature, too. OK: these are the words. EMPTY: there are none. REVIEW: words may have been
    lost or may be somebody else's.
    """
    ourselves = Ourselves.of(tuple(own_addresses), tuple(own_names))
    name = frozenset(words(mail.sender.name)) if mail.sender else frozenset()
    end = Ending(name, tuple(map(labels_of, forms)))
    best = _extract(mail.parts.rich, originals, ourselves, end)
    other = mail.parts.plain and mail.parts.plain != mail.parts.rich
    if not best.text and not best.partial and other:
        best = _extract(mail.parts.plain, originals, ourselves, end)
    elif best.text and best.status is ReadingStatus.OK and _disagree(best, mail.parts.plain):
        why = "The mail says different things as text and as HTML."
        best = Extract(best.text, best.elided, ReadingStatus.REVIEW, best.lines, why)
    return best


def body_lines(bodies: Iterable[Body]) -> Page:
    """Return the lines of bodies, one after the other."""
    found: list[Line] = []
    doubt = ""
    for body in bodies:
        if found:
            found.append(Line(""))
        if body.html:
            page = html_lines(body.text)
        else:
            page = plain_lines(body.text, flowed=body.flowed, delsp=body.delsp)
        found += page.lines
        doubt = doubt or page.doubt
    return Page(found[:MOST_LINES], doubt or (CUT if len(found) > MOST_LINES else ""))


def _extract(
    bodies: Sequence[Body], originals: Sequence[str], ourselves: Ourselves, end: Ending
) -> Extract:
    page = body_lines(bodies)
    lines = list(_cleaned(page.lines))
    ours = (*originals, "\n\n".join(ourselves.names))  # our name stands above every letter
    known = compare([_without_links(line.text) for line in lines], ours)
    where = places(lines, known, heads(lines, known, ourselves))
    kept = _kept(lines, known, where, has_labels=any(line.open for line in known))
    notices = _notices(lines, known, where)
    kept -= notices
    _drop_trimmings(lines, where, kept, end)
    private = _private(lines, known)
    left_out = [
        index
        for index, line in enumerate(known)
        if line.new
        and index not in kept
        and index not in private
        and where[index] is not Place.HEAD
    ]
    lost = sum(
        known[index].new
        for index in left_out
        if where[index] is Place.FORM
        and index not in notices
        and not lines[index].signature
        and not is_banner(lines[index].text)
    )
    found = _reply_lines(lines, known, where, kept - private)
    elided = "\n".join(lines[index].text for index in left_out)[:_MOST_ELIDED]
    others = any(where[index] is Place.OTHER for index in left_out)
    extract = _judged(found, elided, lost=lost, others=others, private=bool(private & kept))
    if page.doubt:
        return replace(extract, status=ReadingStatus.REVIEW, why=page.doubt, partial=True)
    return extract


@lru_cache(maxsize=2048)
def _without_links(text: str) -> str:
    return _LINK.sub(" ", text) if "//" in text or "www." in text.lower() else text


def _cleaned(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines without bracketed pictures and links; an attribution after words is its own."""
    for line in lines:
        texts = _pieces(line.text) if line.text else (line.text,)
        if texts == (line.text,):
            yield line
        else:
            yield from map(line.saying, texts)


# Cached, as all that is asked of a line alone: most lines of most mails are those of our letters.
@lru_cache(maxsize=2048)
def _pieces(text: str) -> tuple[str, ...]:
    """Return a line without bracketed pictures and links, cut before an attribution in it."""
    if "[" in text or "<" in text:
        text = _NOISE.sub("", text).strip()
    if (
        _DIGIT.search(text)
        and (split := ATTRIBUTION_WITHIN.search(text))
        and attribution_verb(text) is not None
    ):
        return text[: split.start()], text[split.end() :]
    return (text,)


def _kept(
    lines: Sequence[Line], known: Sequence[Known], where: Sequence[Place], *, has_labels: bool
) -> set[int]:
    """Return the lines that are the author's: new ones, and labels of ours above new ones."""
    kept: set[int] = set()
    copied = _copied(known)
    started = not has_labels
    label: list[int] = []  # the lines of the bare label we stand below
    for index, (line, seen, place) in enumerate(zip(lines, known, where, strict=True)):
        if place in (Place.OTHER, Place.HEAD):
            label = []
            continue
        if not line.text:
            continue
        if place is Place.FORM:
            started |= seen.open or (not has_labels and seen.ours)
        if seen.bare:
            label = [index] if seen.open else []
        elif _is_new(line, seen, place, copied=index in copied) and (
            started or place is Place.AUTHOR
        ):
            kept.add(index)
            kept.update([] if seen.label else label)
            label = []
        elif seen.ours:
            label = [*label, index] if label and known[label[-1]].broken else []
    return kept


def _copied(known: Sequence[Known]) -> set[int]:
    """Return the lines of ours that stand together with a longer one: somebody copied the letter."""
    said = [index for index, line in enumerate(known) if line.words]
    found: set[int] = set()
    for ours, group in groupby(said, key=lambda index: known[index].ours):
        run = list(group)
        if ours and any(len(known[index].words) >= RUN for index in run):
            found.update(run)
    return found


def _is_new(line: Line, seen: Known, place: Place, *, copied: bool) -> bool:
    """Return whether a line has something to say that is not ours."""
    if not seen.words:  # a link, an emoji; but no drawn line
        link = place is Place.AUTHOR and any(map(str.isalnum, line.text))
        return link or has_symbol(line.text)
    # A few words of the author's own may well be words of ours.
    short = place is Place.AUTHOR and not seen.label and len(seen.words) < RUN and not copied
    return (short or seen.new > 0) and not is_banner(line.text)


def _notices(lines: Sequence[Line], known: Sequence[Known], where: Sequence[Place]) -> set[int]:
    """Return the lines of notices below our form, where a company's gateway appends them."""
    found: set[int] = set()
    last = next((i for i in range(len(known) - 1, -1, -1) if known[i].ours), len(lines))
    below = range(last + 1, len(lines))
    for typed, group in groupby(below, lambda i: where[i] is Place.FORM and bool(lines[i].text)):
        paragraph = list(group)
        if typed and is_notice(" ".join(lines[i].text for i in paragraph)):
            found.update(paragraph)
    return found


def _drop_trimmings(
    lines: Sequence[Line], where: Sequence[Place], kept: set[int], end: Ending
) -> None:
    """Take signatures out of each stretch of the author's own lines."""
    marked = {i for i in kept if lines[i].signature}
    typed = len(marked) == len(kept) and end.answers_in([lines[i].text for i in sorted(marked)])
    if not typed:  # answers, into the signature
        kept -= marked
    for author, group in groupby(range(len(lines)), key=lambda i: where[i] is Place.AUTHOR):
        if not author:
            continue
        stretch = [i for i in group if i in kept or lines[i].text in _NO_WORDS]
        if stretch:
            kept -= set(stretch[end.cut([lines[i].text for i in stretch]) :])


def _private(lines: Sequence[Line], known: Sequence[Known]) -> set[int]:
    """Return the lines of paragraphs that are marked #private, wherever they stand.

    A mark that stands alone is meant for the paragraph below it. Our own sentence that
    explains the mark is not a mark.
    """
    found: set[int] = set()
    marked_lines = [index for index, line in enumerate(lines) if "#" in line.text]
    if all(known[index].ours for index in marked_lines):
        return found
    below_mark = False
    for paragraph in _paragraphs(lines, known):
        texts = [lines[i].text for i in paragraph if not known[i].ours]
        marked = any(map(_PRIVATE.search, texts))
        if marked or below_mark:
            found.update(paragraph)
        below_mark = marked and all(map(_PRIVATE_ALONE.fullmatch, texts))
    return found


def _paragraphs(lines: Sequence[Line], known: Sequence[Known]) -> Iterator[list[int]]:
    """Yield the lines of each paragraph. A label of ours and a change of depth begin a new one."""
    paragraph: list[int] = []
    for index, line in enumerate(lines):
        goes_on = paragraph and line.text and line.depth == lines[paragraph[-1]].depth
        if paragraph and not (goes_on and not known[index].label):
            yield paragraph
            paragraph = []
        if line.text:
            paragraph.append(index)
    if paragraph:
        yield paragraph


def _reply_lines(
    lines: Sequence[Line], known: Sequence[Known], where: Sequence[Place], kept: set[int]
) -> tuple[ReplyLine, ...]:
    """Return the author's lines in order, with single empty lines where there were some."""
    found: list[ReplyLine] = []
    blank = gap = bare = False
    for index, line in enumerate(lines):
        if not line.text:
            blank = True
        elif index not in kept:
            gap |= known[index].ours or where[index] is Place.HEAD
            blank = True
        else:
            if found and blank and not bare:
                found.append(ReplyLine(""))
            label, bare = bool(known[index].label), known[index].bare
            found.append(ReplyLine(line.text, label, gap, where[index] is Place.FORM))
            blank = gap = False
    return tuple(found)


def _judged(
    lines: tuple[ReplyLine, ...], elided: str, *, lost: int, others: bool, private: bool
) -> Extract:
    text = "\n".join(line.text for line in lines)
    if lost >= _LOST_WORDS:
        why = "Something was written into our quoted mail, above its first question."
        return Extract(text, elided, ReadingStatus.REVIEW, lines, why)
    if text:
        return Extract(text, elided, ReadingStatus.OK, lines)
    if others and not private:
        why = "The mail holds other people's words only; it may have been forwarded."
        return Extract(text, elided, ReadingStatus.REVIEW, lines, why)
    return Extract(text, elided, ReadingStatus.EMPTY, lines)


def _disagree(extract: Extract, plain: Sequence[Body]) -> bool:
    """Return whether the words found in the HTML are missing from the text of the same mail."""
    text = " ".join(body.text for body in plain)
    if not text.strip() or any(body.html for body in plain):
        return False
    if _stands_in(extract.lines, text):
        return False
    theirs = frozenset(words(text))
    if len(theirs) < 10:  # "This message requires HTML."
        return False
    ours = [word for word in words(_LINK.sub(" ", extract.text)) if len(word) > 1]
    missing = sum(word not in theirs for word in ours)
    return missing > max(2, _DISAGREEMENT * len(ours))


def _stands_in(lines: Iterable[ReplyLine], text: str) -> bool:
    """Return whether each line stands in the text, however it is broken: most do, and it is quick."""
    said = f" {' '.join(text.split())} "
    return all(f" {line.text} " in said for line in lines if line.text)
