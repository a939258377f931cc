"""What people call the columns of a roster."""

import pytest

from rmflow.formats.roster.columns import flat_field, pairs_field, people_field, sheet_kind


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("E-Mail-Adresse", "email"),
        ("Correo electrónico", "email"),
        ("Time Zone", "timezone"),
        ("zeitzone", "timezone"),
        ("Line Manager", "manager"),
        ("Vorgesetzte(r)", "manager"),
        ("Prénom", "given_name"),
        ("Cost centre", None),
        ("ID", None),
    ],
)
def test_a_column_of_people_is_known_by_many_names(title: str, field: str | None) -> None:
    assert people_field(title) == field


@pytest.mark.parametrize(
    ("title", "field"),
    [("Mentor:in", "mentor"), ("Créneau", "slot"), ("Estado", "status"), ("Pair-ID", "pair_id")],
)
def test_a_column_of_pairs_is_known_by_many_names(title: str, field: str) -> None:
    assert pairs_field(title) == field


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("mentor email", "mentor.email"),
        ("mentor_email", "mentor.email"),
        ("Name of the mentee", "mentee.name"),
        ("E-Mail des Mentors", "mentor.email"),
        ("Correo del mentor", "mentor.email"),
        ("Mentor's time zone", "mentor.timezone"),
        ("Mentee", "mentee"),
        ("Cadence", "cadence"),
        ("Mentor shoe size", None),
        ("%", None),
    ],
)
def test_a_flat_table_says_whose_column_it_is_before_or_after(
    title: str, field: str | None
) -> None:
    assert flat_field(title) == field


def test_a_sheet_is_known_by_its_name_in_four_languages() -> None:
    names = ["PEOPLE ", "Teilnehmende", "Binômes", "Parejas", "Notes"]
    assert [sheet_kind(name) for name in names] == ["People", "People", "Pairs", "Pairs", None]
