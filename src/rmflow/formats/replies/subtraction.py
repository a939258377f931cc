"""What of a reply we wrote ourselves: its words compared with the letters it may quote.

Four words in a row that stand so in one paragraph of ours are ours, wherever the client wrapped
them. Runs never reach from one of our paragraphs into the next: between two labels stands an
answer, and a bare "5" there must not be taken for the "5" that ends "(1-5)". A set of such runs
takes linear time; difflib, which aligns in order, is quadratic and finds less after reordering.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rmflow.formats.replies.words import Words, words

RUN = 4
MOST_WORDS = 3_000
_MOST_LABEL_WORDS = 10
_NO_LABEL: "tuple[Words, frozenset[Words]]" = ((), frozenset())
# A colon that ends a label: not the one of a clock or of an address in the web.
COLON = re.compile(r"[ \u00a0\u202f]?[:：](?![\d/])")
_PARENTHESIS = re.compile(r"[(（][^()（）]{0,200}[)）]")


@dataclass(frozen=True, slots=True)
class Original:
    """A letter we sent, prepared. `labels` are the words before a colon, each with the words
    after it on that line; `after` the beginning of whatever follows each label.
    """

    runs: frozenset[Words]
    lines: frozenset[Words]
    labels: dict[Words, frozenset[Words]]
    after: dict[Words, frozenset[str]]  # only for labels that end their line: room for an answer


@dataclass(slots=True)
class Known:
    """One line of a mail, compared. `new` are the positions of words that are not ours.

    `label`: it begins with a label of ours, `bare`: and holds nothing else that is new.
    `open`: in our letter the label ends its line, so an answer may stand below it. `broken`:
    the line ends within our hint, which goes on in the next one.
    """

    words: Words
    new: int
    label: Words = ()
    open: bool = False
    broken: bool = False

    @property
    def bare(self) -> bool:
        """A label of ours without an answer on its line."""
        return bool(self.label) and not self.new

    @property
    def ours(self) -> bool:
        """Every word is ours, and there is one."""
        return bool(self.words) and not self.new


@lru_cache(maxsize=512)
def prepared(text: str) -> Original:
    """Return a letter prepared for comparison. Cached: reminders and merges quote it again."""
    lines = [line for line in text.splitlines() if words(line)]
    labels: dict[Words, set[Words]] = {}
    after: dict[Words, set[str]] = {}
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        label, rest = label_of(line)
        if label:
            labels.setdefault(label, set()).add(rest)
        if label and _ends_label(line):
            after.setdefault(label, set()).update(words(following)[:1])
    paragraphs = [_runs(paragraph) for paragraph in _paragraphs(text)]
    said = (whole for whole, _ in paragraphs)
    return Original(
        frozenset[Words]().union(*(runs for _, runs in paragraphs)),
        frozenset([*said, *(words(line) for line in lines)]) - {()},
        {label: frozenset(rests) for label, rests in labels.items()},
        {label: frozenset(firsts) for label, firsts in after.items()},
    )


@lru_cache(maxsize=2048)
def _runs(paragraph: str) -> tuple[Words, frozenset[Words]]:
    """Return the words of a paragraph and its runs. Cached: letters share their templates."""
    said = words(paragraph)
    return said, frozenset(said[i : i + RUN] for i in range(len(said) - RUN + 1))


@lru_cache(maxsize=2048)
def label_of(line: str) -> tuple[Words, Words]:
    """Return the words before the colon of a line, without a hint in parentheses, and the others."""
    colon = COLON.search(line)
    if colon is None:
        return (), ()
    label = words(_PARENTHESIS.sub(" ", line[: colon.start()]))
    if not 0 < len(label) <= _MOST_LABEL_WORDS:
        return (), ()
    return label, words(line)[len(label) :]


def compare(texts: Sequence[str], originals: Sequence[str]) -> list[Known]:
    """Return for each line of a mail what of it is ours."""
    known = [prepared(text) for text in originals if text.strip()]
    lines = [words(text) for text in texts]
    compared = []
    firsts = {label[0] for original in known for label in original.labels}
    for text, line, ours in zip(texts, lines, _ours(texts, lines, known), strict=True):
        new = len(line) - sum(ours)
        label, rests = _label(line, known) if line and line[0] in firsts else _NO_LABEL
        if label:
            new = _new_beside(text, line[len(label) :], rests, new)
        is_open = bool(label) and any(label in original.after for original in known)
        compared.append(Known(line, new, label, is_open, broken=bool(label) and is_broken(text)))
    _answers_below_labels(texts, compared, known)
    return compared


def is_broken(text: str) -> bool:
    """Return whether a line ends within parentheses: a client wrapped it there."""
    return text.count("(") + text.count("（") > text.count(")") + text.count("）")


def _new_beside(text: str, rest: Words, rests: frozenset[Words], new: int) -> int:
    """Return how many of the words after a label are new; `new` is what the runs say.

    Few words are not judged by runs: "1" after a deleted "(1-5)" is an answer. They are ours
    if they are all we have there, or its beginning and nothing follows the colon.
    """
    begins = any(ours[: len(rest)] == rest for ours in rests)
    if rest in rests or not rest or (begins and (_ends_label(text) or is_broken(text))):
        return 0
    return max(1, new) if len(rest) < RUN else new


def _ends_label(text: str) -> bool:
    return text.rstrip(" \u00a0*_").endswith((":", "："))


def _ours(
    texts: Sequence[str], lines: Sequence[Words], originals: Sequence[Original]
) -> list[list[bool]]:
    """Return for every word whether it is ours. No run goes on after a colon that ends a line."""
    flat: list[str] = []
    starts: list[int] = []
    for text, line in zip(texts, lines, strict=True):
        starts.append(len(flat))
        flat += line
        if _ends_label(text):
            flat.append("")
    ours = [False] * len(flat)
    runs = frozenset[Words]().union(*(original.runs for original in originals))
    shifted = (flat[start:MOST_WORDS] for start in range(RUN))
    for start, run in enumerate(zip(*shifted, strict=False)):
        if run in runs:
            ours[start : start + RUN] = [True] * RUN
    whole = frozenset[Words]().union(*(original.lines for original in originals))
    return [
        [True] * len(line) if line in whole else ours[start : start + len(line)]
        for line, start in zip(lines, starts, strict=True)
    ]


def _label(line: Words, originals: Sequence[Original]) -> tuple[Words, frozenset[Words]]:
    """Return the longest label of ours that the line begins with, and what may follow it there."""
    for length in range(min(len(line), _MOST_LABEL_WORDS), 0, -1):
        rests = [o.labels[line[:length]] for o in originals if line[:length] in o.labels]
        if rests:
            return line[:length], frozenset().union(*rests)
    return _NO_LABEL


def _answers_below_labels(
    texts: Sequence[str], compared: list[Known], originals: Sequence[Original]
) -> None:
    """Count a line below a bare label as new unless our letter has it there.

    People answer with words we wrote elsewhere: a topic's title, one of the choices. Below a
    label that has its answer beside it, as in a receipt, nobody answers.
    """
    label: Words = ()
    for text, line in zip(texts, compared, strict=True):
        if not line.words:
            continue
        if label and line.ours and not line.label:
            firsts = [o.after[label] for o in originals if label in o.after]
            if not any(line.words[0] in first for first in firsts):
                line.new = len(line.words)
        room = line.bare and line.open and not line.broken and not _answered_beside(text)
        label = line.label if room else ()


def _answered_beside(text: str) -> bool:
    """Return whether words follow the colon on the line."""
    colon = COLON.search(text)
    return colon is not None and bool(words(text[colon.end() :]))


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs; a line with a label is one of its own, and so are list items."""
    found: list[list[str]] = []
    fresh = True
    for line in text.splitlines():
        if not line.strip():
            fresh = True
            continue
        alone = bool(label_of(line)[0])
        if fresh or alone or line.lstrip().startswith("- "):
            found.append([])
        found[-1].append(line)
        fresh = alone and _ends_label(line)
    return ["\n".join(paragraph) for paragraph in found]
