"""Cells of the roster that hold ids are edited; people and pairs stay who they are."""

from pathlib import Path

import pytest

from builders import at
from coordinator import sheet, type_in
from office import PEOPLE, Office, address
from rmflow.domain.records import PersonRecord
from rmflow.errors import ConfigError

JENS, MARA, RUTH = "Jens Adler", "Mara Vogel", "Ruth Kaya"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs have their invitations; the day of the questions for an agenda comes next."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    return office


def number_people(office: Office, monkeypatch: pytest.MonkeyPatch, first: str = "E") -> None:
    monkeypatch.setattr("office.PEOPLE", (*PEOPLE, "employee_id"))
    width = len(PEOPLE)
    office.people = [(*row[:width], f"{first}{n}") for n, row in enumerate(office.people)]
    office.save_roster()


def give_address(office: Office, name: str, new: str) -> None:
    """Write another address of somebody into both sheets."""
    office.people = [(new, *row[1:]) if row[1] == name else row for row in office.people]
    office.rows = [
        tuple(new if cell == address(name) else cell for cell in row) for row in office.rows
    ]
    office.save_roster()


def got(office: Office, name: str) -> list[str]:
    return [mail["X-Rmflow-Kind"] for mail in office.mails_to(name)]


def live_through_a_meeting(office: Office) -> None:
    for moment in ("10-08 11:00", "10-09 11:00", "10-13 16:00"):
        office.at(at(f"2026-{moment}")).run()


MAILS = ["invitation", "agenda-request", "prompt", "summary-request"]


def test_employee_numbers_that_are_added_change_nothing_for_anybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number_people(office, monkeypatch)
    live_through_a_meeting(office)
    assert got(office, JENS) == MAILS
    office.answer(JENS, "summary-request", "Key takeaways: listen")
    office.at(at("2026-10-14 10:00")).run()
    assert got(office, JENS) == [*MAILS, "receipt"]
    assert sheet(office, "Needs you") == []


def test_other_employee_numbers_change_nothing_for_anybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number_people(office, monkeypatch)
    office.at(at("2026-10-06 09:00")).run()
    number_people(office, monkeypatch, "P-")
    live_through_a_meeting(office)
    assert got(office, JENS) == MAILS


def test_who_wants_to_leave_is_left_alone_under_another_address(office: Office) -> None:
    office.at(at("2026-10-08 11:00")).run()
    office.answer(JENS, "agenda-request", "LEAVE")
    office.at(at("2026-10-08 12:00")).run()
    before = len(got(office, JENS))
    give_address(office, JENS, "j.adler@fabrikam.example")
    live_through_a_meeting(office)
    (need,) = sheet(office, "Needs you")
    assert need["About"] == "leave"
    with office.ports() as ports:
        ids = {str(r.address): str(r.id) for r in ports.store.read(PersonRecord)}
    assert ids["j.adler@fabrikam.example"] == address(JENS)
    assert len(got(office, JENS)) == before
    new = [kind for kind, to in office.outbox() if to == "j.adler@fabrikam.example"]
    assert new in ([], ["invitation"])


def test_two_people_who_were_taken_for_each_other_keep_what_is_theirs(office: Office) -> None:
    """Their addresses were in the wrong rows: each name goes on with its own past."""
    marked = ((JENS, "one@x.example"), (RUTH, address(JENS)))
    ruths = address(RUTH)
    give_address(office, *marked[0])
    give_address(office, *marked[1])
    office.people = [
        (ruths, *row[1:]) if row[0] == "one@x.example" else row for row in office.people
    ]
    office.rows = [
        tuple(ruths if cell == "one@x.example" else cell for cell in row) for row in office.rows
    ]
    office.save_roster()
    assert office.at(at("2026-10-06 09:00")).run().roster_usable
    with office.ports() as ports:
        records = {str(r.id): r.address for r in ports.store.read(PersonRecord)}
    assert (records[address(JENS)], records[address(RUTH)]) == (ruths, address(JENS))


def test_a_pair_with_another_pair_id_goes_on_with_its_meetings(office: Office) -> None:
    live_through_a_meeting(office)
    office.rows[0] = ("P-1", *office.rows[0][1:])
    office.save_roster()
    report = office.at(at("2026-10-16 16:00")).run()
    assert got(office, JENS) == [*MAILS, "summary-reminder"]
    assert got(office, MARA) == ["invitation", "prompt"]
    assert report.roster_usable


def test_the_id_of_a_pair_that_has_left_is_never_given_to_others(office: Office) -> None:
    """They would read what the first two have written."""
    live_through_a_meeting(office)
    office.answer(RUTH, "summary-request", "Key takeaways: the Zinnober affair")
    office.at(at("2026-10-14 10:00")).run()
    left = office.rows.pop()
    office.save_roster()
    office.at(at("2026-10-15 10:00")).run()
    office.people += [
        (address(name), name, *office.people[0][2:]) for name in ("Nils Berg", "Olga Prym")
    ]
    office.rows.append((left[0], address("Nils Berg"), address("Olga Prym"), *left[3:]))
    office.save_roster()
    report = office.at(at("2026-10-16 10:00")).run()
    assert [p.text for p in report.problems if not p.warning] == [
        '"pair-2" was the pair of Ben Ode; give the new pair with Nils Berg a pair_id of its own',
        '"pair-2" was the pair of Ruth Kaya; give the new pair with Olga Prym a pair_id of its own',
    ]
    assert got(office, "Olga Prym") == []


def test_a_closed_pair_that_left_the_roster_and_is_back_begins_anew(office: Office) -> None:
    """Its row is a newer word than what was chosen in the workbook."""
    type_in(office, "pair-2", "Do next", "close")
    office.at(at("2026-10-06 09:00")).run()
    left = office.rows.pop()
    office.save_roster()
    office.at(at("2026-10-07 09:00")).run()
    office.rows.append(left)
    office.save_roster()
    office.at(at("2026-10-08 09:00")).run()
    assert got(office, RUTH) == ["invitation", "cancellation", "invitation"]


@pytest.mark.parametrize("what", ["secret", "id"])
def test_another_secret_or_id_over_the_same_database_invites_nobody_again(
    office: Office, what: str
) -> None:
    if what == "secret":
        (office.folder / "secret.key").write_text("another secret that only this test knows\n")
    else:
        text = office.config_path.read_text()
        office.config_path.write_text(text.replace("rm-test", "rm-other"))
    for look in (office.run, office.plan):
        with pytest.raises(ConfigError, match="not the one that this database was begun with"):
            look()
    assert got(office, JENS) == ["invitation"]


def test_a_cancellation_that_has_to_wait_for_tomorrow_is_sent_tomorrow(tmp_path: Path) -> None:
    """A leader of six pairs has had ten mails on the day on which one of them leaves."""
    office = Office(tmp_path / "office", pairs=6, start=at("2026-10-05 09:00"))
    slots = [f"{day} {hour}:00" for day in ("Tue", "Wed", "Thu") for hour in (9, 10)]
    office.rows = [
        (*row[:2], address(JENS), row[3], slot, row[5])
        for row, slot in zip(office.rows, slots, strict=True)
    ]
    office.save_roster()
    office.run()
    office.people[:6] = [(*row[:5], "Dock 2", row[6]) for row in office.people[:6]]
    office.save_roster()
    office.at(at("2026-10-05 11:00")).run()
    office.rows.pop(0)
    office.save_roster()
    office.at(at("2026-10-05 14:00")).run()
    assert "cancellation" not in got(office, JENS)
    office.at(at("2026-10-06 10:00")).run()
    assert got(office, JENS).count("cancellation") == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (None, "cancellation"),
        (("hour-monthly", "", "closed"), "cancellation"),
        (("hour-monthly", "Wed 14:00", ""), "update"),
    ],
    ids=["the row goes", "closed", "another rhythm"],
)
def test_meetings_that_end_as_an_address_changes_end_where_they_were_sent(
    office: Office, row: tuple[str, ...] | None, told: str
) -> None:
    """Both are saved at once; the invitation lies in the mailbox of the former address."""
    live_through_a_meeting(office)
    give_address(office, JENS, "j.adler@fabrikam.example")
    first = office.rows.pop(0)
    if row:
        office.rows.insert(0, (*first[:3], *row))
    office.save_roster()
    office.at(at("2026-10-14 10:00")).run()
    office.at(at("2026-10-14 12:00")).run()
    assert got(office, JENS) == [*MAILS, told]
    new = [kind for kind, to in office.outbox() if to == "j.adler@fabrikam.example"]
    assert new == (["invitation"] if told == "update" else [])
