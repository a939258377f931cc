"""Whose mail it is, and what it is about: rules over what was found, never over its words.

| token        | thread | sender                        | decision                          |
| ours         | any    | the person the letter went to | accepted                          |
| ours         | any    | their assistant               | author is the assistant; a person looks |
| ours         | any    | anybody else                  | a person looks                    |
| none         | ours   | the person the letter went to | accepted                          |
| none         | none   | known                         | a person looks; never guessed     |
| none         | any    | unknown                       | a person looks                    |

From alone says who it is. Reply-To, Sender and Authentication-Results are written by strangers
as well; the last are not looked at until a deployment can say which of them are its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.records import LetterRecord
from rmflow.domain.series import Response, SeriesSpec, Uid

# A token is for one letter. Half a year later a reply to it is about something else.
TOKEN_LIFE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found about a mail. `sender` None: From is not one plain mailbox.

    `by_token` and `by_thread` are our letters whose reply token, or whose Message-ID in
    In-Reply-To or References, the mail carries; the answered one of a thread comes first.
    """

    sender: Address | None
    by_token: Sequence[LetterRecord]
    by_thread: Sequence[LetterRecord]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who wrote, and which letter it answers. `why` is empty when both are certain."""

    author: PersonId | None
    letter: LetterRecord | None
    why: str = ""


def attribute(evidence: Evidence, people: Mapping[PersonId, Participant]) -> Attribution:
    """Return whose mail it is. With a `why`, a person must look before anything is believed."""
    author = person_at(evidence.sender, people)
    living = [r for r in evidence.by_token if evidence.received_at - r.sent_at <= TOKEN_LIFE]
    letter = _newest(living) or next(iter(evidence.by_thread), None)
    name = people[author].first_name if author else str(evidence.sender or "Somebody")
    if evidence.sender is None:
        return Attribution(None, letter, "It is not clear who sent this mail.")
    if letter is None:
        if evidence.by_token:
            return Attribution(author, None, f"{name} answered a mail of long ago.")
        known = f"{name} wrote, and not in reply to a mail of ours."
        unknown = f"{name} wrote, and is not in the roster."
        return Attribution(author, None, known if author else unknown)
    if _contradict(living, evidence.by_thread):
        return Attribution(author, None, f"{name} answered two mails at once.")
    return Attribution(author, letter, _doubt(evidence.sender, author, name, letter, people))


def person_at(address: Address | None, people: Mapping[PersonId, Participant]) -> PersonId | None:
    """Return who of the people has this address."""
    return next((person.id for person in people.values() if person.address == address), None)


def _doubt(
    sender: Address,
    author: PersonId | None,
    name: str,
    letter: LetterRecord,
    people: Mapping[PersonId, Participant],
) -> str:
    """Return why this sender may not answer this letter, "" if they may."""
    if author == letter.person:
        return ""
    asked = people.get(letter.person)
    to = asked.first_name if asked else "somebody who is not in the roster any more"
    if asked and asked.assistant == sender:
        return f"{to}'s assistant answered a mail to {to}."
    if author is None:
        return f"{sender} answered a mail to {to}, and is not in the roster."
    return f"{name} answered a mail to {to}."


def _newest(letters: Sequence[LetterRecord]) -> LetterRecord | None:
    """Return the last letter: of a request and its reminders, any answer is to all of them."""
    return max(letters, key=lambda letter: letter.sent_at, default=None)


def _contradict(by_token: Sequence[LetterRecord], by_thread: Sequence[LetterRecord]) -> bool:
    """Return whether token and thread, or two tokens, point to different meetings.

    A letter that merges several items is one letter.
    """
    tokens = {letter.key: _matter(letter) for letter in by_token}
    if len(set(tokens.values())) > 1:
        return True
    answered = by_thread[:1]
    return bool(tokens and answered) and not (
        answered[0].key in tokens or _matter(answered[0]) in tokens.values()
    )


def _matter(letter: LetterRecord) -> tuple[str, str, str]:
    return letter.pairing, letter.session, letter.person


def doubt_about_response(
    response: Response,
    sender: Address | None,
    series: Mapping[Uid, SeriesSpec],
    people: Collection[Participant],
) -> str:
    """Return why this answer to an invitation may not be believed, "" if it may.

    The attendee must be one of that series, and the mail must come from the attendee, or from
    their assistant, who may answer with SENT-BY (RFC 5545 section 3.2.18).
    """
    spec = series.get(response.uid)
    if spec is None:
        return "The answer is to an invitation that is not ours."
    if response.attendee not in {attendee.address for attendee in spec.attendees}:
        return f"{response.attendee} answered an invitation and was not invited."
    if sender is None:
        return "It is not clear who sent this answer to an invitation."
    assistants = {p.assistant for p in people if p.address == response.attendee}
    if sender != response.attendee and sender not in assistants:
        return f"{sender} answered an invitation in the name of {response.attendee}."
    return ""
