"""A mail of the corpus read as a run reads it, and what differs from what a person understood."""

from dataclasses import replace

import reply_corpus as corpus
from corpus_rows import Row
from letter_samples import MARGARET, NOVEMBER, PRIYA, PROGRAMME

from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.reading import MailId, Reading
from rmflow.domain.records import LetterRecord
from rmflow.formats.incoming.clues import clues
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import parse

PAIR = PairingId("priya-margaret")
ASSISTANT = Address("ines.silva@contoso.example")


def sent(locale: str) -> LetterRecord:
    """The letter Margaret answers, in a language it is written in."""
    locale = locale if locale in ("en", "de", "fr") else "en"
    return LetterRecord(
        item=Key("item1"),
        key=Key("0123456789abcdef0123456789abcdef"),
        kind=LetterKind.SUMMARY_REQUEST.value,
        pairing=PAIR,
        session=NOVEMBER.id,
        person=MARGARET.id,
        form="summary",
        topic="",
        revision=0,
        token=corpus.TOKEN,
        message_id=corpus.LETTER_ID,
        subject=corpus.letter(locale).subject,
        text=corpus.letter(locale).text,
        sent_at=corpus.SENT,
    )


def context_of(locale: str, *, named: bool = True) -> Context:
    """What a store knows of a programme that has sent Margaret one letter."""
    letters = (sent(locale),) if named else ()
    margaret = replace(MARGARET, locale=locale, assistant=ASSISTANT)
    return Context(
        programme=replace(PROGRAMME, forms=corpus.FORMS),
        letters=letters,
        thread=letters,
        people={PRIYA.id: PRIYA, MARGARET.id: margaret},
        series={},
    )


def read(raw: bytes, locale: str) -> Reading:
    """Interpret a mail in that programme."""
    mail, letter = parse(raw), sent(locale)
    found = clues(mail, PROGRAMME.mailbox)
    named = letter.token in found.tokens or letter.message_id in found.message_ids
    return interpret(mail, MailId("m1"), context_of(locale, named=named), corpus.RECEIVED)


def plain(text: str) -> str:
    """A text without its line breaks: a client may wrap anywhere."""
    return " ".join(text.split())


def wrong(row: Row, reading: Reading) -> dict[str, str]:
    """The values that were read and are not what the person meant."""
    return {
        id: value
        for id, value in reading.answers.items()
        if plain(value) != plain(row.answers.get(id, ""))
    }


def misread(row: Row, reading: Reading) -> set[str]:
    """What of a mail was not understood as a person understands it."""
    answers = {id: plain(value) for id, value in reading.answers.items()}
    expected = {id: plain(value) for id, value in row.answers.items()}
    matter = (PAIR, NOVEMBER.id) if row.matter else (None, None)
    found = {
        "text": plain(reading.text) == plain(row.text),
        "fields": answers == expected and reading.held == row.held,
        "status": reading.status is row.status,
        "kind": reading.kind is row.kind,
        "attribution": reading.author == row.author
        and (reading.pairing, reading.session) == matter,
    }
    return {name for name, right in found.items() if not right}
