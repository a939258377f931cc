"""The rows of the corpus: who wrote what with which program, and all that is to be understood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from corpus_clients import CLIENTS, thunderbird_below
from corpus_tongues import TONGUES
from corpus_ways import SAYS, Says
from letter_samples import MARGARET
from reply_corpus import SUMMARY, Reply, label_lines

from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailKind, ReadingStatus

# Letters are written in three languages; everybody else gets English ones.
_WRITTEN = ("en", "de", "fr")


@dataclass(frozen=True)
class Row:
    """One mail and what a person makes of it. `text` is compared word by word."""

    name: str
    raw: bytes
    locale: str
    text: str
    answers: Mapping[str, str]
    status: ReadingStatus = ReadingStatus.OK
    kind: MailKind = MailKind.HUMAN
    author: PersonId | None = MARGARET.id
    matter: bool = True
    held: bool = True


@dataclass(frozen=True)
class Way:
    """One way to answer in one language."""

    name: str
    reply: Reply
    answers: Mapping[str, str]
    status: ReadingStatus = ReadingStatus.OK
    held: bool = True


def ways(language: str) -> Iterator[Way]:
    """Yield the ways in which somebody of this language answers."""
    says, locale = SAYS[language], language if language in _WRITTEN else "en"
    short = {"met": says.met, "worthwhile": says.rating, "share": says.share}
    inside = {"met": says.met, "talked": says.talked, "takeaways": "\n".join(says.takeaways)}
    inside |= {"worthwhile": says.rating, "next": says.next, "share": says.share}
    all_inside = {"talked": says.talked, "takeaways": "\n".join(says.takeaways), "next": says.next}
    all_inside |= says.values
    yield Way(
        "above",
        Reply("above", locale, _labelled(says, {**short, "next": says.next})),
        {"next": says.next, **says.values},
    )
    yield Way("same line", Reply("same line", locale, inside=inside), all_inside)
    yield Way("next line", Reply("next line", locale, inside=inside, next_line=True), all_inside)
    yield Way("prose", Reply("prose", locale, says.prose), {"talked": says.prose})
    yield Way(
        "lists",
        Reply("lists", locale, _lists(says)),
        {
            "takeaways": "\n".join(says.takeaways),
            "change": says.change,
            "worthwhile": says.values["worthwhile"],
        },
    )
    yield Way(
        "numbered",
        Reply("numbered", locale, f"1. {says.met}\n2. {says.talked}\n6. {says.rating}"),
        {"met": says.values["met"], "talked": says.talked, "worthwhile": says.values["worthwhile"]},
    )
    yield Way(
        "rating", Reply("rating", locale, says.rating), {"worthwhile": says.values["worthwhile"]}
    )
    yield Way("untouched", Reply("untouched", locale), {}, ReadingStatus.EMPTY)
    yield Way("not met", Reply("not met", locale, says.not_met), {}, held=False)
    yield Way("intro", Reply("intro", locale, says.intro, inside), all_inside)
    yield Way(
        "one paragraph",
        Reply("one paragraph", locale, _one_paragraph(says)),
        {
            "change": says.change,
            "next": says.next,
            **{k: says.values[k] for k in ("worthwhile", "share")},
        },
    )
    yield Way("rating and prose", Reply("rating and prose", locale, f"{says.rating}\n\n{says.prose}"), {"worthwhile": says.values["worthwhile"], "talked": says.prose})  # fmt: skip


def _labelled(says: Says, texts: Mapping[str, str]) -> str:
    return "\n".join(f"{says.labels[id]}: {text}" for id, text in texts.items())


def _lists(says: Says) -> str:
    points = "\n".join(f"- {point}" for point in says.takeaways)
    return f"{says.labels['takeaways']}:\n{points}\n\n{says.labels['change']}: {says.change}\n{says.labels['worthwhile']}: {says.rating}"


def _one_paragraph(says: Says) -> str:
    """Several answers on one line, as people type on a telephone."""
    ids = {"change": says.change, "worthwhile": says.rating, "next": says.next, "share": says.share}
    mark = "。" if says.met.endswith("日") else ". "
    return mark.join(f"{says.labels[id]}: {text}" for id, text in ids.items())


def own_text(reply: Reply, *, below: bool) -> str:
    """The person's words in the order of the mail, with the labels they stand at."""
    inside = []
    for question in SUMMARY.questions:
        if question.id in reply.inside:
            label = label_lines(reply.locale)[question.id]
            mark = "\n" if reply.next_line else " "
            inside.append(f"{label}{mark}{reply.inside[question.id]}")
    parts = [*inside, reply.above] if below else [reply.above, *inside]
    return "\n\n".join(part for part in parts if part)


def rows() -> list[Row]:
    """Every program times every language, each with two of the ways, taken in turn."""
    found = []
    for i, (client, build) in enumerate(CLIENTS.items()):
        for j, language in enumerate(SAYS):
            options = list(ways(language))
            for k in (0, 1):
                way = options[(i + 5 * j + 7 * k + i // 6) % len(options)]
                found.append(
                    Row(
                        f"{client} / {language} / {way.name}",
                        build(way.reply, TONGUES[language]),
                        language,
                        own_text(way.reply, below=build is thunderbird_below),
                        way.answers,
                        way.status,
                        held=way.held,
                    )
                )
    return found + _foreign_heads()


def _foreign_heads() -> list[Row]:
    """People who write English with a program in another language, beyond the ten."""
    found = []
    options = list(ways("en"))
    for i, (client, build) in enumerate(CLIENTS.items()):
        for j, language in enumerate(("tr", "zh", "ru")):
            way = options[(i + 4 * j) % len(options)]
            text = own_text(way.reply, below=build is thunderbird_below)
            raw = build(replace(way.reply, name=language), TONGUES[language])
            name = f"{client} / {language} heads / {way.name}"
            found.append(Row(name, raw, "en", text, way.answers, way.status, held=way.held))
    return found
