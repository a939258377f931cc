"""Places and advice for TOML that people edit."""

import pytest
from pydantic import BaseModel, ConfigDict, RootModel

from rmflow.errors import ConfigError
from rmflow.formats.settings.toml import check, parse, suggestion


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    size: int = 1


class Outer(BaseModel):
    one: Inner
    many: tuple[Inner, ...] = ()
    by_name: dict[str, Inner] = {}


class File(RootModel[dict[str, Inner]]):
    pass


def problems(text: str) -> list[str]:
    document = parse(text, "a.toml")
    return [str(problem) for problem in check(Outer, document.tree, document)[1]]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[one]\n\nname = 3\n", "a.toml:3, [one] name"),
        ("one = { name = 3 }\n", "a.toml:1, [one] name"),
        ("one.name = 3\n", "a.toml:1, [one] name"),
        ("[one]\nsize = 3\n", "a.toml:1, [one] name"),
        ("", "a.toml, [one]"),
        ("one = 3\n", "a.toml:1, one"),
        ('[one]\nname = "x"\n[[many]]\nname = "y"\n[[many]]\nname = 3\n', "a.toml:6, [[many]] 2 name"),
        ('[one]\nname = "x"\n[by_name."b c"]\nname = 3\n', "a.toml:4, [by_name.b c] name"),
    ],
)  # fmt: skip
def test_a_place_is_where_a_person_looks(text: str, place: str) -> None:
    assert [problem.partition(": ")[0] for problem in problems(text)] == [place]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ('a = """\nb', 2), ("[a]\n[a]\n", 2)],
)
def test_a_syntax_error_has_a_line(text: str, line: int) -> None:
    with pytest.raises(ConfigError, match=rf"^a\.toml:{line}: this is not valid TOML "):
        parse(text, "a.toml")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[a]\nb = 0x" + "f" * 4_000, "a.toml:2, [a] b"),
        ("[[a]]\nb = 1\n[[a]]\nb = [9223372036854775808]", "a.toml:4, [[a]] 2 b, item 1"),
    ],
)
def test_a_number_beyond_64_bits_is_refused_with_its_place(text: str, place: str) -> None:
    """Python reads any hexadecimal number, and refuses to show one of 4,300 digits."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "a.toml")
    assert [problem.place for problem in caught.value.problems] == [place]


@pytest.mark.parametrize("number", [-(2**63), 2**63 - 1])
def test_a_number_of_64_bits_is_read(number: int) -> None:
    assert parse(f"a = {number}", "a.toml").tree == {"a": number}


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a = " + "9" * 5_000])
def test_what_the_library_falls_over_is_a_mistake_in_the_file(text: str) -> None:
    """tomllib recurses into brackets, and Python turns 4,300 digits into no number."""
    with pytest.raises(ConfigError, match=r"^forms\.toml: this has brackets within brackets"):
        parse(text, "forms.toml")


def test_the_place_of_a_syntax_error_is_not_said_twice() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a = 1\nb = \n", "a.toml")
    assert "column" not in str(caught.value)


def test_a_number_in_quotes_is_not_a_number() -> None:
    assert problems('[one]\nname = "x"\nsize = "3"\n') == [
        'a.toml:3, [one] size: "3" is another kind of value; write a whole number'
    ]


def test_an_unknown_option_is_answered_with_those_of_its_own_section() -> None:
    (said,) = problems('[one]\nname = "x"\n[by_name.b]\nname = "y"\nsiez = 3\n')
    assert said.endswith('"siez" is not an option here; did you mean "size"?')


def test_a_file_of_named_sections_needs_no_section_around_them() -> None:
    document = parse('[b]\nname = "y"\nsiez = 3\n', "a.toml")
    file, said = check(File, document.tree, document)
    assert file is None
    assert str(said[0]) == (
        'a.toml:3, [b] siez: "siez" is not an option here; did you mean "size"?'
    )


def test_a_long_list_of_words_is_not_recited() -> None:
    assert suggestion("x", [f"word-{number}" for number in range(100)]) == ""
    assert suggestion("x", ["one", "two", "three"]) == 'use "one", "two" or "three"'
