"""Mails that are recorded leave the inbox: what waits for a person goes to a folder of its own."""

from collections.abc import Iterable, Mapping

from rmflow.app.inbox import Inbox
from rmflow.app.ports import Ports
from rmflow.domain.reading import MailId
from rmflow.domain.records import WAITING, ReadingRecord
from rmflow.errors import BackendError, Problem
from rmflow.planner.actions import Action, Note
from rmflow.ports.mail import Folder


def put_away(ports: Ports, inbox: Inbox, actions: Iterable[Action]) -> Problem | None:
    """Move each mail to where its record says; `actions` have recorded what is new.

    One that stays in the inbox is recognised by the next run, and moved then.
    """
    states = _states(ports, actions, inbox.refs.values())
    waiting = [ref for ref, id in inbox.refs.items() if states.get(id) == WAITING]
    others = [ref for ref, id in inbox.refs.items() if states.get(id) != WAITING]
    try:
        for folder, refs in ((Folder.DONE, others), (Folder.NEEDS_YOU, waiting)):
            if refs:
                ports.mailbox.file(refs, folder)
    except BackendError as error:
        reason = f"read mails are still in the inbox: {error.reason}"
        return Problem("mailbox", reason, warning=True)
    return None


def _states(
    ports: Ports, actions: Iterable[Action], mails: Iterable[MailId]
) -> Mapping[MailId, str]:
    """Return what became of the mails; a run before, which was cut off, may have recorded some."""
    notes = (action for action in actions if isinstance(action, Note))
    records = (record for note in notes for record in note.records)
    states = {r.mail_id: r.state for r in records if isinstance(r, ReadingRecord)}
    others = set(mails) - states.keys()
    earlier = ports.store.readings(others) if others else ()
    return {r.mail_id: r.state for r in earlier} | states
