"""A day that is tried again and again: cut off somewhere, begun anew, and compared.

`RMFLOW_CRASH_POINTS` is how many points of each list are tried, `RMFLOW_CRASH_SEED` decides which;
the seed is told at the end of the test run.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from books import Books, books_of, check_log, files_of
from boundaries import Loop, boundaries_of, looped, ours
from days import Day, Moment, Premises
from killing import Point, command_line, ended, points_of
from places import Place, opened

T = TypeVar("T")
SEED = int(os.environ["RMFLOW_CRASH_SEED"])
POINTS = int(os.environ.get("RMFLOW_CRASH_POINTS") or 0)
Cut = Callable[[Premises], int]
Tell = Callable[[str, object], None]  # pytest's `record_property`
_ENOUGH = 5  # failures: more say nothing new


def chosen(points: Sequence[T], few: int, *, about: str, of: int = 1) -> list[T]:
    """Return the points to try, `few` unless the environment asks for more; in their order.

    What the environment asks for is shared by `of` lists.
    """
    number = min(-(-POINTS // of) if POINTS else few, len(points))
    picked = random.Random(f"{SEED} {about}").sample(range(len(points)), number)
    return [points[index] for index in sorted(picked)]


@dataclass
class Tally:
    """What trials came to. `unreached` are cuts that the run came to its end before."""

    points: int = 0
    unreached: int = 0
    duplicates: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)

    def tell(self, tell: Tell, place: str, layer: str) -> None:
        """Hand the figures to the table at the end of the test run; then judge."""
        tell("crash", (place, layer, self.points, self.duplicates, self.lost, SEED))
        assert self.points, "the day has no point at which it could be cut off"
        assert not self.wrong, f"seed {SEED}\n" + "\n".join(self.wrong)
        assert self.unreached * 20 <= self.points, "the run does not repeat itself"


class Trial:
    """A day and how it ends when nobody cuts it off."""

    def __init__(self, moment: Moment, place: Place, nothing: object, folder: Path) -> None:
        self.name = moment.name
        self._place = place
        self._folder = folder
        self.said = folder / "said"
        self._day = Day(moment, place, nothing, folder)
        office = self._day.fresh(folder / "undisturbed")
        self._first = office.now
        code, self.points = points_of(command_line(office), self.said)
        assert code == 0, self.said.read_text()
        self._later(office)
        self._put_away(office)
        self._told = place.told()
        self._books = self._books_of(office, {office.now})

    def boundaries(self, loop: Loop = ours) -> list[str]:
        """Return the boundaries of an undisturbed run, in order."""
        office = self._day.fresh(self._folder / "bounded")
        assert ended(looped(office, loop), self.said) == 0, self.said.read_text()
        self._place.rest(office.folder)
        return boundaries_of(office)

    def points_of(self, loop: Loop) -> list[Point]:
        """Return the points of an undisturbed run of another loop."""
        office = self._day.fresh(self._folder / "bounded")
        code, points = points_of(looped(office, loop), self.said)
        assert code == 0, self.said.read_text()
        return points

    def boundaries_after(self, cut: Cut) -> list[str]:
        """Return the boundaries of the run that comes after this cut."""
        office = self._cut_once(cut)
        assert ended(looped(office), self.said) == 0, self.said.read_text()
        self._place.rest(office.folder)
        return boundaries_of(office)

    def points_after(self, cut: Cut) -> list[Point]:
        """Return the points of the run that comes after this cut."""
        office = self._cut_once(cut)
        code, points = points_of(command_line(office), self.said)
        assert code == 0, self.said.read_text()
        self._place.rest(office.folder)
        return points

    def attempt(self, cuts: Sequence[Cut], name: str, tally: Tally) -> None:
        """Cut the day off, once or twice, begin it anew, and see what is there at the end."""
        if len(tally.wrong) > _ENOUGH:
            return
        office = self._day.fresh(self._folder / "killed")
        self.said.unlink(missing_ok=True)
        times = set[datetime]()
        tally.points += 1
        for cut in cuts:
            tally.unreached += cut(office) >= 0
            times.add(office.now)
            self._later(office)
        wrong = [f"{self.name}, {name}: {each}" for each in self._ending(office, times, tally)]
        tally.wrong += wrong

    def control(self, loop: Loop, cut: Cut) -> tuple[int, int]:
        """Cut another loop than ours off, let it run again; return what came twice, and never."""
        office = self._day.fresh(self._folder / "killed")
        cut(office)
        self._later(office)
        ended(looped(office, loop), self.said)
        self._place.rest(office.folder)
        told = self._place.told()
        return sum((told - self._told).values()), sum((self._told - told).values())

    def _cut_once(self, cut: Cut) -> Premises:
        office = self._day.fresh(self._folder / "killed")
        cut(office)
        self._later(office)
        return office

    def _ending(self, office: Premises, times: set[datetime], tally: Tally) -> Iterator[str]:
        """Begin the day anew; yield what is not as it should be."""
        code = ended(command_line(office), self.said)
        if code != 0:
            yield f"the restart ended with {code}: {self.said.read_text()}"
            return
        self._place.rest(office.folder)
        self._put_away(office)
        told = self._place.told()
        tally.duplicates += _number(told - self._told)
        tally.lost += _number(self._told - told)
        if told != self._told:
            yield f"told too often {told - self._told}, never told {self._told - told}"
        yield from self._books.differences(self._books_of(office, {*times, office.now}))
        yield from self._another(office)
        check_log(office)

    def _another(self, office: Premises) -> Iterator[str]:
        """Run twice more; yield what that does, for there is nothing to do.

        The first of them may note in its memory that it read what waits with the new roster.
        """
        changes = self._place.changes()
        for passed_over in ({"state.db"}, set[str]()):
            files = files_of(office.folder)
            self.said.unlink(missing_ok=True)
            code = ended(command_line(office), self.said)
            self._place.rest(office.folder)
            if (code, self.said.read_text()) != (0, "Nothing to do.\n"):
                yield f"another run ended with {code}: {self.said.read_text()}"
            after = files_of(office.folder)
            yield from (
                f"another run changed {name}"
                for name in {**files, **after}.keys() - passed_over
                if files.get(name) != after.get(name)
            )
        if self._place.changes() != changes:
            yield "another run asked somebody outside to change something"

    def _books_of(self, office: Premises, late: set[datetime]) -> Books:
        found = books_of(office, late, self._first)
        self._place.let_be()
        return found

    def _put_away(self, office: Premises) -> None:
        for _ in range(self._place.rounds):
            assert ended(command_line(office), self.said) == 0, self.said.read_text()
            self._place.rest(office.folder)

    def _later(self, office: Premises) -> None:
        self._place.rest(office.folder)
        office.at(office.now + self._place.patience)


@contextmanager
def trials(name: str, moments: Sequence[Moment], folder: Path) -> Iterator[Iterator[Trial]]:
    """Give a trial of each moment at a place, one after the other."""
    with opened(name) as place:
        nothing = place.keep()
        yield (
            Trial(moment, place, nothing, folder / moment.name.replace(" ", "-"))
            for moment in moments
        )


def at_boundary(number: int, trial: Trial, loop: Loop = ours) -> Cut:
    """Return what ends a loop at a boundary, counted from 1."""
    return lambda office: ended(looped(office, loop, deadly=number), trial.said)


def _number(told: Counter[str]) -> int:
    return sum(told.values())
