"""What we keep beside an event: named properties in a namespace of our own, invisible to people.

Read: learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get. Filtering compares values
in any case, and a property is shown only where `$expand` names it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.series import SeriesSpec, Uid

_NAMESPACE = "{6c1f0e3a-52d7-4b0e-9a57-3e0f3b1d8c42}"
_UID = f"String {_NAMESPACE} Name rmflow-uid"
_STATE = f"String {_NAMESPACE} Name rmflow-state"
_DETAILS = f"String {_NAMESPACE} Name rmflow-details"
_MARK = "rmflow "


class State(Enum):
    """How far a series of ours has come. A cancelled one is kept as an event without guests."""

    BEGUN = "rmflow begun"
    FINISHED = "rmflow finished"
    CANCELLED = "rmflow cancelled"


@dataclass(frozen=True, slots=True)
class Details:
    """What an event cannot say in our words. `zone` is an IANA name; `rrule` and `description` are
    as we wrote them.
    """

    pairing: PairingId
    sequence: int
    zone: str
    rrule: str
    description: str
    organiser: Address
    organiser_name: str

    @classmethod
    def of(cls, spec: SeriesSpec, sequence: int) -> "Details":
        """Return the details of a series, under this sequence."""
        return cls(
            pairing=spec.pairing,
            sequence=sequence,
            zone=spec.zone,
            rrule=spec.rrule,
            description=spec.description,
            organiser=spec.organiser,
            organiser_name=spec.organiser_name,
        )

    @classmethod
    def parse(cls, text: str) -> "Details":
        """Return what `written` wrote. Raises ValueError."""
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise ValueError("has lost what rmflow keeps with it") from error

    def written(self) -> str:
        """Return the details as text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def marking(uid: Uid, state: State, details: Details) -> list[dict[str, str]]:
    """Return `singleValueExtendedProperties` for an event."""
    values = {_UID: uid, _STATE: state.value, _DETAILS: details.written()}
    return [{"id": id, "value": value} for id, value in values.items()]


def values(event: Mapping[str, Any]) -> tuple[Uid, State | None, str]:
    """Return UID, state and details of an event as far as they are there, else "" and None."""
    found = {p["id"]: p["value"] for p in event.get("singleValueExtendedProperties") or ()}
    states = {state.value: state for state in State}
    return Uid(found.get(_UID, "")), states.get(found.get(_STATE, "")), found.get(_DETAILS, "")


def of_ours() -> str:
    """Return a `$filter` for the events of ours."""
    return _any(_STATE, f"startswith(ep/value, '{_MARK}')")


def with_uid(uid: Uid) -> str:
    """Return a `$filter` for the events with this UID."""
    return _any(_UID, "ep/value eq '{}'".format(uid.replace("'", "''")))


def shown(*, details: bool) -> str:
    """Return an `$expand` that shows our properties."""
    ids = (_UID, _STATE, _DETAILS) if details else (_UID, _STATE)
    wanted = " or ".join(f"id eq '{id}'" for id in ids)
    return f"singleValueExtendedProperties($filter={wanted})"


def _any(id: str, condition: str) -> str:
    return f"singleValueExtendedProperties/any(ep: ep/id eq '{id}' and {condition})"
