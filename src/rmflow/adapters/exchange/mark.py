"""Our mark on a series: its UID to find it by, and what we wrote, to see what others changed."""

from dataclasses import dataclass
from enum import Enum

from exchangelib import CalendarItem, ExtendedProperty

from rmflow.domain.documents import from_json, to_json
from rmflow.domain.series import SeriesSpec


class _SeriesUid(ExtendedProperty):  # type: ignore[misc]  # exchangelib has no types
    """Searched for. Exchange cannot search for an item's own UID."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "rmflow-uid"
    property_type = "String"


class _SeriesMark(ExtendedProperty):  # type: ignore[misc]  # exchangelib has no types
    """A `Mark`, as JSON. Lists of items show 255 characters of it: it is read with GetItem only."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "rmflow-series"
    property_type = "String"


CalendarItem.register("rmflow_uid", _SeriesUid)
CalendarItem.register("rmflow_mark", _SeriesMark)


class Stage(Enum):
    """How far a write has come. Only FINISHED is shown to others; a cut leaves one of the rest."""

    BEGUN = "begun"  # nobody has been told
    TOLD = "told"  # people have; rooms of single meetings not yet
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Mark:
    """`spec` is what is, or is being, written; `before` what stood there until then, None if
    nothing did. A finished one has no `before`.
    """

    stage: Stage
    spec: SeriesSpec
    before: SeriesSpec | None = None

    def text(self) -> str:
        """Return the mark for the property."""
        return to_json(self)

    @classmethod
    def read(cls, text: str | None) -> "Mark":
        """Return a mark. Raises ValueError when it is damaged."""
        try:
            return from_json(cls, text or "")
        except ValueError as error:
            raise ValueError("has a damaged mark") from error
