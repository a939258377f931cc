"""Rooms: a meeting whose room is taken goes to the next one, or somebody is asked."""

from collections.abc import Collection
from dataclasses import replace

from rmflow.domain.people import Address
from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.recurrence import original_wall_start, sessions
from rmflow.domain.series import ParticipationStatus, Place, SeriesSpec
from rmflow.domain.session import Session
from rmflow.planner.actions import Note
from rmflow.planner.notes import question
from rmflow.planner.scene import Scene


def rooms_found(scene: Scene, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons, tuple[Note, ...]]:
    """Return the spec with another room for each coming meeting whose own is taken.

    Where no room is left the coordinator is asked, once for each meeting.
    """
    refusals = _refusals(scene, spec)
    if not refusals:
        return spec, (), ()
    reasons: list[Reason] = []
    notes: list[Note] = []
    places = dict(spec.elsewhere)
    usual = scene.place_called(spec.location)
    for session in sessions(spec, scene.now, scene.now + scene.programme.timing.horizon):
        original = original_wall_start(spec, session.id)
        here = places.get(original, usual)
        refused = refusals.get("", frozenset()) | refusals.get(session.id, frozenset())
        if session.start <= scene.now or here.room not in refused:
            continue
        other = _free(scene, here, refused)
        if other is None:
            notes.append(_without_room(scene, session, here))
        else:
            places[original] = other
            reasons.append(Reason(Cause.NEW_PLACE))
    if not reasons:
        return spec, (), tuple(notes)
    return replace(spec, elsewhere=tuple(sorted(places.items()))), tuple(reasons), tuple(notes)


def _refusals(scene: Scene, spec: SeriesSpec) -> dict[str, frozenset[str]]:
    """Return which rooms have declined, by session; "" is the whole series.

    The newest word of a room counts: one that has declined the series may have a meeting free.
    """
    refusals: dict[str, frozenset[str]] = {}
    for record in scene.history.responses:
        declined = record.status == ParticipationStatus.DECLINED.value
        if record.uid == spec.uid and declined and scene.role_of(record.attendee) is None:
            known = refusals.get(record.session, frozenset())
            refusals[record.session] = known | {record.attendee}
    return refusals


def _free(scene: Scene, here: Place, refused: Collection[Address | str]) -> Place | None:
    """Return the first room of the programme that has not declined this meeting."""
    others = (place for place in scene.programme.rooms if place != here)
    return next((place for place in others if place.room not in refused), None)


def _without_room(scene: Scene, session: Session, place: Place) -> Note:
    text = (
        f"There is no room for the meeting of {session.start:%A %d %B %Y, %H:%M}: {place.name} "
        "is taken, and so is every other room of the programme. Book one, or move the meeting."
    )
    return question(scene, "no-room", text, session.id, session=session.id)
