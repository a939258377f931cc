"""A mail that a person wrote: whose it is, what they wish, what they answered."""

from dataclasses import replace
from datetime import datetime

from rmflow.domain.attribution import (
    Attribution,
    Evidence,
    attribute,
)
from rmflow.domain.form import Form
from rmflow.domain.letter import LetterKind
from rmflow.domain.people import PersonId
from rmflow.domain.reading import Reading, ReadingStatus
from rmflow.domain.records import LetterRecord
from rmflow.domain.session import original_start
from rmflow.domain.signal import SignalKind
from rmflow.formats.incoming.authentication import proof_of
from rmflow.formats.incoming.clues import tokens
from rmflow.formats.incoming.context import Context, deputy_of, extracted, matter_of, signal_of
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.replies.answers import AnswersReading, read_answers
from rmflow.formats.replies.phrases import is_courtesy
from rmflow.formats.replies.wishes import Wish, read_wish

_REACTION = "text/vnd.google.email-reaction+json"
_SEALED = frozenset(
    {
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "multipart/encrypted",
        "application/ms-tnef",
    }
)
_SUMMARY = "summary"
MOST_ANSWER = 32_000  # characters: a cell of the workbook holds 32,767
_TOO_LONG = "The answer is longer than a cell of the workbook holds; please shorten it."
_ASKS = {
    SignalKind.LEAVE: "to stop taking part",
    SignalKind.PAUSE: "for a pause",
    SignalKind.RESUME: "to go on",
    SignalKind.REMATCH: "for another partner",
}
_FORMS = {
    LetterKind.AGENDA_REQUEST.value: "agenda",
    LetterKind.SUMMARY_REQUEST.value: _SUMMARY,
    LetterKind.SUMMARY_REMINDER.value: _SUMMARY,
    LetterKind.NEW_TIMES.value: "times",
}


class Human:
    """A mail that a person wrote."""

    def __init__(self, reading: Reading, mail: IncomingMail, context: Context) -> None:
        self.mail = mail
        self.context = context
        self.attribution = self._attributed(reading.received_at)
        letter = self.attribution.letter
        rows = [r for r in context.letters if letter and r.key == letter.key]
        self.extract = extracted(mail, context, letter)
        pairing, session = matter_of(rows)
        self.reading = replace(
            reading,
            pairing=pairing,
            session=session,
            author=self.attribution.author,
            text=self.extract.text,
            elided=self.extract.elided,
        )

    def read(self) -> Reading:
        """Return what the person said, as far as it may be believed without a look."""
        letter, text = self.attribution.letter, self.extract.text
        if _REACTION in self.mail.parts.types:
            return self.reading
        if trouble := self.mail.sender_trouble:
            return self._review(f"{trouble[0].upper()}{trouble[1:]}.")
        if wished := self._wish():
            return self._wished(wished)
        if self.attribution.why:
            return self._review(self.attribution.why)
        assert letter is not None
        if not text and _SEALED.intersection(self.mail.parts.types):
            return self._review(f"{self._name()} wrote in a form that cannot be read here.")
        if not self.extract.partial and text and all(map(is_courtesy, text.splitlines())):
            return self._thanked(letter)
        form = self._form(letter)
        if form is not None:
            return self._answered(form, letter)
        if self.extract.partial:
            return self._review(self.extract.why)
        if not text:
            return replace(self.reading, status=ReadingStatus.EMPTY)
        return self._review(f"{self._name()} wrote; nobody has read it yet.")

    def _attributed(self, received_at: datetime) -> Attribution:
        programme = self.context.programme
        named = frozenset(tokens(self.mail, programme.mailbox))
        sender = self.mail.sender.address if self.mail.sender else None
        by_id: dict[str, list[LetterRecord]] = {}
        for letter in self.context.letters:
            by_id.setdefault(letter.message_id, []).append(letter)
        thread = (*self.mail.in_reply_to, *reversed(self.mail.references))
        evidence = Evidence(
            sender,
            [letter for letter in self.context.letters if letter.token in named],
            [letter for id in thread for letter in by_id.get(id, ())],
            received_at,
            strange_token=not {letter.token for letter in self.context.letters}.issuperset(named),
            deputy=deputy_of(self.mail),
            proof=proof_of(self.mail.fields, sender, programme.authserv_id),
        )
        return attribute(evidence, self.context.people, proof_required=programme.proof_required)

    def _form(self, letter: LetterRecord) -> Form | None:
        """Return the form a reply to this letter answers; to a receipt, it corrects it."""
        return self.context.programme.forms.get(letter.form or _FORMS.get(letter.kind, ""))

    def _thanked(self, letter: LetterRecord) -> Reading:
        """Thanks are no answer: a form stays open, anything else is done."""
        asks = letter.kind in _FORMS
        return replace(self.reading, status=ReadingStatus.EMPTY if asks else ReadingStatus.IGNORED)

    def _answered(self, form: Form, letter: LetterRecord) -> Reading:
        session = self.reading.session
        person = self.context.people.get(letter.person)
        found = read_answers(
            self.extract,
            form,
            (person and person.locale) or self.context.programme.language,
            session=original_start(session) if session else None,
            received=self.reading.received_at,
        )
        doubt = self._doubt(found)
        if doubt is None and not found.held and form.id != _SUMMARY:
            return self._review(f"{self._name()} writes that the meeting does not take place.")
        return replace(
            self.reading,
            form=form.id,
            answers=found.answers,
            held=found.held,
            status=found.status if doubt is None else ReadingStatus.REVIEW,
            why=found.why if doubt is None else doubt,
        )

    def _doubt(self, found: AnswersReading) -> str | None:
        """Return why a person should look at these answers, None if nobody needs to."""
        if self.extract.status is ReadingStatus.REVIEW:
            return self.extract.why
        too_long = any(len(answer) > MOST_ANSWER for answer in found.answers.values())
        return _TOO_LONG if too_long else None

    def _wish(self) -> Wish | None:
        """Return what the person wants of us; the "Unsubscribe" of a mail program says no more."""
        person = self.context.people.get(self.attribution.author or PersonId(""))
        locale = (person and person.locale) or self.context.programme.language
        text = self.extract.text or (self.mail.subject if not self.mail.in_reply_to else "")
        return read_wish(text, locale, self.reading.received_at.date())

    def _wished(self, wish: Wish) -> Reading:
        """Return what follows from a wish: nothing by itself, where it is not certain whose it is."""
        person = self.context.people.get(self.attribution.author or PersonId(""))
        unclear = wish.unclear or self.extract.partial or self.mail.parts.garbled
        if self.attribution.why or unclear or person is None:
            return self._review(f"{self._name()} asks {_ASKS[wish.kind]}.")
        letter = self.attribution.letter
        rows = [r for r in self.context.letters if letter and r.key == letter.key]
        signal = signal_of(self.reading, rows, person, wish.kind)
        signal = signal and replace(signal, until=wish.until)
        return replace(self.reading, status=ReadingStatus.OK, signal=signal)

    def _review(self, why: str) -> Reading:
        return replace(self.reading, status=ReadingStatus.REVIEW, why=why)

    def _name(self) -> str:
        author = self.attribution.author
        return (
            self.context.people[author].first_name if author else self.reading.sender or "Somebody"
        )
