"""What a letter is told before it is written; the words are the templates' business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rmflow.domain.form import Form
from rmflow.domain.letter import LetterKind
from rmflow.domain.people import Participant, Role
from rmflow.domain.programme import Cadence, Programme
from rmflow.domain.reason import Reasons
from rmflow.domain.session import Session
from rmflow.domain.topic import Topic


@dataclass(frozen=True, slots=True)
class SessionChange:
    """A meeting that was moved; `now` None: it does not take place."""

    was: Session
    now: Session | None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One pairing in a letter, as its recipient (`role`) sees it. Empty means: say nothing of it.

    `location` is the mentor's space. `sessions` are the next meetings (invitation, update),
    or the first ones at each time to choose from (new times).
    `because` is why they changed (update, cancellation). `agenda` and `promises` are the
    mentee's own words; `takeaways` are of this pair's last summary. `answers` are canonical
    (`domain.form.Answers`). `last`: no reminder comes after this one.
    `until` is the last day of a pause, None for an open one; `own_wish`: the reader asked for it.
    """

    role: Role
    partner: Participant
    location: str
    session: Session | None = None
    sessions: tuple[Session, ...] = ()
    cadence: Cadence | None = None
    changes: tuple[SessionChange, ...] = ()
    because: Reasons = ()
    topic: Topic | None = None
    agenda: str = ""
    takeaways: str = ""
    promises: tuple[str, ...] = ()
    form: Form | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    last: bool = False
    until: date | None = None
    own_wish: bool = False


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """One letter. `reference` is short and visible, so that a person can find it: "p3f2a91-3"."""

    programme: Programme
    kind: LetterKind
    recipient: Participant
    items: tuple[ItemFacts, ...]
    reference: str
