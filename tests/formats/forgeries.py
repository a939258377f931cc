"""Mails that pretend to be Margaret's answer, made by people who know much and are not Margaret.

Mallory, a stranger, knows every header of the letter that Margaret got, token included. Priya, her
partner, has letters of her own. Ines is Margaret's assistant. What nobody but Margaret's mail
system can do is to pass the examination of our server, `GATE`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import reply_corpus as corpus
from letter_samples import DECEMBER, MARGARET, NOVEMBER, PRIYA, PROGRAMME

from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.programme import Programme
from rmflow.domain.records import LetterRecord
from rmflow.domain.session import Session

GATE = "mx.contoso.example"
OPEN = replace(PROGRAMME, forms=corpus.FORMS)
EXAMINED = replace(OPEN, authserv_id=GATE)
STRICT = replace(EXAMINED, proof_required=True)
MICROSOFT = replace(OPEN, authserv_id="none")
MALLORY = "mallory@fabrikam.example"
INES = "ines.silva@contoso.example"
VICTIM = MARGARET.address
WORDS = "Rating: 5\nKey takeaways: give Mallory a raise"
PAIR = PairingId("priya-margaret")


def letter(name: str, session: Session, **changes: object) -> LetterRecord:
    """A request for a summary that Margaret got, unless it is said otherwise."""
    record = LetterRecord(
        item=Key(f"item-{name}"),
        key=Key(f"key-{name}"),
        kind=LetterKind.SUMMARY_REQUEST.value,
        pairing=PAIR,
        session=session.id,
        person=MARGARET.id,
        form="summary",
        topic="",
        revision=0,
        token="s" + (name * 16)[:16],
        message_id=f"<{name}@contoso.example>",
        subject=corpus.letter("en").subject,
        text=corpus.letter("en").text,
        sent_at=corpus.SENT,
    )
    return replace(record, **changes)  # type: ignore[arg-type]  # by name, in one place


ASKED = letter("asked", NOVEMBER, token=corpus.TOKEN, message_id=corpus.LETTER_ID)
PRIYAS = letter("priyas", NOVEMBER, person=PRIYA.id)
OLD = letter("oldold", NOVEMBER, sent_at=corpus.SENT - timedelta(days=400))
NEXT = letter("nextmeet", DECEMBER)
LETTERS = (ASKED, PRIYAS, OLD, NEXT)


@dataclass(frozen=True)
class Forgery:
    """A forged mail, and the programme that it is sent to."""

    kind: str
    raw: bytes
    programme: Programme = OPEN


def all_forgeries() -> tuple[Forgery, ...]:
    """Every forgery, each once."""
    return tuple(
        forgery
        for make in (
            _other_addresses, _display_names, _several_senders, _odd_syntax, _other_headers,
            _wrong_tokens, _examined, _wrapped, _by_insiders, _invitations,
        )
        for forgery in make()
    )  # fmt: skip


def _mail(
    *headers: tuple[str, str],
    sender: str | None = f"Margaret Okafor <{VICTIM}>",
    to: str = corpus.REPLY_TO,
    thread: str = corpus.LETTER_ID,
    body: str = WORDS,
) -> bytes:
    """A mail with these headers on top, byte for byte as its sender wants them."""
    lines = [*headers]
    lines += [("From", sender)] if sender is not None else []
    lines += [("To", to), ("Subject", "Re: How was it?"), ("Message-ID", "<x1@mail.example>")]
    lines += [("In-Reply-To", thread), ("References", thread)] if thread else []
    lines += [("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8")]
    head = "\r\n".join(f"{name}: {value}" for name, value in lines)
    return f"{head}\r\n\r\n{body}\r\n".encode("utf-8", "surrogateescape")


def _to(token: str) -> str:
    return PROGRAMME.mailbox.replace("@", f"+{token}@")


# --------------------------------------------------------------------------- From


def _other_addresses() -> Iterator[Forgery]:
    """Addresses that look like hers."""
    local, domain = VICTIM.split("@")
    domains = [
        "contoso.example.fabrikam.example", "c\u043entoso.example", "contos\u043e.example", "cont0so.example",
        "xn--cntoso-3ve.example", "contoso-example.example", "contosoexample.example", "mail.contoso.example", "contoso.co.example",
        "contoso.example.", "c\u2160ntoso.example", "\uff43ontoso.example", "conto\u017fo.example", "contoso\u3002example",
        "contoso.exampl\u0435", "contoso\u200b.example", "contoso.example\u200d", "c\u00f6ntoso.example", "\u0441ontoso.example",
        "contoso.example@fabrikam.example", "[192.0.2.1]", "contoso", "contoso..example", "-contoso.example", "CONTOSO.EXAMPLE.CO",
    ]  # fmt: skip
    locals_ = [
        "margaret.okafor+x", "margaretokafor", "margaret_okafor", "margaret.okafor.", ".margaret.okafor", "margaret..okafor",
        "margaret.\u043ekafor", "\uff4dargaret.okafor", "margaret.o\u212aafor", '"margaret.okafor "', "margaret.okafor%contoso.example",
        "margaret\\.okafor", "margaret.okafor\x00", "x!margaret.okafor", "margaret.okafor=contoso.example", "m.okafor", "margaret.okaf\u00f8r",
    ]  # fmt: skip
    for each in domains:
        yield Forgery("a look-alike domain", _mail(sender=f"Margaret Okafor <{local}@{each}>"))
    for each in locals_:
        yield Forgery("a look-alike name", _mail(sender=f"Margaret Okafor <{each}@{domain}>"))


def _display_names() -> Iterator[Forgery]:
    """Her address where only a name belongs."""
    names = [
        f'"{VICTIM}"', VICTIM, f"{VICTIM} (Margaret)", f'"Margaret Okafor <{VICTIM}>"', f'"<{VICTIM}>"', "Margaret Okafor",
        "=?utf-8?q?margaret.okafor=40contoso.example?=", "=?utf-8?b?bWFyZ2FyZXQub2thZm9yQGNvbnRvc28uZXhhbXBsZQ==?=",
        "=?utf-8?q?Margaret_=3Cmargaret.okafor=40contoso.example=3E?=", f"({VICTIM})", f'"{VICTIM}" via list', f"\u202e{VICTIM}",
        f'"{VICTIM}"\r\n', f"'{VICTIM}'", "=?utf-8?q?margaret.okafor=40contoso.example=2C?=", f"{VICTIM},", f"{VICTIM};", f'"{VICTIM}\\" <',
        "=?utf-8?q?=00margaret.okafor=40contoso.example?=", f"\u2028{VICTIM}",
    ]  # fmt: skip
    for name in names:
        yield Forgery("her address as a name", _mail(sender=f"{name} <{MALLORY}>"))


def _several_senders() -> Iterator[Forgery]:
    both = [(VICTIM, MALLORY), (MALLORY, VICTIM), (f"M <{VICTIM}>", f"M <{MALLORY}>")]
    for one, other in both:
        yield Forgery("two addresses in From", _mail(sender=f"{one}, {other}"))
        yield Forgery("two addresses in From", _mail(sender=f"{one} {other}"))
        yield Forgery("two addresses in From", _mail(sender=f"{one}; {other}"))
        yield Forgery("two From headers", _mail(("From", one), sender=other))
        yield Forgery("two From headers", _mail(("FROM", one), ("from", other), sender=None))
    yield Forgery("the same From twice", _mail(("From", VICTIM), sender=VICTIM))


def _odd_syntax() -> Iterator[Forgery]:
    """Groups, comments, folds, NULs, routes: what parsers disagree about."""
    for sender in (
        f"Team: {VICTIM};", f"Team: {VICTIM}, {MALLORY};", f"Team:;{VICTIM}", f"{VICTIM} <{MALLORY}>", f"<{VICTIM}> <{MALLORY}>",
        f"{MALLORY} ({VICTIM})", f"<{VICTIM}>({MALLORY})<{MALLORY}>", f"({'(' * 50}{VICTIM}{')' * 50}) {MALLORY}", f"<@fabrikam.example:{VICTIM}>, {MALLORY}",
        f"{VICTIM}\x00 <{MALLORY}>", f"{VICTIM}\x00{MALLORY}", f"\x00<{VICTIM}\x00>", f"{VICTIM}\r\n <{MALLORY}>", f"{VICTIM}\n\t<{MALLORY}>",
        f'"a" {VICTIM} "b" <{MALLORY}>', f"<{VICTIM}", f"{VICTIM}>", f"<<{VICTIM}>>,<{MALLORY}>", f"{VICTIM}:{MALLORY}", f"undisclosed: {VICTIM};, {MALLORY}",
        "=?utf-8?q?margaret.okafor?=@contoso.example", "=?utf-8?q?margaret.okafor=40contoso.example?=", f"=?utf-8?q?x?= {VICTIM} <{MALLORY}>", "", " ", "<>", "@", "Margaret Okafor",
        f"mailto:{VICTIM}", f"margaret.okafor(x)@contoso.example, {MALLORY}", f"{'a' * 2000} <{VICTIM}>", "margaret.okafor@contoso.example\\@fabrikam.example",
        "margaret.okafor@contoso.example%fabrikam.example", "\ufeffmargaret.okafor@c\u043entoso.example", "margaret.okafor@contoso,example",
    ):  # fmt: skip
        yield Forgery("odd syntax in From", _mail(sender=sender))
    yield Forgery("no From", _mail(sender=None))
    yield Forgery(
        "a From below the header", _mail(sender=None, body=f"From: {VICTIM}\r\n\r\n{WORDS}")
    )


def _other_headers() -> Iterator[Forgery]:
    """Headers that say who it was, for programs that believe them."""
    for name in (
        "Reply-To", "Sender", "Return-Path", "Resent-From", "X-Original-From", "X-Sender", "X-Authenticated-Sender", "Resent-Sender",
        "X-Google-Original-From", "X-MS-Exchange-Organization-AuthAs", "Disposition-Notification-To", "On-Behalf-Of",
    ):  # fmt: skip
        yield Forgery(f"{name} is hers", _mail((name, f"<{VICTIM}>"), sender=MALLORY))
    for deputy in (MALLORY, f"Margaret <{MALLORY}>", PRIYA.address, f"{VICTIM}, {MALLORY}", "", "nobody", f'"{VICTIM}" <{MALLORY}>'):  # fmt: skip
        yield Forgery("sent in her name", _mail(("Sender", deputy)))
    yield Forgery("sent in her name", _mail(("Sender", VICTIM), ("Sender", MALLORY)))


# --------------------------------------------------------------------------- tokens


def _wrong_tokens() -> Iterator[Forgery]:
    """From is hers; but nobody who could not read her letter knows its token."""
    token = corpus.TOKEN
    strange = [
        PRIYAS.token, "s" + "a" * 16, "a" + token[1:], "u" + token[1:], "t" + token[1:], token[:-1] + "2", token[::-1][:16] + "a",
        OLD.token, "c" + "z2" * 8, "s" + "7" * 16, token[:9] + "aaaaaaaa",
    ]  # fmt: skip
    for each in strange:
        yield Forgery("a token that is not hers", _mail(to=_to(each), thread=""))
        yield Forgery("a token that is not hers", _mail(to=_to(each.upper()), thread=""))
    for each in ("s" + "a" * 16, "a" + token[1:], token[:-1] + "2"):
        yield Forgery("a strange token in her thread", _mail(to=_to(each)))
        yield Forgery("a strange token beside hers", _mail(to=f"{corpus.REPLY_TO}, {_to(each)}"))
    for each in (PRIYAS.token, NEXT.token):
        yield Forgery("two tokens", _mail(to=f"{corpus.REPLY_TO}, {_to(each)}"))
        yield Forgery("a token beside the thread", _mail(to=_to(each)))
    box, elsewhere = PROGRAMME.mailbox, corpus.REPLY_TO.replace("contoso", "fabrikam")
    for to in (
        box, elsewhere, f"{box}, {elsewhere}", f"x{corpus.REPLY_TO}", f"mentoring-{token}@contoso.example",
        f"mentoring+{token}x@contoso.example", f"mentoring+x{token}@contoso.example", f"mentoring+{token[:-1]}@contoso.example", f"mentoring+{token}+x@contoso.example",
        f"mentoring+{token}@contoso.example.fabrikam.example", f"mentoring++{token}@contoso.example", f"{token}@contoso.example",
    ):  # fmt: skip
        yield Forgery("no token", _mail(to=to, thread=""))
    for body in (f"{token}\n{WORDS}", f"To: {corpus.REPLY_TO}\n\n{WORDS}", f"> {corpus.REPLY_TO}\n{WORDS}"):  # fmt: skip
        yield Forgery("the token in the text", _mail(to=box, thread="", body=body))
    for name in ("Reply-To", "Subject", "X-Rmflow-Token", "List-Unsubscribe", "Received", "Bcc"):
        yield Forgery("the token elsewhere", _mail((name, corpus.REPLY_TO), to=box, thread=""))
    yield Forgery("an old letter", _mail(to=_to(OLD.token), thread=OLD.message_id))
    yield Forgery("an old thread", _mail(to=box, thread=OLD.message_id))
    for thread in ("<0123@contoso.example>", "<0123456789ABCDEF0123456789ABCDEF@contoso.example>", corpus.LETTER_ID.strip("<>"), f"{corpus.LETTER_ID[:-1]}.x>"):  # fmt: skip
        yield Forgery("a guessed thread", _mail(to=box, thread=thread))


# --------------------------------------------------------------------------- Authentication-Results

_TAKEN_IN = (
    f"from relay.fabrikam.example by {GATE} with ESMTPS id 1; Tue, 3 Nov 2026 14:00:00 +0000"
)
_ELSEWHERE = (
    "from pc.fabrikam.example by relay.fabrikam.example with ESMTPA; Tue, 3 Nov 2026 13:59:00 +0000"
)
_GOOD = f"dmarc=pass (p=reject) header.from={VICTIM.split('@')[1]}; spf=pass smtp.mailfrom={VICTIM}; dkim=pass header.d=contoso.example"
REFUTED = (
    "dmarc=fail (p=none) header.from=contoso.example",
    "dmarc=fail action=oreject header.from=contoso.example; spf=pass smtp.mailfrom=fabrikam.example",
    "spf=fail smtp.mailfrom=contoso.example; dkim=none",
    "spf=softfail (x) smtp.mailfrom=margaret.okafor@contoso.example",
    "spf=pass smtp.mailfrom=fabrikam.example; dkim=pass header.d=fabrikam.example; dmarc=none header.from=contoso.example",
    "dmarc=pass header.from=fabrikam.example",
    "dmarc=pass header.from=contoso.example.fabrikam.example",
    "dmarc=fail (dmarc=pass header.from=contoso.example)",
    "dkim=pass header.d=notcontoso.example",
    "dkim=pass header.d=example; dkim=fail header.d=contoso.example",
    'spf=pass smtp.mailfrom="x; dmarc=pass header.from=contoso.example"@fabrikam.example',
    "spf=pass (domain of a)dmarc=pass@fabrikam.example designates) smtp.mailfrom=fabrikam.example",
    "dmarc=pass header.from=contoso.example; dmarc=fail header.from=contoso.example",
    "dmarc=pass (unclosed header.from=contoso.example",
    'spf=fail reason="; dkim=pass header.d=contoso.example"',
    "DMARC = FAIL header.from=contoso.example",
    "dmarc=quarantine; auth=pass",
    "dkim=pass header.i=@fabrikam.example",
)  # fmt: skip


def _examined() -> Iterator[Forgery]:
    """Our own server has refuted the sender, or has said nothing and others have said much."""
    results, received = "Authentication-Results", "Received"
    forged = (results, f"{GATE}; {_GOOD}")
    for each in REFUTED:
        ours = (results, f"{GATE}; {each}")
        yield Forgery("refuted", _mail(ours, (received, _TAKEN_IN)), EXAMINED)
        yield Forgery(
            "refuted, and forged below", _mail((received, _TAKEN_IN), ours, forged), EXAMINED
        )
        yield Forgery("refuted without an id", _mail((results, each), forged), MICROSOFT)
    for other in (
        f"{GATE}.fabrikam.example", "fabrikam.example", f'"{GATE} "', f"(x){GATE}x", f"x.{GATE}", f"({GATE})", f"relay; {GATE}", "contoso.example", f"fabrikam.example ({GATE})", "mx",
    ):  # fmt: skip
        yield Forgery("another's id", _mail((results, f"{other}; {_GOOD}")), STRICT)
    below = (forged, ("ARC-Authentication-Results", f"i=1; {GATE}; {_GOOD}"), ("X-Authentication-Results", f"{GATE}; {_GOOD}"))  # fmt: skip
    for header in below:
        trail = ((received, _TAKEN_IN), (received, _ELSEWHERE), header)
        yield Forgery("below the line of our server", _mail(*trail), STRICT)
    yield Forgery("nobody confirms", _mail(), STRICT)
    yield Forgery("in the text", _mail(body=f"{results}: {GATE}; {_GOOD}\n\n{WORDS}"), STRICT)
    top = ((results, f"fabrikam.example; {_GOOD}"), (results, _GOOD))
    yield Forgery("without an id, but not on top", _mail(*top), replace(MICROSOFT, proof_required=True))  # fmt: skip


# --------------------------------------------------------------------------- structure, insiders


def _wrapped() -> Iterator[Forgery]:
    """Her mail inside of another one."""
    boundary = "\r\n--b\r\n"
    for inner in ("message/rfc822", "text/rfc822-headers", "application/octet-stream"):
        body = f"See below.{boundary}Content-Type: {inner}\r\n\r\n".encode() + _mail()
        head = f"From: {MALLORY}\r\nTo: {corpus.REPLY_TO}\r\nMIME-Version: 1.0\r\n"
        kind = 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n'
        yield Forgery("her mail, forwarded", (head + kind).encode() + body + b"\r\n--b--\r\n")
    for header in (("X-Rmflow-Key", "1"), ("Auto-Submitted", "auto-replied"), ("List-Id", "<x>")):
        yield Forgery("as if by a program", _mail(header))
    yield Forgery("as if by us", _mail(sender=PROGRAMME.mailbox))
    yield Forgery("as if by us", _mail(sender=corpus.REPLY_TO))
    yield Forgery("as if returned", _mail(("Return-Path", "<>"), sender=f"mailer-daemon@{GATE}"))


def _by_insiders() -> Iterator[Forgery]:
    """People of the programme who answer for her."""
    for sender in (INES, f"Ines Silva <{INES}>", f"Margaret Okafor <{INES}>", PRIYA.address, PROGRAMME.coordinator):  # fmt: skip
        yield Forgery("an insider", _mail(sender=sender))
        yield Forgery("an insider", _mail(sender=sender, to=PROGRAMME.mailbox))
        yield Forgery("an insider", _mail(("Reply-To", VICTIM), sender=sender))
    yield Forgery("on her behalf", _mail(("Sender", INES)))
    yield Forgery("on her behalf", _mail(("Sender", f"Ines <{INES}>")))


# --------------------------------------------------------------------------- invitations

UID = "5d1f0a3c@contoso.example"


def _itip(
    *headers: tuple[str, str],
    method: str = "REPLY",
    uid: str = UID,
    attendee: str = f"ATTENDEE;PARTSTAT=DECLINED:mailto:{VICTIM}",
    organizer: str = f"ORGANIZER:mailto:{PROGRAMME.mailbox}",
    sender: str = MALLORY,
) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid}",
        "DTSTAMP:20261103T120000Z", "DTSTART:20261104T090000Z", "SEQUENCE:0", organizer, attendee, "COMMENT:Rating: 5",
        "END:VEVENT", "END:VCALENDAR", ""]  # fmt: skip
    mail = _mail(*headers, sender=sender, body="\r\n".join(filter(None, lines)))
    return mail.replace(b"text/plain", b"text/calendar; method=" + method.encode(), 1)


def _invitations() -> Iterator[Forgery]:
    for method in ("REPLY", "COUNTER", "CANCEL", "REQUEST", "ADD", "REFRESH", "DECLINECOUNTER", "PUBLISH", "reply", "X"):  # fmt: skip
        yield Forgery(f"{method} by a stranger", _itip(method=method))
        yield Forgery(f"{method} by her partner", _itip(method=method, sender=PRIYA.address))
    for method in ("CANCEL", "REQUEST", "ADD", "DECLINECOUNTER", "PUBLISH"):
        yield Forgery(f"{method} by an attendee", _itip(method=method, sender=VICTIM))
    for sender in (f'"{VICTIM}" <{MALLORY}>', f"{VICTIM}, {MALLORY}", f"Team: {VICTIM};", "margaret.okafor@c\u043entoso.example", ""):  # fmt: skip
        yield Forgery("an answer with an odd From", _itip(sender=sender))
    for organizer in (MALLORY, VICTIM, f"x{PROGRAMME.mailbox}", "mentoring@contoso.example.fabrikam.example"):  # fmt: skip
        yield Forgery("another organiser", _itip(organizer=f"ORGANIZER:mailto:{organizer}", sender=VICTIM))  # fmt: skip
        yield Forgery("another organiser", _itip(method="COUNTER", organizer=f'ORGANIZER;SENT-BY="mailto:{PROGRAMME.mailbox}":mailto:{organizer}', sender=VICTIM))  # fmt: skip
    for attendee in (
        f'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:{MALLORY}":mailto:{VICTIM}', f"ATTENDEE;PARTSTAT=DECLINED;CN={VICTIM}:mailto:{MALLORY}",
        f"ATTENDEE;PARTSTAT=DECLINED;EMAIL={VICTIM}:mailto:{MALLORY}", f'ATTENDEE;PARTSTAT=DECLINED;MEMBER="mailto:{VICTIM}":mailto:{MALLORY}',
        f'ATTENDEE;PARTSTAT=DECLINED;DELEGATED-TO="mailto:{MALLORY}":mailto:{VICTIM}',
    ):  # fmt: skip
        yield Forgery("another attendee", _itip(attendee=attendee))
    for uid in ("guess@contoso.example", UID.upper(), f" {UID}x", "x" + UID, ""):
        yield Forgery("a guessed meeting", _itip(uid=uid, sender=MALLORY))
    partners = f"ATTENDEE;PARTSTAT=DECLINED:mailto:{PRIYA.address}"
    yield Forgery("an assistant for others", _itip(attendee=partners, sender=INES))
    yield Forgery("an attendee for others", _itip(attendee=partners, sender=VICTIM))
    for deputy in (MALLORY, PRIYA.address, f"{VICTIM}, {MALLORY}"):
        yield Forgery("an answer in her name", _itip(("Sender", deputy), sender=VICTIM))
    for each in REFUTED[:6]:
        results = ("Authentication-Results", f"{GATE}; {each}")
        yield Forgery("a refuted answer", _itip(results, sender=VICTIM), EXAMINED)
    yield Forgery("an unconfirmed answer", _itip(sender=VICTIM), STRICT)
