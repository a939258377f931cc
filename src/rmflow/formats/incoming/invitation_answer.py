"""Answers to invitations, as calendar programs mail them."""

from collections.abc import Mapping
from dataclasses import replace

from rmflow.domain.attribution import (
    doubt_about_proof,
    doubt_about_response,
)
from rmflow.domain.reading import Reading, ReadingStatus
from rmflow.domain.series import Response, SeriesSpec, SessionId, Uid
from rmflow.formats.incoming.authentication import proof_of
from rmflow.formats.incoming.context import Context, deputy_of
from rmflow.formats.incoming.mail import IncomingMail


def invitation_answer(reading: Reading, mail: IncomingMail, context: Context) -> Reading:
    """Return the answers to invitations that may be believed; the others make a person look."""
    from rmflow.formats.calendar.itip import read_responses

    # The same object often comes twice: as an alternative and as an attachment.
    found = dict.fromkeys(
        response
        for content in mail.parts.calendars
        for response in read_responses(
            content, received_at=reading.received_at, known=context.series
        )
    )
    found = dict.fromkeys(_under_first_address(response, context) for response in found)
    doubts = {response: _doubt_about(response, mail, context) for response in found}
    believed = tuple(response for response in found if not doubts[response])
    why = next((doubt for doubt in doubts.values() if doubt), "")
    reading = _with_series(replace(reading, responses=believed), context.series, found)
    if why and (reading.pairing or reading.author):
        return replace(reading, status=ReadingStatus.REVIEW, why=why)
    if believed:
        return replace(reading, status=ReadingStatus.OK)
    if reading.pairing and not found:
        why = "A calendar message about the meetings came that is no answer to an invitation."
        return replace(reading, status=ReadingStatus.REVIEW, why=why)
    return reading


def _under_first_address(response: Response, context: Context) -> Response:
    """Return the response of an attendee who answered under another address of theirs."""
    people = context.people.values()
    person = next((p for p in people if response.attendee in p.aliases), None)
    return replace(response, attendee=person.address) if person else response


def _doubt_about(response: Response, mail: IncomingMail, context: Context) -> str:
    """Return why an answer to an invitation may not be believed, "" if it may."""
    programme = context.programme
    address = mail.sender.address if mail.sender and not mail.sender_trouble else None
    people = context.people.values()
    proof = proof_of(mail.fields, address, programme.authserv_id)
    return doubt_about_response(
        response, address, context.series, people, deputy_of(mail)
    ) or doubt_about_proof(str(address), proof, required=programme.proof_required)


def _with_series(
    reading: Reading, series: Mapping[Uid, SeriesSpec], responses: Mapping[Response, None]
) -> Reading:
    pairings = {spec.pairing for spec in series.values()}
    sessions: set[SessionId | None] = {response.session for response in responses}
    return replace(
        reading,
        pairing=pairings.pop() if len(pairings) == 1 else None,
        session=sessions.pop() if len(sessions) == 1 else None,
    )
