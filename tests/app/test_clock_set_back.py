"""A clock that is set back an hour, and the night in which summer time ends: each mail once, in time.

A machine's clock is set back by an operator, by a time server, or by a virtual machine that was
put away; the local one is set back each October.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from builders import at
from office import Office

_HOUR = timedelta(hours=1)


def _times() -> Iterator[datetime]:
    """Yield when cron calls: three times a day, and each half hour around the end of summer time."""
    first = at("2026-10-05 07:00")
    for day in range(24):
        for hours in (0, 3, 9):
            yield first + timedelta(days=day, hours=hours)
        if day == 19:
            night = at("2026-10-25 00:00")
            yield from (night + half * _HOUR / 2 for half in range(8))


def _played(folder: Path, *, set_back: bool) -> Counter[tuple[str, str, str]]:
    """Return kind, recipient and key of every mail of a month."""
    office = Office(folder, pairs=2, start=at("2026-10-05 07:00"))
    for moment in _times():
        office.at(moment).run()
        if moment.day % 3 == 0 and moment.hour == 10:
            for person in ("Jens Adler", "Ruth Kaya"):
                _answer(office, person, moment.day)
        if set_back:
            office.at(moment - _HOUR).run()
            office.at(moment).run()
    people = [row[1] for row in office.people]
    return Counter(
        (mail["X-Rmflow-Kind"], mail["To"], mail["X-Rmflow-Key"])
        for person in people
        for mail in office.mails_to(person)
    )


def _answer(office: Office, person: str, number: int) -> None:
    kinds = {mail["X-Rmflow-Kind"] for mail in office.mails_to(person)}
    if "summary-request" in kinds:
        office.answer(person, "summary-request", "We talked about hiring.", number=number)


def test_a_clock_that_is_set_back_an_hour_again_and_again_sends_nothing_twice(
    tmp_path: Path,
) -> None:
    wanted = _played(tmp_path / "steady", set_back=False)
    assert _played(tmp_path / "set-back", set_back=True) == wanted
    assert {"invitation", "prompt", "summary-request", "receipt"} <= {kind for kind, _, _ in wanted}
    assert set(wanted.values()) == {1}
