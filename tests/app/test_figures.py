"""Ratings on their way into the figures of the workbook."""

from pathlib import Path

from builders import at
from office import LEADERS, Office
from rmflow.app.overview import overview
from rmflow.domain.crowd import Round
from rmflow.formats.workbook.tracking.frame import Frame


def shown(office: Office, moment: str) -> tuple[Round, ...]:
    """Return what the figures of the workbook are made of at a moment."""
    with office.at(at(moment)).ports() as ports:
        return Frame(overview(ports, at(moment))).rounds


def test_a_rating_counts_from_the_day_of_its_receipt_whatever_its_mail_says(tmp_path: Path) -> None:
    """A mail of October that a person files in November would change what October had shown."""
    office = Office(tmp_path / "office", pairs=6, start=at("2026-10-05 09:00"))
    for moment in ("2026-10-05 09:00", "2026-10-13 16:00"):
        office.at(at(moment)).run()
    for leader in LEADERS[:5]:
        office.answer(leader, "summary-request", "Key takeaways: ask\nRating: 5")
    office.at(at("2026-10-14 10:00")).run()
    office.answer(LEADERS[5], "summary-request", "Key takeaways: ask\nRating: 1")

    assert shown(office, "2026-10-31 23:00") == ()
    before = shown(office, "2026-11-02 09:00")
    office.run()
    after = shown(office, "2026-11-02 10:00")

    assert [(len(each.ratings), {r.value for r in each.ratings}) for each in before] == [(5, {5})]
    assert after == before
    with office.ports() as ports:
        late = [r for r in overview(ports, office.now).ratings if r.value == 1]
    assert [rating.at.month for rating in late] == [11]
