"""Whose mail it is, and what it is about: rules over what was found, never over its words.

| token        | thread | sender                        | decision                          |
| ours         | any    | the person the letter went to | accepted                          |
| ours         | any    | their assistant               | accepted for times to meet; else a person looks |
| ours         | any    | anybody else                  | a person looks                    |
| not ours     | any    | any                           | a person looks                    |
| none         | ours   | the person the letter went to | accepted                          |
| none         | none   | known                         | a person looks; never guessed     |
| none         | any    | unknown                       | a person looks                    |

A letter of more than half a year ago is answered by nobody. Whoever is accepted must have written
themselves (Sender), and must be vouched for where our own server looks into that: what it
refutes, a person looks at.

From alone says who it is, under any address that the roster gives for a person. Reply-To and
display names are written by strangers as well, and say nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from rmflow.domain.letter import LetterKind
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.records import LetterRecord
from rmflow.domain.series import Response, SeriesSpec, Uid

# A token is for one letter. Half a year later a reply to it is about something else.
TOKEN_LIFE = timedelta(days=180)
# An assistant keeps the diary; what somebody learned is theirs to say.
_FOR_ASSISTANTS = (LetterKind.NEW_TIMES.value,)


class Proof(Enum):
    """What our own mail server found out about the domain in From."""

    GOOD = "proven"
    BAD = "refuted"
    NONE = "nothing is known"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found about a mail. `sender` None: From is not one plain mailbox.

    `by_token` and `by_thread` are our letters whose reply token, or whose Message-ID in
    In-Reply-To or References, the mail carries; the answered one of a thread comes first.
    `strange_token`: it was sent to a reply address that no letter of ours gave out. `deputy` is
    who sent it in the sender's name, None: the sender.
    """

    sender: Address | None
    by_token: Sequence[LetterRecord]
    by_thread: Sequence[LetterRecord]
    received_at: datetime
    strange_token: bool = False
    deputy: Address | None = None
    proof: Proof = Proof.NONE


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who wrote, and which letter it answers. `why` is empty when both are certain."""

    author: PersonId | None
    letter: LetterRecord | None
    why: str = ""


def attribute(
    evidence: Evidence,
    people: Mapping[PersonId, Participant],
    *,
    proof_required: bool = False,
) -> Attribution:
    """Return whose mail it is. With a `why`, a person must look before anything is believed."""
    author = person_at(evidence.sender, people)
    by_token, by_thread = (_living(r, evidence) for r in (evidence.by_token, evidence.by_thread))
    letter = _newest(by_token) or next(iter(by_thread), None)
    name = people[author].first_name if author else str(evidence.sender or "Somebody")
    if evidence.sender is None:
        return Attribution(None, letter, "It is not clear who sent this mail.")
    if letter is None:
        return Attribution(author, None, _why_no_letter(evidence, name, known=author is not None))
    if _contradict(by_token, by_thread):
        return Attribution(author, None, f"{name} answered two mails at once.")
    if evidence.strange_token:
        why = f"{name} wrote to a reply address that is in no mail of ours."
        return Attribution(author, letter, why)
    why = _doubt(evidence.sender, author, name, letter, people)
    why = why or _doubt_about_deputy(evidence, letter, people)
    why = why or doubt_about_proof(name, evidence.proof, required=proof_required)
    stands_in = not why and author != letter.person
    return Attribution(letter.person if stands_in else author, letter, why)


def person_at(address: Address | None, people: Mapping[PersonId, Participant]) -> PersonId | None:
    """Return who of the people has this address."""
    return next((person.id for person in people.values() if address in person.addresses), None)


def doubt_about_proof(name: str, proof: Proof, *, required: bool) -> str:
    """Return why it may be somebody else who wrote as `name`, "" if there is no reason."""
    if proof is Proof.BAD:
        return f"It is not certain that {name} wrote this: the mail may be forged."
    if required and proof is Proof.NONE:
        return f"It is not certain that {name} wrote this: no mail server has confirmed it."
    return ""


def _living(letters: Sequence[LetterRecord], evidence: Evidence) -> list[LetterRecord]:
    return [r for r in letters if evidence.received_at - r.sent_at <= TOKEN_LIFE]


def _why_no_letter(evidence: Evidence, name: str, *, known: bool) -> str:
    if evidence.by_token or evidence.by_thread:
        return f"{name} answered a mail of long ago."
    if known:
        return f"{name} wrote, and not in reply to a mail of ours."
    return f"{name} wrote, and is not in the roster."


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
        if letter.kind in _FOR_ASSISTANTS:
            return ""
        return f"{to}'s assistant answered a mail to {to}."
    if author is None:
        return f"{sender} answered a mail to {to}, and is not in the roster."
    return f"{name} answered a mail to {to}."


def _doubt_about_deputy(
    evidence: Evidence, letter: LetterRecord, people: Mapping[PersonId, Participant]
) -> str:
    """Return why this deputy may not send this answer for the sender, "" if they may."""
    if evidence.deputy is None:
        return ""
    asked = people[letter.person]
    may = letter.kind in _FOR_ASSISTANTS and evidence.deputy == asked.assistant
    if may or evidence.deputy in asked.addresses:
        return ""
    return f"{evidence.deputy} sent this in the name of {asked.first_name}."


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
    deputy: Address | None = None,
) -> str:
    """Return why this answer to an invitation may not be believed, "" if it may.

    The attendee must be one of that series, and the mail must come from the attendee, or from
    their assistant, who may answer with SENT-BY (RFC 5545 section 3.2.18).
    """
    spec = series.get(response.uid)
    if spec is None:
        return "The answer is to an invitation that is not ours."
    if response.organiser and response.organiser != spec.organiser:
        return "The answer names somebody else as the one who invited."
    if response.attendee not in {attendee.address for attendee in spec.attendees}:
        return f"{response.attendee} answered an invitation and was not invited."
    if sender is None:
        return "It is not clear who sent this answer to an invitation."
    asked = next((p for p in people if p.address == response.attendee), None)
    may = {response.attendee, *((*asked.addresses, asked.assistant) if asked else ())}
    strangers = [each for each in (sender, deputy) if each and each not in may]
    if strangers:
        return f"{strangers[0]} answered an invitation in the name of {response.attendee}."
    return ""
