"""What each verb says, whole: these blocks are what an operator reads."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from builders import at
from coordinator import type_in
from correspondence import bounce, stranger
from office import Office
from rmflow import __version__
from terminal import Said, at_the_office, rmflow


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))


@pytest.fixture
def busy(office: Office) -> Office:
    """Four days later: an answer, a returned invitation and a stranger's mail are filed."""
    office.run()
    bounce(office, "Ruth Kaya", "invitation")
    office.respond("Jens Adler", "ACCEPTED")
    stranger(office)
    office.at(at("2026-10-08 11:00")).run()
    return office


def block(text: str) -> str:
    return dedent(text).lstrip("\n")


def mistype(office: Office) -> None:
    """Three cells of the roster are wrong."""
    first, second = office.rows
    office.rows = [
        (*first[:3], "fortnight", "Tue 99:00", ""),
        (second[0], "nobody@contoso.example", *second[2:]),
    ]
    office.save_roster()


PROBLEMS = block("""
    problem  roster.xlsx, Pairs!D2: cadence "fortnight" is unknown; use hour-monthly, every-3-weeks or pilot
    problem  roster.xlsx, Pairs!E2: "Tue 99:00" is not a time of day; write a weekday and a time, like Tue 10:00
    problem  roster.xlsx, Pairs!B3: mentor "nobody@contoso.example" is not in the roster; add them, or correct it
    """)
HOLDS = "Until the roster is mended, the last good one holds.\n"


class TestHelp:
    def test_it_lists_the_verbs_and_what_the_exit_codes_mean(self) -> None:
        assert rmflow("--help") == Said(
            0,
            block("""
                Usage: rmflow [OPTIONS] VERB …

                  Run a reverse-mentoring programme by mail and calendar.

                  A coordinator keeps a roster; rmflow, called by cron, invites the pairs,
                  sends topics, asks for summaries, reads the answers and keeps a workbook of
                  how it goes.

                Options:
                  --version   Show the version and exit.
                  -h, --help  Show this message and exit.

                Verbs:
                  demo     Play six months of an invented programme into a folder.
                  init     Make a folder with a configuration and an empty roster.
                  check    Read configuration and roster; say everything that is wrong.
                  login    Let somebody allow rmflow to use their Google account.
                  doctor   Try everything that a run needs; send nothing.
                  preview  Write every mail, in every language, as a file to look at.
                  plan     Show what a run would do now. Changes nothing.
                  run      Do what is due now: this is what cron calls.
                  status   Show how the programme stands and what waits for a person.
                  explain  Tell the story of one pair: what was done, when and why.
                  inbox    Read and settle the mails that wait for a person.
                  audit    List what was done, and check that nobody has changed the list.
                  backup   Copy the database to a file, at any time.
                  restore  Put a backup in the place of the database.
                  rekey    Bring the database under the key that [store] names first.
                  export   Write everything that is kept about a person into a folder.
                  forget   Erase everything that is kept about a person.

                  Every verb has its own help: rmflow VERB --help.

                  Exit codes:
                    0   done
                    1   something failed, or waits for a person
                    2   the configuration, or what was typed, has a mistake
                    3   the roster has a mistake
                    4   the plan would undo much: a person must confirm it
                    5   a server or a disk cannot be reached
                    70  a mistake in rmflow itself
                    75  another run is at work
                """),
            "",
        )

    @pytest.mark.parametrize(
        "verb",
        ["demo", "init", "check", "doctor", "preview", "plan", "run", "status", "explain", "inbox",
         "audit", "backup", "restore", "rekey", "export", "forget"],
    )  # fmt: skip
    def test_every_verb_has_help_whose_lines_are_whole(self, verb: str) -> None:
        said = rmflow(*verb.split(), "--help")

        assert (said.code, said.err) == (0, "")
        assert said.out.startswith(f"Usage: rmflow {verb} ")
        assert "..." not in said.out

    @pytest.mark.parametrize("verb", ["list", "show", "assign", "discard"])
    def test_so_has_every_verb_of_the_inbox(self, verb: str) -> None:
        said = rmflow("inbox", verb, "--help")

        assert (said.code, said.err) == (0, "")
        assert said.out.startswith(f"Usage: rmflow inbox {verb} ")

    def test_the_version_is_one_line(self) -> None:
        assert rmflow("--version") == Said(0, f"rmflow {__version__}\n", "")

    @pytest.mark.parametrize("words", [("frobnicate",), ("run", "--frobnicate"), ("explain",)])
    def test_a_verb_that_was_mistyped_ends_with_2(self, words: tuple[str, ...]) -> None:
        said = rmflow(*words)

        assert (said.code, said.out) == (2, "")
        assert "Error: " in said.err


class TestInit:
    def test_it_makes_a_folder_that_passes_its_own_check(self, tmp_path: Path) -> None:
        folder = tmp_path / "mentoring"

        assert rmflow("init", folder) == Said(
            0,
            block(f"""
                written  {folder}/secret.key
                written  {folder}/programme.toml
                written  {folder}/roster.xlsx

                Next: edit {folder}/programme.toml, fill in {folder}/roster.xlsx, then
                  rmflow check --config {folder}
                """),
            "",
        )
        assert rmflow("check", "--config", folder) == Said(0, "In order: 0 people, 0 pairs.\n", "")

    def test_it_overwrites_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "programme.toml").write_text("# mine\n")
        rmflow("init", tmp_path)
        secret = (tmp_path / "secret.key").read_text()

        said = rmflow("init", tmp_path)

        assert said.out.startswith(f"kept     {tmp_path}/secret.key\n")
        assert (tmp_path / "programme.toml").read_text() == "# mine\n"
        assert (tmp_path / "secret.key").read_text() == secret

    def test_the_secret_is_for_its_owner_only(self, tmp_path: Path) -> None:
        rmflow("init", tmp_path)

        assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600

    def test_a_place_where_nothing_can_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        assert rmflow("init", tmp_path / "file" / "below") == Said(
            1, "", f"rmflow: cannot write {tmp_path}/file/below/secret.key: Not a directory\n"
        )


class TestCheck:
    def test_a_roster_in_order_is_counted(self, office: Office) -> None:
        assert at_the_office(office, "check") == Said(0, "In order: 4 people, 2 pairs.\n", "")

    def test_every_mistake_of_the_roster_is_named_with_its_cell(self, office: Office) -> None:
        mistype(office)

        assert at_the_office(office, "check") == Said(3, "", PROBLEMS + "3 problems to mend.\n")

    def test_every_mistake_of_the_configuration_is_named_with_its_line(
        self, office: Office
    ) -> None:
        text = office.config_path.read_text()
        text = text.replace('"Europe/Berlin"\n', '"Europe/Atlantis"\nlangauge = "de"\n')
        office.config_path.write_text(text.replace('kind = "imip"', 'kind = "imap"'))

        assert at_the_office(office, "check") == Said(
            2,
            "",
            block("""
                problem  programme.toml:5, [programme] timezone: time zone "Europe/Atlantis" is unknown; did you mean "Europe/Athens" or "Europe/Paris"?
                problem  programme.toml:6, [programme] langauge: "langauge" is not an option here; did you mean "language"?
                problem  programme.toml:17, [calendar] kind: kind "imap" is unknown; did you mean "imip"?
                3 problems to mend.
                """),
        )

    @pytest.mark.parametrize("verb", ["doctor", "plan", "run", "status", "inbox list"])
    def test_with_a_broken_configuration_no_verb_goes_on(self, office: Office, verb: str) -> None:
        office.config_path.write_text("[programme]\n")

        said = at_the_office(office, verb)

        assert (said.code, said.out) == (2, "")
        assert "problem  programme.toml" in said.err
        assert not (office.folder / "state.db").exists()

    def test_a_missing_configuration_says_how_to_get_one(self, tmp_path: Path) -> None:
        said = rmflow("run", "--config", tmp_path)

        assert said == Said(
            2,
            "",
            f"problem  programme.toml: there is no file {tmp_path}/programme.toml; "
            'write one with "rmflow init"\n',
        )


class TestPlanAndRun:
    def test_a_plan_has_a_line_an_action_and_a_name(self, office: Office) -> None:
        digest = office.plan().digest

        assert at_the_office(office, "plan") == Said(
            0,
            block(f"""
                pair-1       create the meetings, first on Tue 13 Oct 2026 10:00 Europe/Berlin
                pair-2       create the meetings, first on Tue 13 Oct 2026 10:00 Europe/Berlin
                pair-1       send the invitation to the mentee
                pair-1       send the invitation to the mentor
                pair-2       send the invitation to the mentee
                pair-2       send the invitation to the mentor

                6 actions. Plan {digest}
                """),
            "",
        )

    def test_a_run_says_how_much_it_did_and_a_second_one_that_there_was_nothing(
        self, office: Office
    ) -> None:
        assert at_the_office(office, "run") == Said(
            0, "6 actions done. The workbook was written.\n", ""
        )
        assert at_the_office(office, "run") == Said(0, "Nothing to do.\n", "")
        assert at_the_office(office, "plan") == Said(0, "Nothing to do.\n", "")

    def test_a_quiet_run_says_nothing(self, office: Office) -> None:
        assert at_the_office(office, "run", "--quiet") == Said(0, "", "")

    def test_a_script_can_ask_whether_there_is_something_to_do(self, office: Office) -> None:
        assert at_the_office(office, "plan", "--exit-code").code == 10
        office.run()
        assert at_the_office(office, "plan", "--exit-code").code == 0

    def test_a_broken_roster_stops_nothing_and_is_said_each_time(self, office: Office) -> None:
        office.run()
        mistype(office)

        assert at_the_office(office, "plan") == Said(3, "Nothing to do.\n", PROBLEMS + HOLDS)
        assert at_the_office(office, "run") == Said(
            3, "Nothing to do. The workbook was written.\n", PROBLEMS + HOLDS
        )
        assert at_the_office(office, "run") == Said(3, "Nothing to do.\n", PROBLEMS + HOLDS)

    def test_a_plan_that_undoes_much_is_explained_and_named(self, tmp_path: Path) -> None:
        office = Office(tmp_path / "office", pairs=5, start=at("2026-10-05 09:00"))
        office.run()
        del office.rows[2:]
        office.save_roster()
        digest = office.plan().digest

        assert at_the_office(office, "run") == Said(
            4,
            "",
            block(f"""
                Nothing was done, because this needs a person's eye:
                  - this would end or cancel the meetings of 3 of 5 pairs
                  - the roster has lost 3 of 5 pairs since the last run

                Look at it with `rmflow plan`. If it is what you want, run
                  rmflow run --plan {digest}
                """),
        )

    def test_a_mail_that_cannot_be_delivered_ends_the_run_with_1(self, office: Office) -> None:
        (office.folder / "out").mkdir()
        (office.folder / "out" / "ben.ode@contoso.example").write_text("in the way")

        said = at_the_office(office, "run")

        assert said == Said(
            1,
            "5 actions done. The workbook was written.\n",
            "later: pair-2 send the invitation to the mentor (Not a directory)\n",
        )

    def test_a_disk_that_cannot_be_read_ends_the_run_with_5(self, office: Office) -> None:
        (office.folder / "calendars").write_text("a file where a folder should be")

        assert at_the_office(office, "run") == Said(
            5, "", "rmflow: imip: changes failed: Not a directory\n"
        )
        assert office.outbox() == []

    def test_a_server_that_cannot_be_reached_ends_the_run_with_5(self, office: Office) -> None:
        imap = 'kind = "imap"\nhost = "localhost"\nport = 1\nsecurity = "none"\nauth = "none"\n'
        text = office.config_path.read_text()
        office.config_path.write_text(text.replace('kind = "maildir"\npath = "in"\n', imap))

        said = at_the_office(office, "run")

        assert (said.code, said.out) == (5, "")
        assert said.err.startswith("rmflow: imap: list failed: ")
        assert said.err.count("\n") == 1
        assert office.outbox() == []

    def test_the_log_has_ids_only(self, busy: Office) -> None:
        """DESIGN 9: neither names nor addresses nor words."""
        at_the_office(busy.at(at("2026-10-09 11:00")), "run")

        text = (busy.folder / "rmflow.log").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        assert lines[-1]["event"] == "run done"
        assert {"at", "level", "event", "key", "pairing", "ending"} == set(lines[0])
        for secret in ("@", "Jens", "Ruth", "canteen"):
            assert secret not in text


class TestStatus:
    def test_before_the_first_run_there_is_nothing(self, office: Office) -> None:
        assert at_the_office(office, "status") == Said(
            0,
            block("""
                Reverse Mentoring, 05 October 2026 09:00 Europe/Berlin
                  Pairs      none yet
                  Meetings   none yet
                  Summaries  0 received of 0 asked for
                  Nothing waits for you.
                """),
            "",
        )

    def test_what_waits_for_a_person_is_listed(self, busy: Office) -> None:
        first, second = (line.split()[0] for line in waiting(busy))

        said = at_the_office(busy, "status")

        assert said.out.startswith(
            block("""
                Reverse Mentoring, 08 October 2026 11:00 Europe/Berlin
                  Pairs      2 active
                  Meetings   6 planned
                  Summaries  0 received of 0 asked for

                2 things need you:
                """)
        )
        assert f"`rmflow inbox show {first[:8]}`" in said.out
        assert f"`rmflow inbox show {second[:8]}`" in said.out
        assert max(map(len, said.out.splitlines())) <= 100


def waiting(office: Office) -> list[str]:
    return at_the_office(office, "inbox list").out.splitlines()


class TestExplain:
    def test_the_story_of_a_pair_is_told_in_order(self, busy: Office) -> None:
        busy.at(at("2026-10-09 11:00")).run()

        assert at_the_office(busy, "explain", "pair-1") == Said(
            0,
            block("""
                pair-1: Mara Vogel (mentor) and Jens Adler (mentee), hour-monthly
                All times are Europe/Berlin.

                  2026-10-05 09:00  created series
                  2026-10-05 09:00  sent invitation to Jens Adler
                  2026-10-05 09:00  sent invitation to Mara Vogel
                  2026-10-05 09:00  mail came in (calendar), filed
                  2026-10-05 09:00  answer to the invitation: accepted
                  2026-10-08 11:00  sent agenda-request to Jens Adler, meeting of 13 Oct
                  2026-10-09 11:00  sent prompt to Mara Vogel, meeting of 13 Oct
                  2026-10-09 11:00  sent prompt to Jens Adler, meeting of 13 Oct

                Next look: 2026-10-13 13:00.
                """),
            "",
        )

    def test_a_part_of_a_name_will_do(self, busy: Office) -> None:
        assert at_the_office(busy, "explain", "jens") == at_the_office(busy, "explain", "pair-1")

    @pytest.mark.parametrize(
        ("name", "answer"),
        [
            ("zoe", 'no pair "zoe"; the ids are in the first column of the sheet Pairs'),
            ("e", '"e" fits several pairs: pair-1, pair-2; name one of them'),
        ],
    )
    def test_a_name_that_fits_no_pair_or_many_is_said_to(
        self, busy: Office, name: str, answer: str
    ) -> None:
        assert at_the_office(busy, "explain", name) == Said(1, "", f"rmflow: {answer}\n")

    def test_a_pair_that_was_closed_is_still_explained(self, busy: Office) -> None:
        type_in(busy, "pair-1", "Do next", "close")
        busy.run()

        said = at_the_office(busy, "explain", "pair-1")

        assert "cancelled series" in said.out


class TestInbox:
    def test_an_empty_list_says_so(self, office: Office) -> None:
        assert at_the_office(office, "inbox list") == Said(0, "No mail waits for you.\n", "")

    def test_the_list_has_a_line_a_mail(self, busy: Office) -> None:
        lines = sorted(line[8:] for line in waiting(busy))

        returned = "The mail to Ruth Kaya <ruth.kaya@contoso.example> could not be delivered"
        assert lines == [
            "  2026-10-05  -          otto@fabrikam.example wrote, and is not in the roster.",
            f"  2026-10-05  pair-2     {returned}: mailbox unknown.",
        ]

    def test_a_mail_is_shown_with_what_was_made_of_it(self, busy: Office) -> None:
        mail = next(line.split()[0] for line in waiting(busy) if "otto" in line)

        assert at_the_office(busy, "inbox show", mail) == Said(
            0,
            block("""
                From     otto@fabrikam.example
                Subject  A question
                Waits    otto@fabrikam.example wrote, and is not in the roster.

                Is this the canteen?
                """),
            "",
        )

    def test_it_cannot_be_assigned_to_a_meeting_that_was_not(self, busy: Office) -> None:
        mail = waiting(busy)[0].split()[0]

        assert at_the_office(busy, "inbox assign", mail, "pair-9") == Said(
            1, "", 'rmflow: there is no pair "pair-9"; the ids are in the sheet Pairs\n'
        )
        assert at_the_office(busy, "inbox assign", mail, "pair-1") == Said(
            1, "", "rmflow: this pair had no meeting before now\n"
        )


class TestPreview:
    def test_every_mail_is_a_text_and_a_page(self, office: Office) -> None:
        folder = office.folder / "mails"

        said = at_the_office(office, "preview", folder)

        texts, pages = sorted(folder.glob("*.txt")), sorted(folder.glob("*.html"))
        assert said == Said(0, f"{len(texts)} mails in {folder}, each as .txt and .html.\n", "")
        assert [path.stem for path in texts] == [path.stem for path in pages]
        assert all(path.read_text().startswith("Subject: ") for path in texts)


@pytest.mark.parametrize("verb", ["check", "plan", "run", "status", "explain pair-1", "inbox list"])
def test_an_answer_in_json_is_json_and_nothing_else(busy: Office, verb: str) -> None:
    said = at_the_office(busy.at(at("2026-10-09 11:00")), verb, "--json")

    assert json.loads(said.out)
    assert (said.code, said.err) == (0, "")


def test_json_of_plan_and_run_name_the_same_actions(office: Office) -> None:
    planned = json.loads(at_the_office(office, "plan", "--json").out)
    done = json.loads(at_the_office(office, "run", "--json").out)

    assert planned["digest"] == done["digest"]
    assert planned["actions"] == [
        {name: outcome[name] for name in ("key", "action", "pairing", "what")}
        for outcome in done["outcomes"]
    ]
    assert {outcome["ending"] for outcome in done["outcomes"]} == {"done"}
