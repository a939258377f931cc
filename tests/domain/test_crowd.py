"""Nobody's rating can be worked out from the figures, whatever is added, subtracted or compared."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rmflow.domain.crowd import LEAST, Portion, Rating, Round, by_topic, people_in, rounds
from rmflow.domain.people import PersonId

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 10, 5, 9, tzinfo=BERLIN)
_PRIME = 2_147_483_647

Figures = list[frozenset[Rating]]


def a_rating(person: str, topic: str = "jobs", day: int = 0, value: int = 4, n: int = 0) -> Rating:
    return Rating(f"{person}/{n}", PersonId(person), topic, START + timedelta(days=day), value)


def ratings_by(people: str, topic: str = "jobs", day: int = 0) -> list[Rating]:
    """Return one rating by each of these letters."""
    return [a_rating(person, topic, day) for person in people]


def put_together(*given: Rating, now: datetime = START + timedelta(days=400)) -> list[Round]:
    return list(rounds(given, now, BERLIN))


def topics_of(found: Iterable[Round]) -> list[dict[str, int]]:
    """Return for each round how many people stand behind each portion."""
    return [{p.topic: people_in(p.ratings) for p in each.portions} for each in found]


def test_four_people_are_too_few_and_five_are_not() -> None:
    assert put_together(*ratings_by("abcd")) == []
    [found] = put_together(*ratings_by("abcde"))
    assert (found.month, found.portions[0].topic) == (date(2026, 10, 1), "jobs")


def test_people_count_and_not_meetings() -> None:
    many = [a_rating(person, n=n) for person in "abcd" for n in range(3)]
    assert put_together(*many) == []


def test_a_month_counts_when_it_is_over_in_the_zone_of_the_programme() -> None:
    midnight = datetime(2026, 11, 1, tzinfo=BERLIN)
    given = ratings_by("abcde")
    assert put_together(*given, now=midnight - timedelta(seconds=1)) == []
    assert len(put_together(*given, now=midnight.astimezone(UTC))) == 1


def test_ratings_of_too_few_wait_for_those_of_later_months() -> None:
    given = [*ratings_by("ab", day=0), *ratings_by("cd", day=30), *ratings_by("e", day=60)]
    [found] = put_together(*given)
    assert found.month == date(2026, 12, 1)
    assert len(found.ratings) == 5


def test_small_topics_are_one_portion() -> None:
    given = [*ratings_by("abcde"), *ratings_by("fgh", "food"), *ratings_by("ij", "home")]
    assert topics_of(put_together(*given)) == [{"jobs": 5, "": 5}]


def test_one_small_topic_takes_the_next_smallest_with_it() -> None:
    """Else all minus the others is what the three said."""
    given = [*ratings_by("abcdefg"), *ratings_by("hijkl", "food"), *ratings_by("mno", "home")]
    assert topics_of(put_together(*given)) == [{"jobs": 7, "": 8}]


def test_small_topics_of_the_same_few_people_are_one_small_topic() -> None:
    """Two cells are hidden, and yet they are two people."""
    few = [a_rating(person, topic, n=1) for person in "xy" for topic in ("home", "food")]
    given = [*ratings_by("abcde"), *(Rating(f"{n}", *f) for n, f in enumerate(parts(few)))]
    assert topics_of(put_together(*given)) == [{"": 7}]


def parts(given: Iterable[Rating]) -> list[tuple[PersonId, str, datetime, int]]:
    return [(rating.person, rating.topic, rating.at, rating.value) for rating in given]


def test_what_is_about_no_topic_hides_like_a_small_one() -> None:
    given = [*ratings_by("abcde"), *ratings_by("f", "")]
    assert topics_of(put_together(*given)) == [{"": 6}]


def test_a_correction_counts_until_the_month_is_over_and_not_afterwards() -> None:
    """What was shown stays: the difference would be one person's."""
    given = ratings_by("abcde")
    soon, late = a_rating("a", day=1, value=1), a_rating("a", day=40, value=2)
    [found] = put_together(*given, soon)
    assert soon in found.ratings
    assert put_together(*given, soon, late) == [found]


# From here on: whatever is shown, on whichever days, nothing can be worked out about four people.


def shown_by_rounds(given: Sequence[Rating], now: datetime) -> Figures:
    """Return the ratings behind each figure of the workbook: total, months, topics."""
    found = put_together(*given, now=now)
    total = [rating for each in found for rating in each.ratings]
    figures = [total, *(each.ratings for each in found), *by_topic(found).values()]
    return [frozenset(figure) for figure in figures if figure]


def shown_naively(given: Sequence[Rating], now: datetime) -> Figures:
    """Return what a minimum of five alone would show: the newest value, in the total and a topic."""
    newest = {rating.meeting: rating for rating in given if rating.at < now}.values()
    groups = [
        list(newest),
        *([r for r in newest if r.topic == t] for t in {r.topic for r in newest}),
    ]
    return [frozenset(group) for group in groups if people_in(group) >= LEAST]


def rank(rows: Iterable[Sequence[int]]) -> int:
    """Return the rank of a matrix of zeros and ones."""
    basis: dict[int, list[int]] = {}
    for given_row in rows:
        row = list(given_row)
        for pivot, other in basis.items():
            if row[pivot]:
                factor = row[pivot]
                row = [(a - factor * b) % _PRIME for a, b in zip(row, other, strict=True)]
        pivot = next((n for n, value in enumerate(row) if value), -1)
        if pivot >= 0:
            inverse = pow(row[pivot], -1, _PRIME)
            row = [value * inverse % _PRIME for value in row]
            for at, other in basis.items():
                factor = other[pivot]
                basis[at] = [(a - factor * b) % _PRIME for a, b in zip(other, row, strict=True)]
            basis[pivot] = row
    return len(basis)


def given_away(figures: Iterable[frozenset[Rating]]) -> list[tuple[PersonId, ...]]:
    """Return every four people of whom the figures, added and subtracted, tell something.

    They do if some sum of figures holds their ratings alone: then the figures without these
    ratings depend on each other more than the figures with them.
    """
    known = sorted(set(figures), key=len)
    ratings = sorted({r for figure in known for r in figure}, key=lambda r: (r.meeting, r.at))
    people = sorted({rating.person for rating in ratings})
    whole = rank([[int(r in figure) for r in ratings] for figure in known])
    return [
        few
        for few in combinations(people, min(LEAST - 1, len(people)))
        if whole > rank([[int(r in f) for r in ratings if r.person not in few] for f in known])
    ]


def published(
    given: Sequence[Rating], show: Callable[[Sequence[Rating], datetime], Figures]
) -> Figures:
    """Return every figure that is ever shown, on any day of the months to come."""
    days = [START + timedelta(days=day) for day in range(0, 130, 9)]
    return [figure for now in days for figure in show([r for r in given if r.at <= now], now)]


RATINGS = st.lists(
    st.builds(
        a_rating,
        person=st.sampled_from("abcdefgh"),
        topic=st.sampled_from(["jobs", "jobs", "food", "home", ""]),
        day=st.integers(0, 100),
        value=st.integers(1, 5),
        n=st.integers(0, 3),
    ),
    min_size=12,
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(RATINGS)
def test_no_figure_of_fewer_than_five_people_can_be_computed(given: list[Rating]) -> None:
    """By linear algebra, over all figures that were ever shown."""
    assert given_away(published(given, shown_by_rounds)) == []


def test_the_algebra_notices_what_a_minimum_of_five_alone_gives_away() -> None:
    total = [*ratings_by("abcde"), *ratings_by("fg", "food")]
    assert ("a", "b", "f", "g") in given_away(published(total, shown_naively))
    in_time = [*ratings_by("abcde"), *ratings_by("f", day=20)]
    assert given_away(published(in_time, shown_naively))
    corrected = [*ratings_by("abcde"), a_rating("a", day=20, value=1)]
    assert given_away(published(corrected, shown_naively))
    assert not given_away(published([*total, *in_time, *corrected], shown_by_rounds))


def test_a_portion_stays_as_it_was() -> None:
    early = [*ratings_by("abcdefg"), *ratings_by("hijkl", "food")]
    late = ratings_by("mnopq", "food", day=30)
    before = put_together(*early)
    assert put_together(*early, *late)[: len(before)] == before
    assert [type(p) for p in before[0].portions] == [Portion, Portion]
