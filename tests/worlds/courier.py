"""Between the simulated people and a vendor's service: what their calendar programs and mail do.

People of the demo live with Maildirs and invitations. A service invites them itself and notes
their answers; the courier brings what the service would send, and carries back what they do.
"""

import email
import email.policy
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from rmflow.domain.series import ObservedSeries, Response, SeriesSpec, Uid
from rmflow.formats.calendar.ics import Method, invitation, read_stored, stored
from rmflow.formats.calendar.itip import read_responses
from rmflow.ports.calendar import Calendar


class Service(Protocol):
    """A vendor's mailbox and calendar, from outside.

    `has_mail` False: mail stays in the folder's Maildirs. `invites` False: people get rmflow's
    own invitations by mail.
    """

    has_mail: bool
    invites: bool

    def sections(self, folder: Path) -> str:
        """Return the sections of the configuration; their secrets are laid into the folder."""
        ...

    def letters(self) -> list[tuple[str, bytes]]:
        """Return everything that left so far, with its recipients, in order."""
        ...

    def deliver(self, raw: bytes, at: datetime) -> None:
        """Let a mail arrive in the programme's mailbox at this time."""
        ...

    def answer(self, spec: SeriesSpec, response: Response, original: datetime | None) -> bool:
        """Note an answer, to one meeting by its original wall time. False: it comes by mail."""
        ...

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        """Let somebody drag one meeting to another time (wall times)."""
        ...

    def close(self) -> None:
        """Stop it."""
        ...


class Courier:
    """Carries mail and answers between a demo folder and a service."""

    def __init__(self, folder: Path, service: Service, calendar: Calendar) -> None:
        self._folder = folder
        self._service = service
        self._calendar = calendar
        self._delivered = 0
        self._token = ""
        self._seen: dict[Uid, ObservedSeries] = {}
        self._mirrored: dict[Uid, bytes] = {}

    def collect(self) -> None:
        """Carry to the service what people have done since the last time."""
        inbox = self._folder / "mail" / "in" / "new"
        for path in sorted(inbox.glob("*")):
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            raw = path.read_bytes()
            if self._service.invites and self._noted(raw, at):
                path.unlink()
            elif self._service.has_mail:
                self._service.deliver(raw, at)
                path.unlink()
        for uid, content in self._mirrored.items():
            now = self._mirror(uid).read_bytes()
            if now != content:
                self._drag(self._seen[uid].spec, read_stored(now).spec)

    def bring(self, uids: Collection[Uid], now: datetime) -> None:
        """Bring people what the service has for them."""
        letters = self._service.letters()
        for recipient, raw in letters[self._delivered :]:
            self._lay_down(recipient, raw)
        self._delivered = len(letters)
        changes = self._calendar.changes(self._token, uids)
        self._token = changes.token
        for seen in changes.series:
            uid = seen.spec.uid
            before = self._seen.get(uid)
            if before is None or _meaning(before) != _meaning(seen):
                if self._service.invites:
                    self._invite(seen, now)
                self._seen[uid] = seen
                self._mirrored[uid] = stored(seen.spec, now=now, cancelled=seen.cancelled)
                self._mirror(uid).parent.mkdir(exist_ok=True)
                self._mirror(uid).write_bytes(self._mirrored[uid])

    def _mirror(self, uid: Uid) -> Path:
        return self._folder / "calendars" / f"{uid}.ics"

    def _noted(self, raw: bytes, at: datetime) -> bool:
        """Return whether the service takes a mail for an answer to an invitation of its own."""
        mail = email.message_from_bytes(raw)
        specs = {uid: seen.spec for uid, seen in self._seen.items()}
        parts = [p for p in mail.walk() if p.get_content_type() == "text/calendar"]
        noted = [
            self._service.answer(specs[response.uid], response, _original(specs, response))
            for part in parts[:1]
            for response in read_responses(_content(part), received_at=at, known=specs)
        ]
        return bool(noted) and all(noted)

    def _drag(self, before: SeriesSpec, after: SeriesSpec) -> None:
        for original, start in after.moved:
            if before.moves.get(original) != start:
                self._service.drag(before, original, start)

    def _invite(self, seen: ObservedSeries, now: datetime) -> None:
        """Write the invitations that a calendar server sends to its guests."""
        spec = seen.spec
        statuses = {r.attendee: r.status for r in seen.responses if r.session is None}
        method = Method.CANCEL if seen.cancelled else Method.REQUEST
        content = invitation(spec, method=method, now=now, statuses=statuses)
        for attendee in spec.attendees:
            mail = EmailMessage(policy=email.policy.SMTP)
            mail["From"] = f"{spec.organiser_name} <{spec.organiser}>"
            mail["To"] = attendee.address
            mail["Subject"] = f"Invitation: {spec.summary}"
            mail["Date"] = now
            mail["Message-ID"] = f"<{now:%j%H}.{attendee.address}.{spec.uid}>"
            mail.set_content("You are invited.\n")
            mail.add_alternative(
                content.decode(), subtype="calendar", params={"method": method.value}
            )
            self._lay_down(attendee.address, mail.as_bytes())

    def _lay_down(self, recipient: str, raw: bytes) -> None:
        maildir = self._folder / "mail" / "out" / recipient
        for name in ("tmp", "new", "cur"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
        head = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0])
        name = head["X-Rmflow-Key"] or head["Message-ID"].strip("<>")
        (maildir / "new" / f"{name}.rmflow").write_bytes(raw)


def _content(part: email.message.Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _meaning(seen: ObservedSeries) -> tuple[object, ...]:
    """Return what a guest is told of: not who has answered what."""
    return replace(seen.spec, sequence=0), seen.cancelled


def _original(specs: Mapping[Uid, SeriesSpec], response: Response) -> datetime | None:
    from rmflow.domain.recurrence import original_wall_start

    if response.session is None:
        return None
    return original_wall_start(specs[response.uid], response.session)
