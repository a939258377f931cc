"""Invitations by mail (RFC 6047): the calendar that works with every mailbox.

The series are kept as a vdir; what tells the attendees are mails, which are effects of their own
and leave through the port Mailer. This adapter sends nothing.
"""

from rmflow.adapters.standards import vdir
from rmflow.ports.calendar import Capability


class Settings(vdir.Settings):
    """People get invitations by mail; what was sent is kept as a folder of .ics files."""


class ImipCalendar(vdir.VdirCalendar):
    """Port Calendar: a vdir whose attendees are told by invitation mails."""

    backend = "imip"
    capabilities = frozenset({Capability.INVITES_BY_MAIL})
