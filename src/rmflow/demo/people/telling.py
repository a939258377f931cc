"""Telling: what a leader has to say after a meeting, and how they say it in a reply."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from random import Random
from typing import Any

# Words by which a reader sees what a question is after.
_MEANINGS = {
    "met": ("we met", "unseres treffens", "notre rencontre"),
    "talked": ("we talked about", "gesprochen haben", "nous avons parlé"),
    "takeaways": ("takeaways", "mitnehme", "je retiens"),
    "surprise": ("surprised", "überrascht", "surpris"),
    "change": ("change or do", "ändern oder tun", "changer ou faire"),
    "rating": ("worthwhile", "gelohnt", "valait la peine"),
    "next": ("next time", "nächste mal", "prochaine fois"),
    "share": ("share it", "davon erzählen", "en parler"),
    "agenda": ("like to talk about", "sprechen möchte", "voudrais parler"),
    "prepare": ("could prepare", "vorbereitet", "préparer"),
}
_SHARING = {
    "en": ("no", "anonymously", "with names"),
    "de": ("nein", "anonym", "mit Namen"),
    "fr": ("non", "anonymement", "avec les noms"),
}
_HELLO = {"en": "Hello,", "de": "Guten Tag,", "fr": "Bonjour,"}
_BELOW = {
    "en": "gladly, see below.",
    "de": "gern, siehe unten.",
    "fr": "voici mes réponses ci-dessous.",
}
_PROSE = {
    "en": "We talked about this: {talked}\n{surprise}\nNext time perhaps: {next}.",
    "de": "Das war ein gutes Gespräch. Es ging um Folgendes: {talked}\n{surprise}",
    "fr": "Très bon échange. Nous avons évoqué ceci : {talked}\n{surprise}",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in a reply: above the quoted letter, and below single lines of it."""

    above: str
    inside: Mapping[str, str]


# How somebody fills in what a letter asks: (its questions, what there is to say, language).
Way = Callable[[Iterable[str], Mapping[str, str], str], Said]


def labels_on_top(asked: Iterable[str], known: Mapping[str, str], language: str) -> Said:
    """Return the questions copied to the top, each with its answer."""
    lines = [_HELLO[language], ""]
    for line in asked:
        if answer := known.get(meaning(line)):
            apart = "\n" if "\n" in answer else " "
            lines.append(f"{_label(line)}:{apart}{answer}")
    return Said("\n".join(lines), {})


def inside_the_quote(asked: Iterable[str], known: Mapping[str, str], language: str) -> Said:
    """Return the answers typed below the questions, in the letter itself."""
    inside = {line: known[meaning(line)] for line in asked if meaning(line) in known}
    return Said(f"{_HELLO[language]}\n\n{_BELOW[language]}", inside)


def in_prose(asked: Iterable[str], known: Mapping[str, str], language: str) -> Said:
    """Return a few sentences; for an agenda just that."""
    text = known["agenda"] if "agenda" in map(meaning, asked) else _PROSE[language]
    return Said(text.format(**known), {})


def a_digit_first(
    asked: Iterable[str],
    known: Mapping[str, str],
    language: str,  # noqa: ARG001 a digit is the same in all of them
) -> Said:
    """Return the rating alone, and one sentence."""
    if "agenda" in map(meaning, asked):
        return Said(known["agenda"], {})
    return Said(f"{known['rating']}\n\n{known['talked']}", {})


def meaning(line: str) -> str:
    """Return what a question is after, "" if nothing one knows."""
    label = _label(line).lower()
    found = (what for what, words in _MEANINGS.items() if any(word in label for word in words))
    return next(found, "")


def _label(line: str) -> str:
    """Return the question without its hint."""
    return line.rstrip(": ").partition(" (")[0]


class Memory:
    """What somebody has to tell: a story for each meeting, and an agenda that comes of the last."""

    def __init__(self, random: Random, language: str) -> None:
        book = _book()
        self._random = random
        self._language = language
        self._stories = _shuffled(random, book[language])
        self._agendas = _shuffled(random, book["agendas"][language])
        self._next = ""

    def of_a_meeting(self) -> dict[str, str]:
        """Return what there is to say about the last meeting."""
        story = _turned(self._stories)
        self._next = story["next"]
        rating = self._random.choice("2334444555")
        return {
            "talked": story["talked"],
            "takeaways": "\n".join(story["takeaways"]),
            "surprise": story["surprise"],
            "change": "\n".join(story["change"]),
            "next": story["next"],
            "rating": rating,
            "share": self._random.choice(_SHARING[self._language]),
        }

    def of_an_agenda(self) -> dict[str, str]:
        """Return what to talk about: what one had said last time, else something of one's own."""
        wish, self._next = self._next, ""
        return {"agenda": wish or _turned(self._agendas)}


@cache
def _book() -> Mapping[str, Any]:
    text = resources.files("rmflow.demo.people").joinpath("stories.toml").read_text("utf-8")
    return tomllib.loads(text)


def _turned(items: list[Any]) -> Any:
    """Return the first item, and put it last."""
    items.append(items.pop(0))
    return items[-1]


def _shuffled(random: Random, items: list[Any]) -> list[Any]:
    return random.sample(items, len(items))
