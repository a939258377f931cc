"""The roster breaks, shrinks and vanishes; the programme does not."""

from pathlib import Path

import pytest

from builders import at, kinds
from coordinator import row_of, sheet
from office import Office
from rmflow.errors import UnsafePlanError
from terminal import at_the_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Six pairs that have their invitations; the day of the questions for an agenda comes next."""
    office = Office(tmp_path / "office", pairs=6, start=at("2026-10-05 09:00"))
    office.run()
    return office.at(at("2026-10-08 11:00"))


def mistype_a_cadence(office: Office) -> None:
    office.rows[2] = (*office.rows[2][:3], "fortnight", *office.rows[2][4:])
    office.save_roster()


def lose_pairs(office: Office, number: int) -> None:
    del office.rows[-number:]
    office.save_roster()


class TestMistakes:
    def test_the_last_good_roster_holds_and_mails_go_on(self, office: Office) -> None:
        mistype_a_cadence(office)

        report = office.run()

        assert not report.roster_usable
        assert [problem.place for problem in report.problems] == ["roster.xlsx, Pairs!D4"]
        assert kinds(o.action for o in report.outcomes) == ["send agenda-request"] * 6

    def test_the_run_ends_with_3_and_names_the_cell(self, office: Office) -> None:
        mistype_a_cadence(office)

        said = at_the_office(office, "run")

        assert said.code == 3
        assert 'roster.xlsx, Pairs!D4: cadence "fortnight" is unknown' in said.err

    def test_the_coordinator_sees_it_in_the_workbook_until_it_is_mended(
        self, office: Office
    ) -> None:
        mistype_a_cadence(office)
        office.run()
        (need,) = sheet(office, "Needs you")
        assert need["About"] == "roster"
        assert 'cadence "fortnight" is unknown' in str(need["What happened"])

        office.rows[2] = (*office.rows[2][:3], "hour-monthly", *office.rows[2][4:])
        office.save_roster()
        assert office.run().roster_usable
        assert sheet(office, "Needs you") == []

    def test_a_broken_roster_is_reported_by_every_run_and_written_down_once(
        self, office: Office
    ) -> None:
        mistype_a_cadence(office)
        office.run()

        again = office.run()

        assert [problem.place for problem in again.problems] == ["roster.xlsx, Pairs!D4"]
        assert not again.published

    def test_a_missing_file_stops_nobodys_mail(self, office: Office) -> None:
        (office.folder / "roster.xlsx").unlink()

        said = at_the_office(office, "run")

        assert said.code == 3
        assert "roster.xlsx" in said.err
        assert len([kind for kind, _ in office.outbox() if kind == "agenda-request"]) == 6


class TestShrinking:
    def test_one_pair_of_six_leaves_without_a_question(self, office: Office) -> None:
        lose_pairs(office, 1)

        assert "cancel series" in kinds(o.action for o in office.run().outcomes)

    def test_a_third_of_the_pairs_gone_needs_a_persons_eye(self, office: Office) -> None:
        before = office.outbox()
        lose_pairs(office, 2)

        with pytest.raises(UnsafePlanError) as caught:
            office.run()

        assert caught.value.alarms == (
            "this would end or cancel the meetings of 2 of 6 pairs",
            "the roster has lost 2 of 6 pairs since the last run",
        )
        assert office.outbox() == before

    def test_an_emptied_roster_needs_a_persons_eye(self, office: Office) -> None:
        lose_pairs(office, 6)

        said = at_the_office(office, "run")

        assert said.code == 4
        assert "the roster has none of the 6 pairs" in said.err
        assert "cancellation" not in dict(office.outbox())

    def test_the_confirmed_plan_is_carried_out(self, office: Office) -> None:
        lose_pairs(office, 2)
        digest = office.plan().digest

        said = at_the_office(office, "run", "--plan", digest)

        assert said.code == 0, said.err
        assert [kind for kind, _ in office.outbox()].count("cancellation") == 4

    def test_another_plan_than_the_confirmed_one_is_not(self, office: Office) -> None:
        lose_pairs(office, 2)
        digest = office.plan().digest
        lose_pairs(office, 1)

        said = at_the_office(office, "run", "--plan", digest)

        assert said.code == 4
        assert "has changed" in said.err
        assert "cancellation" not in dict(office.outbox())

    def test_a_roster_that_is_put_back_has_lost_nothing(self, office: Office) -> None:
        rows = list(office.rows)
        lose_pairs(office, 2)
        with pytest.raises(UnsafePlanError):
            office.run()

        office.rows = rows
        office.save_roster()
        report = office.run()

        assert kinds(o.action for o in report.outcomes) == ["send agenda-request"] * 6

    def test_mail_that_came_in_while_the_plan_waits_is_not_lost(self, office: Office) -> None:
        rows = list(office.rows)
        office.respond("Jens Adler", "ACCEPTED")
        lose_pairs(office, 2)
        with pytest.raises(UnsafePlanError):
            office.run()

        office.rows = rows
        office.save_roster()

        assert "file a reply" in kinds(o.action for o in office.run().outcomes)

    def test_a_small_programme_may_lose_a_pair(self, tmp_path: Path) -> None:
        """Below five pairs a share says nothing (limits.cancel_minimum)."""
        office = Office(tmp_path / "office", pairs=3, start=at("2026-10-05 09:00"))
        office.run()
        lose_pairs(office, 1)

        report = office.run()

        assert "cancel series" in kinds(o.action for o in report.outcomes)
        assert row_of(office, "pair-3")["State"] == "closed"


def test_a_pair_that_comes_back_begins_anew(office: Office) -> None:
    """Its cancelled series stays cancelled: the new invitation has a UID of its own."""
    rows = list(office.rows)
    lose_pairs(office, 1)
    office.run()
    office.rows = rows
    office.save_roster()

    report = office.at(at("2026-10-09 09:00")).run()

    assert "create series" in kinds(o.action for o in report.outcomes)
    assert [kind for kind, who in office.outbox() if who.startswith("karl")].count(
        "invitation"
    ) == 2
