"""What of a reply we wrote ourselves: its words compared with the letters it may quote.

Four words in a row that stand so in one paragraph of ours are ours, wherever the client wrapped
them. Runs never reach from one of our paragraphs into the next: between two labels stands an
answer, and a bare "5" there must not be taken for the "5" that ends "(1-5)". A set of such runs
takes linear time; difflib, which aligns in order, is quadratic and finds less after reordering.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rmflow.formats.replies.words import Words, words

RUN = 4
MOST_WORDS = 3_000
_MOST_LABEL_WORDS = 10
# A colon that ends a label: not the one of a clock or of an address in the web.
COLON = re.compile(r"[ \u00a0\u202f]?[:：](?![\d/])")
_SYMBOLS = "\u2100"  # below it are the degree sign and the like, which say nothing
_PARENTHESIS = re.compile(r"[(（][^()（）]{0,200}[)）]")


@dataclass(slots=True)
class Letters:
    """Letters we sent, prepared. `labels` are the words before a colon, each with the words
    after it on that line; `after` the first words of whatever follows each label.
    """

    runs: set[Words] = field(default_factory=set)
    lines: set[Words] = field(default_factory=set)
    labels: dict[Words, set[Words]] = field(default_factory=dict)
    # Only for labels that end their line: room for an answer.
    after: dict[Words, set[str]] = field(default_factory=dict)
    by_first: dict[str, list[Words]] = field(default_factory=dict)  # longest label first


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


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of a letter between empty lines; `labelled` its lines, each with its label if any.

    A line is its words, its label, the words after that, and whether the label ends the line.
    """

    runs: frozenset[Words]
    whole: frozenset[Words]
    labelled: tuple[tuple[Words, Words, Words, bool], ...]


@lru_cache(maxsize=64)
def prepared(texts: tuple[str, ...]) -> Letters:
    """Return letters prepared for comparison. Cached: several mails may answer the same."""
    found = Letters()
    for text in texts:
        open_label: Words = ()
        for block in _blocks(text):
            found.runs |= block.runs
            found.lines |= block.whole
            for line, label, rest, ends in block.labelled:
                if open_label:
                    found.after[open_label].add(line[0])
                open_label = label if ends else ()
                if label:
                    found.labels.setdefault(label, set()).add(rest)
                if open_label:
                    found.after.setdefault(label, set())
    for label in sorted(found.labels, key=len, reverse=True):
        found.by_first.setdefault(label[0], []).append(label)
    return found


def _blocks(text: str) -> Iterator[_Block]:
    block: list[str] = []
    for line in (*text.splitlines(), ""):
        if line and not line.isspace():
            block.append(line)
        elif block:
            yield _block(tuple(block))
            block = []


@lru_cache(maxsize=2048)
def _block(lines: tuple[str, ...]) -> _Block:
    """Return a block prepared. Cached: letters share most of theirs, which come from templates."""
    paragraphs = [words(paragraph) for paragraph in _paragraphs(lines)]
    said = [(line, words(line)) for line in lines]
    return _Block(
        frozenset(run for said in paragraphs for run in _runs(said)),
        frozenset([*paragraphs, *(line_words for _, line_words in said)]) - {()},
        tuple(
            (line_words, *label_of(line), _ends_label(line))
            for line, line_words in said
            if line_words
        ),
    )


def _runs(said: Words) -> Iterator[Words]:
    return (said[start : start + RUN] for start in range(len(said) - RUN + 1))


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
    letters = prepared(tuple(originals))
    lines = [words(text) for text in texts]
    compared = [
        _known(text, line, new, letters)
        if line and line[0] in letters.by_first
        else Known(line, new)
        for text, line, new in zip(texts, lines, _new_words(texts, lines, letters), strict=True)
    ]
    _answers_below_labels(texts, compared, letters)
    return compared


def _known(text: str, line: Words, new: int, letters: Letters) -> Known:
    """Return a line with the label of ours that it begins with, the longest there is."""
    for label in letters.by_first[line[0]]:
        if line[: len(label)] == label:
            new = _new_beside(text, line[len(label) :], letters.labels[label], new)
            return Known(line, new, label, label in letters.after, broken=is_broken(text))
    return Known(line, new)


def is_broken(text: str) -> bool:
    """Return whether a line ends within parentheses: a client wrapped it there."""
    if "(" not in text and "（" not in text:
        return False
    return text.count("(") + text.count("（") > text.count(")") + text.count("）")


def _new_beside(text: str, rest: Words, rests: Collection[Words], new: int) -> int:
    """Return how many of the words after a label are new; `new` is what the runs say.

    Few words are not judged by runs: "1" after a deleted "(1-5)" is an answer. They are ours
    if they are all we have there, or its beginning and nothing follows the colon. A symbol is new.
    """
    if rest in rests or not rest:
        return int(has_symbol(text) and has_symbol(_PARENTHESIS.sub(" ", text)))
    begins = any(ours[: len(rest)] == rest for ours in rests)
    if begins and (_ends_label(text) or is_broken(text)):
        return 0
    return max(1, new) if len(rest) < RUN else new


def has_symbol(text: str) -> bool:
    """Return whether a text holds a star, a thumb or the like, which is no word and says something."""
    if text.isascii() or max(text) < _SYMBOLS:
        return False
    return any(mark >= _SYMBOLS and unicodedata.category(mark) == "So" for mark in text)


def _ends_label(text: str) -> bool:
    return text.rstrip(" \u00a0*_").endswith((":", "："))


def _new_words(texts: Sequence[str], lines: Sequence[Words], letters: Letters) -> list[int]:
    """Return how many words of each line are not ours.

    A line of ours is ours; of the others, the words in runs of ours, which begin in lines
    before and end in lines below. No run goes on after a colon that ends a line.
    """
    flat: list[str] = []
    spans: list[tuple[int, int]] = []
    for text, line in zip(texts, lines, strict=True):
        spans.append((len(flat), len(flat) + len(line)))
        flat += line
        if (":" in text or "：" in text) and _ends_label(text):
            flat.append("")
    del flat[MOST_WORDS:]
    new = [0 if line in letters.lines else len(line) for line in lines]
    for index, (start, end) in enumerate(spans):
        if new[index]:
            new[index] -= _in_runs(flat, start, end, letters.runs)
    return new


def _in_runs(flat: Sequence[str], start: int, end: int, runs: Collection[Words]) -> int:
    """Return how many of these words stand in a run of ours."""
    ours = 0
    reached = start  # up to here every word was counted
    for at in range(max(0, start - RUN + 1), min(end, len(flat) - RUN + 1)):
        if tuple(flat[at : at + RUN]) in runs:
            ours += min(at + RUN, end) - max(at, reached)
            reached = min(at + RUN, end)
    return ours


def _answers_below_labels(
    texts: Sequence[str], compared: Sequence[Known], letters: Letters
) -> None:
    """Count a line below a bare label as new unless our letter has it there.

    People answer with words we wrote elsewhere: a topic's title, one of the choices. Below a
    label that has its answer beside it, as in a receipt, nobody answers.
    """
    label: Words = ()
    for text, line in zip(texts, compared, strict=True):
        if not line.words:
            continue
        if label and line.ours and not line.label and line.words[0] not in letters.after[label]:
            line.new = len(line.words)
        room = line.open and line.bare and not line.broken and not _answered_beside(text)
        label = line.label if room else ()


@lru_cache(maxsize=2048)
def _answered_beside(text: str) -> bool:
    """Return whether words follow the colon on the line."""
    colon = COLON.search(text)
    return colon is not None and bool(words(text[colon.end() :]))


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Return the paragraphs of a block; a label begins and ends one, a list item begins one."""
    found: list[list[str]] = []
    fresh = True
    for line in lines:
        alone = bool(label_of(line)[0])
        if fresh or alone or line.lstrip().startswith("- "):
            found.append([])
        found[-1].append(line)
        fresh = alone and _ends_label(line)
    return ["\n".join(paragraph) for paragraph in found]
