"""Everybody together: mail leaves people and lies in the programme's mailbox at the right time."""

import os
from datetime import datetime
from pathlib import Path

from rmflow.demo.organisation import employee
from rmflow.demo.people.cast import leaders, mentors
from rmflow.demo.people.coordinator import ADDRESS_CHANGES, NEW_ADDRESS, Coordinator
from rmflow.demo.people.person import Person, Sent


class Society:
    """The people of a demo folder. Same seed, same letters: same lives."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._mailbox = folder / "mail" / "in"
        self._delivered = 0
        self.coordinator = Coordinator(folder)
        self._people = [
            Person(employee(name), habits, folder / "mail" / "out", seed)
            for name, habits in {**leaders(), **mentors()}.items()
        ]

    def live(self, now: datetime) -> int:
        """Let everybody act until now; return how many mails they sent."""
        self.coordinator.live(now)
        for person in self._people:
            address = NEW_ADDRESS.get(person.who.name)
            if address and now.date() >= ADDRESS_CHANGES and person.address != address:
                person.move_to(address)
        sent = [mail for person in self._people for mail in person.live(now)]
        for mail in sorted(sent, key=lambda mail: (mail.at, mail.content)):
            self._deliver(mail)
        return len(sent)

    def _deliver(self, mail: Sent) -> None:
        """Lay a mail down as a mail server does: whole, with the time of its arrival."""
        self._delivered += 1
        for name in ("tmp", "new", "cur"):
            (self._mailbox / name).mkdir(parents=True, exist_ok=True)
        name = f"{mail.at.timestamp():.0f}.M{self._delivered:05}.contoso"
        draft = self._mailbox / "tmp" / name
        draft.write_bytes(mail.content)
        os.utime(draft, (mail.at.timestamp(), mail.at.timestamp()))
        draft.rename(self._mailbox / "new" / name)
