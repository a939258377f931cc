"""An incoming mail becomes a `Reading`: each kind by what it says."""

from dataclasses import replace
from datetime import datetime

from rmflow.domain.attribution import person_at
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.formats.incoming.automatic import auto_reply, bounce, complaint
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.human import Human
from rmflow.formats.incoming.invitation_answer import invitation_answer
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.incoming.mail_kind import kind_of
from rmflow.formats.replies.lines import CUT


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
            return bounce(reading, mail, context)
        case MailKind.CALENDAR:
            return _if_whole(invitation_answer(reading, mail, context), mail)
        case MailKind.AUTO_REPLY:
            return auto_reply(reading, mail, context)
        case MailKind.HUMAN:
            return _if_whole(Human(reading, mail, context).read(), mail)
        case MailKind.COMPLAINT:
            return complaint(reading, context)
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
