"""An incoming mail becomes a `Reading`: what to look up first, then what it means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote

from rmflow.domain.attribution import (
    Attribution,
    Evidence,
    Proof,
    attribute,
    doubt_about_proof,
    doubt_about_response,
    person_at,
)
from rmflow.domain.form import Form
from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import LetterRecord
from rmflow.domain.series import Response, SeriesSpec, SessionId, Uid
from rmflow.domain.session import original_start
from rmflow.domain.signal import Signal, SignalKind
from rmflow.formats.incoming.authentication import proof_of
from rmflow.formats.incoming.bounce import read_failure, returned_addresses
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.incoming.mail_kind import away_until, is_certainly_automatic, kind_of
from rmflow.formats.incoming.mailboxes import addresses
from rmflow.formats.replies.answers import read_answers
from rmflow.formats.replies.lines import CUT
from rmflow.formats.replies.phrases import is_courtesy
from rmflow.formats.replies.reply import Extract, new_text
from rmflow.formats.replies.wishes import Wish, read_wish

_TOKEN = re.compile(r"[a-z][a-z2-7]{16}")
_UID = re.compile(rb"^UID[^:\r\n]{0,100}:(.{1,255}?)\r?$", re.MULTILINE | re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
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


@dataclass(frozen=True, slots=True)
class Clues:
    """What in a mail points to something we know; to be looked up in the store."""

    tokens: frozenset[str]
    message_ids: frozenset[str]
    uids: frozenset[str]
    senders: frozenset[Address]


@dataclass(frozen=True, slots=True)
class Context:
    """What the store said about the clues.

    `letters` are those with one of the tokens or Message-IDs, `thread` all letters to the same
    person about the same pairing and session: a reply may quote any of them.
    """

    programme: Programme
    letters: tuple[LetterRecord, ...]
    thread: tuple[LetterRecord, ...]
    people: Mapping[PersonId, Participant]
    series: Mapping[Uid, SeriesSpec]


def clues(mail: IncomingMail, mailbox: Address) -> Clues:
    """Return what to look up. A returned mail's own ids and addresses count as well."""
    returned = read_failure(mail).message_ids if mail.parts.returned or mail.parts.report else ()
    return Clues(
        frozenset(_tokens(mail, mailbox)),
        frozenset((*mail.in_reply_to, *mail.references, *returned)),
        frozenset(
            uid.decode("utf-8", "replace").strip()
            for content in mail.parts.calendars
            for uid in _UID.findall(_FOLD.sub(b"", content))
        ),
        frozenset([mail.sender.address] if mail.sender else []),
    )


def _tokens(mail: IncomingMail, mailbox: Address) -> list[str]:
    """Return the reply tokens in the addresses that the mail was sent to, in order."""
    local, _, domain = mailbox.rpartition("@")
    where = (*mail.to, *mail.cc, *mail.delivered_to, *addresses(returned_addresses(mail)))
    found = []
    for address in where:
        name, _, host = address.rpartition("@")
        plain, _, token = unquote(name).partition("+")
        if plain == local and host == domain and _TOKEN.fullmatch(token):
            found.append(token)
    return list(dict.fromkeys(found))


def interpret(
    mail: IncomingMail, mail_id: MailId, context: Context, received_at: datetime
) -> Reading:
    """Return what the mail says. Automatic mail is never an answer, whatever it quotes."""
    mailbox = context.programme.mailbox
    kind = kind_of(mail, mailbox)
    sender = mail.sender.address if mail.sender else None
    reading = Reading(
        mail_id,
        kind,
        ReadingStatus.IGNORED,
        received_at,
        message_id=mail.message_id,
        subject=mail.subject,
        sender=sender or "",
        author=person_at(sender, context.people),
    )
    match kind:
        case MailKind.BROKEN:
            why = f"This mail could not be read: {mail.broken}."
            return replace(reading, status=ReadingStatus.REVIEW, why=why)
        case MailKind.BOUNCE:
            return _bounce(reading, mail, context)
        case MailKind.CALENDAR:
            return _if_whole(_calendar(reading, mail, context), mail)
        case MailKind.AUTO_REPLY:
            return _auto_reply(reading, mail, context)
        case MailKind.HUMAN:
            return _if_whole(_Human(reading, mail, context).read(), mail)
        case MailKind.COMPLAINT:
            return _complaint(reading, context)
        case MailKind.RECEIPT | MailKind.BULK | MailKind.LOOP:
            return reading


def _if_whole(reading: Reading, mail: IncomingMail) -> Reading:
    """Return the reading of a mail; it waits for a person where not all of it could be read."""
    concerns = reading.status is not ReadingStatus.IGNORED or reading.pairing is not None
    if reading.status is ReadingStatus.REVIEW or not concerns:
        return reading
    if mail.parts.cut:
        return replace(reading, status=ReadingStatus.REVIEW, why=CUT)
    if mail.parts.garbled:
        why = "The text of the mail is not coded as the mail says; please look at it."
        return replace(reading, status=ReadingStatus.REVIEW, why=why)
    return reading


def _bounce(reading: Reading, mail: IncomingMail, context: Context) -> Reading:
    failure = read_failure(mail)
    reading = _with_matter(reading, context.letters)
    if not failure.final:
        return reading  # it is tried again; a last report follows
    asked = {letter.person: context.people.get(letter.person) for letter in context.letters}
    person = next((p for p in asked.values() if p), None) if len(asked) == 1 else None
    to = f"{person.name} <{person.address}>" if person else failure.recipient or "somebody"
    reason = f": {failure.reason}" if failure.reason else ""
    why = f"The mail to {to} could not be delivered{reason}."
    kind = SignalKind.BOUNCED if failure.lasting else SignalKind.BOUNCED_FOR_NOW
    signal = _signal(reading, context.letters, person, kind)
    if signal and person:
        signal = replace(signal, address=person.address, reason=failure.reason)
    return replace(reading, status=ReadingStatus.REVIEW, why=why, signal=signal)


def _complaint(reading: Reading, context: Context) -> Reading:
    """Return the reading of a complaint: whom it is from, the letter it returns says."""
    reading = _with_matter(reading, context.letters)
    asked = {letter.person for letter in context.letters}
    person = context.people.get(next(iter(asked))) if len(asked) == 1 else None
    if signal := _signal(reading, context.letters, person, SignalKind.COMPLAINT):
        return replace(reading, signal=signal)
    why = "A participant marked a mail of ours as spam. Please ask whether they want to go on."
    return replace(reading, status=ReadingStatus.REVIEW, why=why)


def _signal(
    reading: Reading,
    letters: Sequence[LetterRecord],
    person: Participant | None,
    kind: SignalKind,
) -> Signal | None:
    """Return what a mail says about this person's taking part, None without a person.

    Of a letter about several pairings it is about all of theirs.
    """
    if person is None:
        return None
    about = reading.pairing or min((letter.pairing for letter in letters), default=None)
    return Signal(kind, person.id, about or PairingId(""), everywhere=_is_wide(kind, reading))


def _is_wide(kind: SignalKind, reading: Reading) -> bool:
    """Return whether it is about the person, and not about one partner."""
    narrow = (SignalKind.PAUSE, SignalKind.REMATCH)
    return kind not in narrow or reading.pairing is None


def _auto_reply(reading: Reading, mail: IncomingMail, context: Context) -> Reading:
    extract = _extract(mail, context)
    reading = replace(_with_matter(reading, context.letters), text=extract.text)
    if extract.partial:
        return replace(reading, status=ReadingStatus.REVIEW, why=extract.why)
    reading = replace(
        reading,
        away_until=away_until(mail, extract.text, reading.received_at),
    )
    proof = proof_of(mail.fields, Address(reading.sender), context.programme.authserv_id)
    if reading.away_until and reading.author and proof is not Proof.BAD:
        reading = _away(reading, context)
    if is_certainly_automatic(mail) or reading.away_until:
        return reading
    why = "Probably an automatic mail: it came without a return address."
    return replace(reading, status=ReadingStatus.REVIEW, why=why)


def _away(reading: Reading, context: Context) -> Reading:
    """Return the reading of an absence: of the one whom our letter went to, and nobody else."""
    if {letter.person for letter in context.letters} != {reading.author}:
        return reading
    assert reading.author is not None
    person = context.people.get(reading.author)
    signal = _signal(reading, context.letters, person, SignalKind.AWAY)
    return replace(reading, signal=signal and replace(signal, until=reading.away_until))


def _with_matter(reading: Reading, letters: Sequence[LetterRecord]) -> Reading:
    """Return the reading with the pairing and session that all these letters are about."""
    pairings = {letter.pairing for letter in letters}
    sessions = {letter.session for letter in letters}
    return replace(
        reading,
        pairing=pairings.pop() if len(pairings) == 1 else None,
        session=(sessions.pop() or None) if len(sessions) == 1 else None,
    )


def _calendar(reading: Reading, mail: IncomingMail, context: Context) -> Reading:
    """Return the answers to invitations that may be believed; the others make a person look."""
    from rmflow.formats.calendar.itip import read_responses

    # The same object often comes twice: as an alternative and as an attachment.
    found = dict.fromkeys(
        response
        for content in mail.parts.calendars
        for response in read_responses(
            content, received_at=reading.received_at, known=context.series
        )
    )
    found = dict.fromkeys(_under_first_address(response, context) for response in found)
    doubts = {response: _doubt_about(response, mail, context) for response in found}
    believed = tuple(response for response in found if not doubts[response])
    why = next((doubt for doubt in doubts.values() if doubt), "")
    reading = _with_series(replace(reading, responses=believed), context.series, found)
    if why and (reading.pairing or reading.author):
        return replace(reading, status=ReadingStatus.REVIEW, why=why)
    if believed:
        return replace(reading, status=ReadingStatus.OK)
    if reading.pairing and not found:
        why = "A calendar message about the meetings came that is no answer to an invitation."
        return replace(reading, status=ReadingStatus.REVIEW, why=why)
    return reading


def _under_first_address(response: Response, context: Context) -> Response:
    """Return the response of an attendee who answered under another address of theirs."""
    people = context.people.values()
    person = next((p for p in people if response.attendee in p.aliases), None)
    return replace(response, attendee=person.address) if person else response


def _doubt_about(response: Response, mail: IncomingMail, context: Context) -> str:
    """Return why an answer to an invitation may not be believed, "" if it may."""
    programme = context.programme
    address = mail.sender.address if mail.sender and not mail.sender_trouble else None
    people = context.people.values()
    proof = proof_of(mail.fields, address, programme.authserv_id)
    return doubt_about_response(
        response, address, context.series, people, _deputy(mail)
    ) or doubt_about_proof(str(address), proof, required=programme.proof_required)


def _deputy(mail: IncomingMail) -> Address | None:
    """Return who sent the mail in somebody else's name, None if the sender did."""
    itself = mail.deputy is None or (mail.sender and mail.deputy.address == mail.sender.address)
    return None if itself or mail.deputy is None else mail.deputy.address


def _with_series(
    reading: Reading, series: Mapping[Uid, SeriesSpec], responses: Mapping[Response, None]
) -> Reading:
    pairings = {spec.pairing for spec in series.values()}
    sessions: set[SessionId | None] = {response.session for response in responses}
    return replace(
        reading,
        pairing=pairings.pop() if len(pairings) == 1 else None,
        session=sessions.pop() if len(sessions) == 1 else None,
    )


def _extract(mail: IncomingMail, context: Context, letter: LetterRecord | None = None) -> Extract:
    programme = context.programme
    letters = (*([letter] if letter else []), *context.letters, *context.thread)
    return new_text(
        mail,
        tuple(dict.fromkeys(each.text for each in letters)),
        (programme.mailbox,),
        (programme.mailbox_name, programme.name),
    )


class _Human:
    """A mail that a person wrote."""

    def __init__(self, reading: Reading, mail: IncomingMail, context: Context) -> None:
        self.mail = mail
        self.context = context
        self.attribution = self._attributed(reading.received_at)
        letter = self.attribution.letter
        rows = [r for r in context.letters if letter and r.key == letter.key]
        self.extract = _extract(mail, context, letter)
        self.reading = replace(
            _with_matter(reading, rows),
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
        tokens = _tokens(self.mail, programme.mailbox)
        sender = self.mail.sender.address if self.mail.sender else None
        by_id: dict[str, list[LetterRecord]] = {}
        for letter in self.context.letters:
            by_id.setdefault(letter.message_id, []).append(letter)
        thread = (*self.mail.in_reply_to, *reversed(self.mail.references))
        evidence = Evidence(
            sender,
            [letter for letter in self.context.letters if letter.token in tokens],
            [letter for id in thread for letter in by_id.get(id, ())],
            received_at,
            strange_token=not {letter.token for letter in self.context.letters}.issuperset(tokens),
            deputy=_deputy(self.mail),
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
        reading = replace(self.reading, form=form.id, answers=found.answers, held=found.held)
        if self.extract.status is ReadingStatus.REVIEW:
            return replace(reading, status=ReadingStatus.REVIEW, why=self.extract.why)
        if any(len(answer) > MOST_ANSWER for answer in found.answers.values()):
            return replace(reading, status=ReadingStatus.REVIEW, why=_TOO_LONG)
        if not found.held and form.id != _SUMMARY:
            return self._review(f"{self._name()} writes that the meeting does not take place.")
        return replace(reading, status=found.status, why=found.why)

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
        signal = _signal(self.reading, rows, person, wish.kind)
        signal = signal and replace(signal, until=wish.until)
        return replace(self.reading, status=ReadingStatus.OK, signal=signal)

    def _review(self, why: str) -> Reading:
        return replace(self.reading, status=ReadingStatus.REVIEW, why=why)

    def _name(self) -> str:
        author = self.attribution.author
        return (
            self.context.people[author].first_name if author else self.reading.sender or "Somebody"
        )
