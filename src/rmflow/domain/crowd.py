"""The crowd: figures of what people said, over so many that nobody's own can be worked out.

Ratings are put together once, when a month is over, into portions of five people or more, and stay
as they were then. Every figure that is shown is the sum of whole portions. So whatever figures are
added, subtracted, or compared with those of an earlier day: what is left is a portion, or nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from rmflow.domain.people import PersonId

LEAST = 5


@dataclass(frozen=True, slots=True)
class Rating:
    """What a person gave a meeting. Of several of one meeting the latest counts.

    `topic` "": none that could be shown.
    """

    meeting: str
    person: PersonId
    topic: str
    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Ratings of LEAST people or more; `topic` "" if they are about several, or about none."""

    topic: str
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What was put together at the end of a month, named by its first day."""

    month: date
    portions: tuple[Portion, ...]

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """The ratings of all portions."""
        return tuple(rating for portion in self.portions for rating in portion.ratings)


def people_in(ratings: Iterable[Rating]) -> int:
    """Return how many people gave these ratings: people count, not meetings."""
    return len({rating.person for rating in ratings})


def rounds(ratings: Collection[Rating], now: datetime, zone: tzinfo) -> Iterator[Round]:
    """Yield a round for each month that is over, in which, with what was left over from earlier
    ones, LEAST people or more gave a rating.
    """
    counted: set[str] = set()
    for month in _months({rating.at.astimezone(zone).date() for rating in ratings}):
        end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=zone)
        if end > now:
            return
        known = sorted((r for r in ratings if r.at < end), key=lambda r: r.at)
        waiting = {r.meeting: r for r in known if r.meeting not in counted}
        if people_in(waiting.values()) >= LEAST:
            yield Round(month, tuple(_portions(waiting.values())))
            counted |= waiting.keys()


def _months(days: Collection[date]) -> list[date]:
    """Return the first days of all months from the earliest to the latest day."""
    if not days:
        return []
    first, last = min(days), max(days)
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _portions(ratings: Collection[Rating]) -> Iterator[Portion]:
    """Yield a portion for each topic that LEAST people rated, and one for all the others.

    If the others were fewer, the total would give them away: the smallest topics join them.
    """
    by_topic: dict[str, list[Rating]] = {}
    for rating in ratings:
        by_topic.setdefault(rating.topic, []).append(rating)
    rest = by_topic.pop("", [])
    rest += [r for few in by_topic.values() if people_in(few) < LEAST for r in few]
    shown = {t: given for t, given in by_topic.items() if people_in(given) >= LEAST}
    for topic in sorted(shown, key=lambda topic: (people_in(shown[topic]), topic)):
        if rest and people_in(rest) < LEAST:
            rest += shown.pop(topic)
    for topic, given in shown.items():
        yield Portion(topic, tuple(given))
    if rest:
        yield Portion("", tuple(rest))


def by_topic(found: Iterable[Round]) -> Mapping[str, tuple[Rating, ...]]:
    """Return the ratings of each topic that may be shown by itself."""
    shown: dict[str, tuple[Rating, ...]] = {}
    for each in found:
        for portion in each.portions:
            if portion.topic:
                shown[portion.topic] = shown.get(portion.topic, ()) + portion.ratings
    return shown
