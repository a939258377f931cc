"""The roster, understood."""

from dataclasses import replace
from datetime import date, time

import pytest
from roster_samples import PAIRS, PEOPLE, PROGRAMME, Rows, grid, read, table, told

from rmflow.domain.pairing import Pairing, PairingId, PairingStatus, Roster, Slot
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.formats.roster.understanding import RosterReading, understand
from rmflow.formats.table import Table


def roster_of(reading: RosterReading) -> Roster:
    assert reading.roster is not None, told(reading)
    return reading.roster


def test_a_full_row_becomes_a_participant() -> None:
    people: Rows = [
        *grid(
            "email | name | manager | timezone | locale | location | region | team | assistant"
            "| aliases | employee_id | start_date | avoid | interests"
        ),
        [
            "Mara.Vogel@Contoso.Example ",
            "Mara\u00a0 Vogel",
            "Tomo Sato",
            "europe/berlin",
            "Deutsch",
            "Room 4.12\nMunich",
            "de-by",
            "Data",
            "eva@contoso.example",
            "M.Vogel@contoso.example; mara@fabrikam.example, mara.vogel@contoso.example",
            4711,
            date(2024, 9, 1),
            "Aisha Khan; old.boss@contoso.example",
            "Chess, climbing\nBaking",
        ],
        *(row[:2] for row in PEOPLE[2:]),
    ]
    assert roster_of(read(people)).people[PersonId("4711")] == Participant(
        id=PersonId("4711"),
        address=Address("mara.vogel@contoso.example"),
        name="Mara Vogel",
        timezone="Europe/Berlin",
        locale="de",
        region="DE-BY",
        location="Room 4.12 Munich",
        team="Data",
        manager=Address("tomo.sato@contoso.example"),
        assistant=Address("eva@contoso.example"),
        employee_id="4711",
        start_date=date(2024, 9, 1),
        avoid=frozenset(map(Address, ["aisha.khan@contoso.example", "old.boss@contoso.example"])),
        interests=("Chess", "climbing", "Baking"),
        aliases=(Address("m.vogel@contoso.example"), Address("mara@fabrikam.example")),
    )


def test_a_full_row_becomes_a_pairing() -> None:
    pairs = grid("""
        mentor     | mentee | cadence       | start    | slot      | location | status   | pair_id
        Mara Vogel | 4712   | Every 3 Weeks | 12.1.2027| Di 10 Uhr | Room 12  | pausiert | v-a.1
    """)
    pairings = roster_of(read(pairs=pairs)).pairings
    assert list(pairings.values()) == [
        Pairing(
            id=PairingId("v-a.1"),
            mentor=PersonId("4711"),
            mentee=PersonId("4712"),
            cadence="every-3-weeks",
            start=date(2027, 1, 12),
            slot=Slot(1, time(10)),
            location="Room 12",
            status=PairingStatus.PAUSED,
        )
    ]
    assert pairings[PairingId("v-a.1")].place == "roster.xlsx, Pairs!A2"


def test_where_the_roster_is_silent_the_programme_speaks() -> None:
    roster = roster_of(read())
    mara = roster.people[PersonId("4711")]
    assert (mara.timezone, mara.locale, mara.region) == ("Europe/Berlin", "en", "DE")
    assert {pairing.cadence for pairing in roster.pairings.values()} == {"pilot", "hour-monthly"}


def test_a_pair_keeps_its_id_when_rows_move_and_addresses_change() -> None:
    """The id goes into the UID of the series: a new one would invite everybody again."""
    people = [PEOPLE[0], *reversed(PEOPLE[1:])]
    people[4] = ["mara.adler-vogel@contoso.example", *people[4][1:]]
    pairs = [PAIRS[0], PAIRS[2], ["Mara Vogel", *PAIRS[1][1:]]]
    ids = set(roster_of(read()).pairings)
    assert set(roster_of(read(people, pairs)).pairings) == ids
    assert all(id.startswith("p") and len(id) == 11 for id in ids)


def test_the_id_of_a_pair_cannot_be_guessed_without_the_secret() -> None:
    other = replace(PROGRAMME, salt=b"another secret..")
    assert not set(roster_of(read()).pairings) & set(roster_of(read(programme=other)).pairings)


def test_sheets_and_columns_are_found_in_other_languages_in_any_order_below_a_title() -> None:
    people = grid("""
        Umgekehrtes Mentoring 2027 |  | | |

        Vorname | Nachname | E-Mail-Adresse             | Führungskraft | Eintritt
        Mara    | Vogel    | mara.vogel@contoso.example |               | 01.09.2024
        Jens    | Adler    | jens.adler@contoso.example |               |
    """)
    pairs = grid("""
        Turnus | Mentee     | Mentorin   | Termin
        pilot  | Jens Adler | Mara Vogel | Mittwoch 14:30
    """)
    tables = [table("Notizen", [["Budget", 12]]), table("Paare", pairs), table("Personen", people)]
    roster = roster_of(understand(tables, PROGRAMME))
    (pairing,) = roster.pairings.values()
    assert roster.people[pairing.mentor].name == "Mara Vogel"
    assert roster.people[pairing.mentee].address == "jens.adler@contoso.example"
    assert pairing.slot == Slot(2, time(14, 30))


def test_sheets_of_any_name_are_found_by_their_columns() -> None:
    tables = [table("Tabelle1", PAIRS), table("Tabelle2", PEOPLE)]
    assert len(roster_of(understand(tables, PROGRAMME)).pairings) == 2


FLAT = grid("""
    Mentor name | Mentor e-mail    | Mentor time zone | Mentee           | Name of mentee | Cadence
    Mara Vogel  | mara@contoso.example |              | jens@contoso.example | Jens Adler | pilot
    Mara Vogel  | mara@contoso.example | UTC          | kim@contoso.example  | Kim Berg   | pilot
""")


def test_a_flat_table_has_a_pair_a_row_and_adds_up_what_it_says_of_a_person() -> None:
    roster = roster_of(understand([table("pairs", FLAT, "pairs.csv")], PROGRAMME))
    assert len(roster.people) == 3
    assert len(roster.pairings) == 2
    assert roster.people[PersonId("mara@contoso.example")].timezone == "UTC"


def test_a_flat_table_must_not_contradict_itself_about_a_person() -> None:
    rows = [*FLAT, *grid("M. Vogel | mara@contoso.example | | lou@contoso.example | Lou Stein |")]
    assert told(understand([table("pairs", rows, "pairs.csv")], PROGRAMME)) == (
        "pairs.csv, pairs!A4: Mara Vogel has another name in pairs!A2; make them the same"
    )


def test_a_mistake_in_a_flat_table_is_told_once() -> None:
    """The cell is read twice: as the address of a person, and as one side of a pair."""
    rows: Rows = [
        ["mentor email", "mentor name", "mentee email", "mentee name"],
        ["mara@contoso,example", "Mara Vogel", "jens.adler@contoso.example", "Jens Adler"],
    ]
    problems = understand([table("Tandems", rows)], PROGRAMME).problems
    assert [str(problem) for problem in problems] == [
        'roster.xlsx, Tandems!A2: "mara@contoso,example" is not a mail address'
    ]


@pytest.mark.parametrize("circle", [False, True])
def test_a_line_of_five_thousand_managers_is_walked_to_its_end(*, circle: bool) -> None:
    """PITFALLS H18: without recursion, and named in one short sentence."""
    names: Rows = [[f"p{n}@contoso.example", f"Person {n}", None] for n in range(5_000)]
    for n, line in enumerate(names[:-1]):
        line[2] = f"p{n + 1}@contoso.example"
    if circle:
        names[-1][2] = "p0@contoso.example"
    pairs: Rows = [["mentor", "mentee"], ["p0@contoso.example", "p4999@contoso.example"]]
    reading = read([["email", "name", "manager"], *names], pairs)
    problems = [p.text for p in reading.problems if not p.warning]
    said = "report to each other in a circle" if circle else "through 4998 managers"
    assert any(said in text for text in problems)
    assert all(len(text) < 300 for text in problems)


def test_a_merged_mentor_is_missing_in_the_second_row() -> None:
    """Two pairs were meant, and one is said: the owner hears of it."""
    pairs: Rows = [*PAIRS, [None, "aisha.khan@contoso.example", None]]
    assert "roster.xlsx, Pairs!A4: the mentor is empty; write a mail address" in told(
        read(PEOPLE, pairs)
    )


def test_what_a_cell_holds_is_quoted_short_and_does_nothing_to_a_terminal() -> None:
    """A cell holds 32,767 characters, a csv file escape sequences."""
    people = [
        [*PEOPLE[0], "\x1b[2Jtitle"],
        [*PEOPLE[1], None],
        ["x" * 30_000, *PEOPLE[2][1:], None],
    ]
    for problem in read(people).problems:
        assert len(problem.text) < 500
        assert problem.text.isprintable()


def test_all_problems_come_at_once_in_the_order_of_their_cells() -> None:
    """What a coordinator reads after a bad afternoon with the file."""
    people = grid("""
        E-Mail                     | Name        | Manager | Time zone    | Region | Start date | Avoid  | Employee ID | Shoes
        mara.vogel@contoso.example | Mara Vogel  | ghost@contoso.example | Europe/Berln | DE-BX | 3/4/2027 | Nobody | 1 | 38
        jens.adler(at)contoso.example | Jens Adler | ghost@contoso.example | UTC+1 | Germny | 31.02.2027 | | 2 | 46
        tоmo@contoso.example       | Tomo Sato   |         |              |        |            |        | 3  |
        aisha.khan@contoso.example |             |         |              |        |            |        | 4  |
        12345                      | Number Five |         |              |        | 46000      |        | 5  |
        mara.vogel@contoso.example | Mara Again  |         |              |        |            |        | 6  |
        other@contoso.example      | Other One   |         |              |        |            |        | 1  |
                                   | No Address  |         |              |        |            |        |    |
                                   | \u200b      |         |              |        |            |        |    | 40
        mentoring@contoso.example  | The Mailbox |         |              |        |            |        |    |
    """)
    pairs = grid("""
        Mentor                    | Mentee                     | Cadence   | Slot    | Status  | pair_id
        mara.vogl@contoso.example | aisha.khan@contoso.example | fortnight | Tuesday | invited | a b
        Mara Vogel                | Mara Vogel                 |           |         |         |
        Mara Vogel                | Aisha Khan                 |           | 10:00   |         |
        zoe@fabrikam.example      |                            |           |         |         |
        Jens Adler                | aisha.khan@contoso.example |           |         |         |
    """)
    reading = read(people, pairs)
    assert reading.roster is None
    assert (
        told(reading)
        == """\
(warning) roster.xlsx, People!I1: the column "Shoes" is not read
(warning) roster.xlsx, People!C2: manager "ghost@contoso.example" is not in the roster: nobody above them is checked
roster.xlsx, People!D2: timezone "Europe/Berln" is unknown; did you mean Europe/Berlin?
roster.xlsx, People!E2: region "DE-BX" is unknown; write DE alone
roster.xlsx, People!F2: "3/4/2027" can be 3 April or 4 March; write 2027-04-03 or 2027-03-04
roster.xlsx, People!G2: "Nobody" is not in the roster; add them, or correct it
roster.xlsx, People!A3: "jens.adler(at)contoso.example" is not a mail address
roster.xlsx, People!D3: timezone "UTC+1" is unknown; write a zone like Europe/Berlin: an offset does not know summer time
roster.xlsx, People!E3: region "Germny" is unknown; did you mean DE?
roster.xlsx, People!F3: "31.02.2027" is not a day of the calendar; write it like 2027-03-31
roster.xlsx, People!A4: "tоmo@contoso.example" has characters before the @ that mail addresses do not have
roster.xlsx, People!B5: the name is empty; every person needs one
roster.xlsx, People!A6: "12345" is not a mail address
roster.xlsx, People!F6: "46000" is not a date; write it like 2027-03-31
roster.xlsx, People!A7: "mara.vogel@contoso.example" is also in People!A2; keep one of them
roster.xlsx, People!H8: "1" is also in People!H2; keep one of them
roster.xlsx, People!A9: the email is empty; every person needs one
roster.xlsx, People!A11: "mentoring@contoso.example" is the programme's own mailbox; write the person's address
roster.xlsx, Pairs!A2: mentor "mara.vogl@contoso.example" is not in the roster; did you mean mara.vogel@contoso.example?
roster.xlsx, Pairs!C2: cadence "fortnight" is unknown; use hour-monthly, every-3-weeks or pilot
roster.xlsx, Pairs!D2: "Tuesday" is not a slot; write a weekday and a time, like Tue 10:00
roster.xlsx, Pairs!E2: status "invited" is unknown; use active, paused or closed
roster.xlsx, Pairs!F2: pair_id "a b" is not usable; take up to 40 letters, digits and . _ -
roster.xlsx, Pairs!B3: mentor and mentee are the same person; correct one of them
roster.xlsx, Pairs!B4: mentee "Aisha Khan" is not in the roster; add them, or correct it
roster.xlsx, Pairs!D4: "10:00" is not a slot; write a weekday and a time, like Tue 10:00
roster.xlsx, Pairs!A5: mentor "zoe@fabrikam.example" is not in the roster; add them, or correct it
roster.xlsx, Pairs!B5: the mentee is empty; write a mail address"""
    )


def test_rows_that_contradict_each_other_name_both_cells() -> None:
    pairs = grid("""
        mentor     | mentee                     | status | pair_id
        Mara Vogel | Jens Adler                 |        |
        Mara Vogel | jens.adler@contoso.example |        | again
        Jens Adler | Mara Vogel                 |        |
        Tomo Sato  | Aisha Khan                 |        | one
        Tomo Sato  | Jens Adler                 |        | one
        Mara Vogel | Jens Adler                 | closed |
    """)
    id = next(iter(roster_of(read()).pairings))
    assert told(read(pairs=pairs)) == (
        "roster.xlsx, Pairs!A3: the same pair is in Pairs!A2; remove one of the rows\n"
        "roster.xlsx, Pairs!A4: the same two are in Pairs!A2, the other way round; remove one row\n"
        'roster.xlsx, Pairs!D6: the id "one" belongs to Pairs!A5; give this row another pair_id\n'
        f'roster.xlsx, Pairs!D7: the id "{id}" belongs to Pairs!A2; give this row another pair_id'
    )


def test_an_address_is_one_persons() -> None:
    """Whoever writes from it would be taken for the other."""
    people = grid("""
        email              | name       | aliases
        mara@contoso.example | Mara Vogel | m@contoso.example, tomo@contoso.example
        tomo@contoso.example | Tomo Sato  | M@contoso.example
        aisha@contoso.example | Aisha Khan | mentoring@contoso.example
    """)
    problems = [problem.text for problem in read(people).problems if "alias" not in problem.place]
    assert [text for text in problems if "keep one" in text or "mailbox" in text] == [
        '"tomo@contoso.example" is also an address of Tomo Sato; keep one of them',
        '"m@contoso.example" is also an address of Mara Vogel; keep one of them',
        '"mentoring@contoso.example" is the programme\'s own mailbox; take it out',
    ]


def test_a_pair_that_ended_may_meet_again_the_other_way_round() -> None:
    pairs = grid("""
        mentor     | mentee     | status
        Mara Vogel | Jens Adler | beendet
        Jens Adler | Mara Vogel | active
    """)
    assert len(roster_of(read(pairs=pairs)).pairings) == 2


def test_the_management_chain_the_avoid_list_and_circles_are_checked() -> None:
    """FEATURES P1. The avoid list is worded so that nobody learns whose wish it is."""
    people = grid("""
        email                | name       | manager              | team  | avoid
        mara@contoso.example | Mara Vogel | kim@contoso.example  | Data  |
        kim@contoso.example  | Kim Berg   | Lou Stein            | Data  |
        lou@contoso.example  | Lou Stein  | jens@contoso.example |       |
        jens@contoso.example | Jens Adler | jens@contoso.example | Board |
        ann@contoso.example  | Ann Frey   | bo@contoso.example   |       | Jens Adler
        bo@contoso.example   | Bo Lind    | ann@contoso.example  |       |
    """)
    pairs = grid("""
        mentor     | mentee     | status
        Mara Vogel | Jens Adler |
        Jens Adler | Lou Stein  |
        Mara Vogel | Kim Berg   |
        Ann Frey   | Jens Adler |
        Jens Adler | Kim Berg   | closed
    """)
    assert (
        told(read(people, pairs))
        == """\
roster.xlsx, People!C6: Ann Frey → Bo Lind → Ann Frey report to each other in a circle; correct one manager
roster.xlsx, Pairs!A2: Mara Vogel reports, through 2 managers, to Jens Adler: a mentor must not be in the mentee's management chain; choose another mentor
roster.xlsx, Pairs!A3: Lou Stein reports directly to Jens Adler: a mentor must not be in the mentee's management chain; choose another mentor
roster.xlsx, Pairs!A4: Mara Vogel reports directly to Kim Berg: a mentor must not be in the mentee's management chain; choose another mentor
(warning) roster.xlsx, Pairs!A4: Mara Vogel and Kim Berg have the same team (Data); more distance makes better talks
roster.xlsx, Pairs!A5: Ann Frey and Jens Adler cannot be a pair; choose another mentor"""
    )


def test_warnings_alone_do_not_stop_a_roster() -> None:
    people = [[*row, "?"] for row in PEOPLE]
    people[1][2] = people[2][2] = "ghost@contoso.example"
    reading = read(people)
    assert reading.roster is not None
    assert told(reading) == (
        '(warning) roster.xlsx, People!G1: the column "?" is not read\n'
        '(warning) roster.xlsx, People!C2: manager "ghost@contoso.example" is not in the roster: '
        "nobody above them is checked (2 people report to them)\n"
        "(warning) roster.xlsx, Pairs!A2: Mara Vogel and Jens Adler have the same manager; "
        "more distance makes better talks"
    )


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ([], "roster: has no sheet People; add one with the columns email and name"),
        (
            [table("People", PEOPLE)],
            "roster.xlsx: has no sheet Pairs; add one with the columns mentor and mentee",
        ),
        (
            [table("People", [["email", "team"]]), table("Pairs", [["mentor"]])],
            "roster.xlsx, People!A1: the column name is missing from this header; add it",
        ),
        (
            [table("People", PEOPLE), table("Pairs", [["mentor"]])],
            "roster.xlsx, Pairs!A1: the column mentee is missing from this header; add it",
        ),
        (
            [table("People", PEOPLE), table("Staff", PEOPLE), table("Pairs", PAIRS)],
            'roster.xlsx: the sheets "People" and "Staff" can both be People; rename or remove one',
        ),
        (
            [table("People", [[*PEOPLE[0], "Mail"]]), table("Pairs", PAIRS[:1])],
            'roster.xlsx, People!G1: "Mail" means the same as People!A1; remove or rename one',
        ),
    ],
)
def test_sheets_and_columns_that_are_missing_or_too_many_are_named(
    tables: list[Table], expected: str
) -> None:
    reading = understand(tables, PROGRAMME)
    assert reading.roster is None
    assert expected in told(reading).splitlines()


def test_a_name_that_several_people_have_does_not_stand_for_one_of_them() -> None:
    people = [*PEOPLE, *grid("mara2@contoso.example | Mara Vogel")]
    pairs = grid("mentor | mentee \n Mara Vogel | Jens Adler")
    assert told(read(people, pairs)) == (
        'roster.xlsx, Pairs!A2: mentor "Mara Vogel" is the name of several people; '
        "write the mail address"
    )


def test_every_unknown_person_of_a_wrong_file_is_told() -> None:
    """Looking for what was meant is slow; it ends after some, the telling does not."""
    people: Rows = [PEOPLE[0]]
    people += [[f"a{n}@contoso.example", f"A {n}"] for n in range(1000)]
    pairs: Rows = [PAIRS[0]]
    pairs += [[f"b{n}@contoso.example", f"A {n}"] for n in range(1000)]
    assert len(read(people, pairs).problems) == 1000
