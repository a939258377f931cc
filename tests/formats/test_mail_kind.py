"""Kinds of mail: structure first, in a fixed order (INBOUND section 4)."""

from datetime import date
from email.message import EmailMessage

import pytest
import reply_corpus as corpus
from letter_samples import PROGRAMME

from rmflow.domain.reading import MailKind
from rmflow.formats.incoming.mail import parse
from rmflow.formats.incoming.mail_kind import away_until, kind_of


def kind(raw: bytes | EmailMessage) -> MailKind:
    content = raw if isinstance(raw, bytes) else raw.as_bytes()
    return kind_of(parse(content), PROGRAMME.mailbox)


def reply(text: str = "Good hour.", subject: str = "", **headers: str) -> EmailMessage:
    mail = corpus.message(subject, **headers)
    mail.set_content(text)
    return mail


CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"
FILLED = corpus.Reply("", "en", inside={"talked": "hiring"}).form_text


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, MailKind.HUMAN),
        ({"Auto_Submitted": "no"}, MailKind.HUMAN),
        ({"X_Auto_Response_Suppress": "All"}, MailKind.HUMAN),
        ({"Auto_Submitted": "auto-replied"}, MailKind.AUTO_REPLY),
        ({"Auto_Submitted": 'auto-replied; owner-email="m@contoso.example"'}, MailKind.AUTO_REPLY),
        ({"Auto_Submitted": "auto-generated"}, MailKind.AUTO_REPLY),
        ({"X_Autoreply": "yes"}, MailKind.AUTO_REPLY),
        ({"X_Autorespond": "x"}, MailKind.AUTO_REPLY),
        ({"X_MS_Exchange_Inbox_Rules_Loop": "m@contoso.example"}, MailKind.AUTO_REPLY),
        ({"Precedence": "auto_reply"}, MailKind.AUTO_REPLY),
        ({"Return_Path": "<>"}, MailKind.AUTO_REPLY),
        ({"Precedence": "bulk"}, MailKind.BULK),
        ({"List_Id": "<all.contoso.example>"}, MailKind.BULK),
        ({"X_Failed_Recipients": "margaret.okafor@contoso.example"}, MailKind.BOUNCE),
        ({"From": "mentoring@contoso.example"}, MailKind.LOOP),
        ({"From": "mentoring+sabc@contoso.example"}, MailKind.LOOP),
        ({"From": "MAILER-DAEMON@mx.contoso.example", "Return_Path": "<>"}, MailKind.BOUNCE),
        ({"From": "postmaster@contoso.example", "Subject": "Undeliverable: How was it"}, MailKind.BOUNCE),
        ({"From": "postmaster@contoso.example", "Subject": "Re: your question"}, MailKind.HUMAN),
    ],
)  # fmt: skip
def test_headers_decide(headers: dict[str, str], expected: MailKind) -> None:
    """Cases 59, 60, 62, 65, 70."""
    assert kind(reply(**headers)) is expected


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: How was your meeting", "Out of Office: How was", "Auto: How was", "Automatische Antwort: Wie war",
        "Abwesenheitsnotiz: Wie war", "Abwesend: Wie war", "AW: Abwesenheit bis 10.11.", "Réponse automatique : Comment", "Absence du bureau",
        "Respuesta automática: Cómo", "Fuera de la oficina", "Resposta automática: Como", "Risposta automatica: Come", "Fuori ufficio",
        "Automatisch antwoord: Hoe", "Afwezig: Hoe", "Autosvar: Hur", "Automatiskt svar: Hur", "Automatisk svar: Hvordan", "Automaattinen vastaus: Miten",
        "Autoodpowiedź: Jak", "Automatická odpověď: Jak", "自動応答: いかが", "自动回复: 如何", "자동 회신: 어땠", "Автоответ: Как", "I am out of the office until Monday",
    ],
)  # fmt: skip
def test_an_absence_is_known_by_its_subject(subject: str) -> None:
    """Case 57: Exchange rules send without any header that says so."""
    assert kind(reply(subject=subject)) is MailKind.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    ["Re: How was your meeting", "AW: Wie war Ihr Treffen", "Autonomous teams", "Office hours", "Re: Automation at Contoso", "Out of curiosity", "Urlaubsplanung im Team"],
)  # fmt: skip
def test_an_ordinary_subject_is_human(subject: str) -> None:
    assert kind(reply(subject=subject)) is MailKind.HUMAN


def test_an_absence_that_quotes_the_form_is_no_answer() -> None:
    """Case 58: it looks like a reply with labels."""
    mail = reply(f"I am away.\n\n{FILLED}", Auto_Submitted="auto-replied")
    assert kind(mail) is MailKind.AUTO_REPLY


@pytest.mark.parametrize(
    "raw",
    [
        corpus.delivery_report(),
        corpus.delivery_report(report=""),
        corpus.delivery_report(action="delayed", status="4.4.1"),
        corpus.delivery_report(returned="message/rfc822"),
        corpus.delivery_report(to="someone.else@contoso.example"),
    ],
)
def test_a_delivery_report_is_a_bounce(raw: bytes) -> None:
    """Case 61."""
    assert kind(raw) is MailKind.BOUNCE


def test_a_bounce_of_an_invitation_is_a_bounce() -> None:
    """Case 88: it holds our own METHOD:REQUEST."""
    part = f"--r\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n{CALENDAR}\r\n--r--\r\n"
    assert kind(corpus.delivery_report().replace(b"--r--\r\n", part.encode())) is MailKind.BOUNCE


DAEMON = "MAILER-DAEMON@mx.contoso.example"
FAILED = "Your mail to <m@contoso.example> failed:\n550 5.1.1 no such user here"


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (FAILED, {"From": "MAILER-DAEMON <>", "Subject": "Mail delivery failed"}),
        (FAILED, {"From": '"Mail Deliver System" <MAILER-DAEMON>', "Subject": "Re: How was it"}),
        (FAILED, {"From": "<>", "Subject": "failure notice", "Return_Path": "<>"}),
        (FAILED, {"From": "post_master@contoso.example", "Subject": "Re: How was it"}),
        (FAILED, {"From": "Mail.Delivery.System@contoso.example", "Subject": "How was it"}),
        (FAILED, {"From": "no-reply@contoso.example", "Subject": "Hello", "Return_Path": "<>"}),
        (FAILED, {"From": "filter@contoso.example", "Subject": "Mail could not be delivered"}),
        ("Отправить не удалось: user unknown", {"From": DAEMON, "Subject": "Не доставлено"}),
        (FAILED, {"From": DAEMON, "Subject": "メールエラー通知", "Precedence": "list"}),
    ],
)
def test_a_report_without_the_structure_of_one_is_a_bounce(
    text: str, headers: dict[str, str]
) -> None:
    """Case 61: qmail, Exim, old gateways, filters; some write from nobody, some to no null path."""
    assert kind(reply(text, **headers)) is MailKind.BOUNCE


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (FAILED, {"Subject": "Fwd: Mail delivery failed"}),
        (FAILED, {"Subject": "AW: Wie war Ihr Treffen"}),
        ("Did my mail get through?", {"Subject": "Delivery failure?"}),
        ("We talked about 450 people and user unknowns.", {}),
        ("Room 550 Main building is closed.", {"From": "postmaster@contoso.example"}),
    ],
)
def test_a_person_who_writes_about_a_failed_mail_is_a_person(
    text: str, headers: dict[str, str]
) -> None:
    assert kind(reply(text, **headers)) is MailKind.HUMAN


@pytest.mark.parametrize(
    ("subject", "headers", "expected"),
    [
        ("unsubscribe", {"Auto_Submitted": "auto-replied"}, MailKind.COMPLAINT),
        ("unsubscribe", {}, MailKind.HUMAN),
        ("Unsubscribe from the list", {"Auto_Submitted": "auto-replied"}, MailKind.AUTO_REPLY),
        ("complaint about message from 192.0.2.1", {}, MailKind.HUMAN),
    ],
)
def test_a_click_on_unsubscribe_is_a_complaint(
    subject: str, headers: dict[str, str], expected: MailKind
) -> None:
    """Case 65: Apple Mail sends it as an automatic answer. Who types the word is a person."""
    assert kind(reply("Apple Mail sent this.", subject, **headers)) is expected


def test_reports_of_other_kinds_are_told_apart() -> None:
    """Case 64, ARF."""
    read = corpus.delivery_report(report="report-type=disposition-notification; ").replace(
        b"delivery-status", b"disposition-notification"
    )
    spam = corpus.delivery_report(report="report-type=feedback-report; ").replace(
        b"delivery-status", b"feedback-report"
    )
    assert kind(read) is MailKind.RECEIPT
    assert kind(spam) is MailKind.COMPLAINT


@pytest.mark.parametrize(
    "kind_of_part", ["text/calendar; method=REPLY", "text/calendar", "application/ics"]
)
def test_a_calendar_part_with_a_method_is_calendar(kind_of_part: str) -> None:
    """Case 82: Apple leaves the parameter out."""
    head = corpus.message().as_bytes().rstrip()
    raw = head + f"\r\nContent-Type: {kind_of_part}\r\n\r\n{CALENDAR}".encode()
    assert kind(raw) is MailKind.CALENDAR


def test_a_calendar_file_without_a_method_is_an_attachment() -> None:
    head = corpus.message().as_bytes().rstrip()
    raw = (
        head
        + f"\r\nContent-Type: text/calendar\r\n\r\n{CALENDAR}".replace(
            "METHOD:REPLY\r\n", ""
        ).encode()
    )
    assert kind(raw) is MailKind.HUMAN


def test_what_cannot_be_parsed_is_broken() -> None:
    assert kind(b"X: " + b"x" * 70_000) is MailKind.BROKEN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am out of the office until 15 November.", date(2026, 11, 15)),
        ("Away through Nov 15, 2026 with limited access to mail.", date(2026, 11, 15)),
        ("I will be back on 16 November.", date(2026, 11, 15)),
        ("I am on leave and will return on Monday, 16 November 2026.", date(2026, 11, 15)),
        ("Ich bin bis zum 15.11.2026 nicht im Büro.", date(2026, 11, 15)),
        ("Ich bin bis 15. November abwesend.", date(2026, 11, 15)),
        ("Ab dem 16.11. bin ich wieder erreichbar.", date(2026, 11, 15)),
        ("Ab dem 16. November bin ich wieder da.", date(2026, 11, 15)),
        ("Estarei ausente até 15 de novembro.", date(2026, 11, 15)),
        ("Jag är borta till och med den 15 november.", date(2026, 11, 15)),
        ("Jestem nieobecny do 15 listopada.", date(2026, 11, 15)),
        ("11月15日まで不在にしております。", date(2026, 11, 15)),
        ("Je suis absente jusqu'au 15 novembre.", date(2026, 11, 15)),
        ("De retour le 16 novembre.", date(2026, 11, 15)),
        ("Estaré fuera hasta el 15 de noviembre.", date(2026, 11, 15)),
        ("Sono assente fino al 15 novembre.", date(2026, 11, 15)),
        ("Ik ben afwezig tot en met 15 november.", date(2026, 11, 15)),
        ("Out from 9 November until 15 November.", date(2026, 11, 15)),
        ("I am away. For urgent matters call 0421 123456.", None),
        ("I was away until 15 October.", None),
        ("I am out until further notice.", None),
    ],
)
def test_the_last_day_of_an_absence_is_read(text: str, day: date | None) -> None:
    mail = parse(reply(text, "Automatic reply: Hi").as_bytes())
    assert away_until(mail, text, corpus.RECEIVED) == day
