"""What else arrives in the mailbox of an `Office`: the mails of servers, programs and strangers."""

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from office import Office, address

MAILBOX = "mentoring@contoso.example"
_AWAY = "I am out of the office. What I take away: nothing. 5"


def stranger(office: Office, text: str = "Is this the canteen?") -> bytes:
    """Somebody who is not in the roster writes."""
    mail = _mail(office, "Otto Quandt <otto@fabrikam.example>", "A question")
    mail.set_content(text)
    return office.deliver(mail.as_bytes())


def auto_reply(office: Office, person: str, kind: str, text: str = _AWAY) -> bytes:
    """Somebody's mail server answers that they are away, and quotes our mail."""
    letter = office.last_mail(person, kind)
    mail = _mail(office, f"{person} <{address(person)}>", f"Automatic reply: {letter['Subject']}")
    mail["To"] = letter["Reply-To"]
    mail["In-Reply-To"] = letter["Message-ID"]
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text)
    return office.deliver(mail.as_bytes())


def bounce(office: Office, person: str, kind: str) -> bytes:
    """A mail server reports that our mail could not be delivered (RFC 3464)."""
    letter = office.last_mail(person, kind)
    mail = _mail(office, "Mail Delivery System <mailer-daemon@contoso.example>", "Undelivered Mail")
    lines = [
        f"From: Mail Delivery System <mailer-daemon@contoso.example>\nTo: {MAILBOX}",
        f"Subject: Undelivered Mail Returned to Sender\nDate: {mail['Date']}",
        f"Message-ID: {mail['Message-ID']}\nAuto-Submitted: auto-replied\nMIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n',
        "--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n",
        "--b\nContent-Type: message/delivery-status\n",
        "Reporting-MTA: dns; mail.contoso.example\n",
        f"Final-Recipient: rfc822; {address(person)}\nAction: failed\nStatus: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n",
        "--b\nContent-Type: text/rfc822-headers\n",
        f"Message-ID: {letter['Message-ID']}\nTo: {letter['To']}\nSubject: {letter['Subject']}\n",
        "--b--\n",
    ]
    return office.deliver("\n".join(lines).encode())


def counter(office: Office, person: str, session: str, start: datetime) -> bytes:
    """Somebody proposes another time for one meeting (METHOD:COUNTER, RFC 5546 section 3.2.7)."""
    uid = uid_of(office, person)
    local = start.astimezone(ZoneInfo("Europe/Berlin"))
    end = local + timedelta(hours=1)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Calendar//EN", "METHOD:COUNTER",
        "BEGIN:VEVENT", f"UID:{uid}", "SEQUENCE:0", f"RECURRENCE-ID:{session}",
        f"DTSTAMP:{office.now.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{local.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}",
        f"DTEND:{end.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}",
        f"ORGANIZER:mailto:{MAILBOX}",
        f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{address(person)}",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    mail = _mail(office, f"{person} <{address(person)}>", "New Time Proposed: Reverse Mentoring")
    mail["To"] = MAILBOX
    mail.set_content("Could we meet later?")
    mail.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "COUNTER"})
    return office.deliver(mail.as_bytes())


def invitation_of(mail: EmailMessage) -> bytes:
    """Return the bytes of the text/calendar part."""
    part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def property_of(calendar: bytes, name: str) -> str:
    """Return the first value of a property of the (unfolded) calendar object."""
    unfolded = calendar.replace(b"\r\n ", b"").decode()
    found = re.search(rf"^{name}[^:\r\n]*:(.+?)\r?$", unfolded, re.MULTILINE)
    assert found is not None, name
    return found[1]


def uid_of(office: Office, person: str) -> str:
    """Return the UID of the series that a person is invited to."""
    return property_of(invitation_of(office.last_mail(person, "invitation")), "UID")


def _mail(office: Office, sender: str, subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["Subject"] = subject
    mail["Date"] = office.now
    stem = re.sub(r"\W", "", sender + subject)
    mail["Message-ID"] = f"<{stem}-{office.now:%j%H%M}@mail.contoso.example>"
    return mail
