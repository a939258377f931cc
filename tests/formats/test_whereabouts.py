"""Time zones, regions and languages as people write them."""

import subprocess
import sys
from zoneinfo import available_timezones

import pytest

from rmflow.formats.roster.whereabouts import read_locale, read_region, read_timezone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("pacific standard time", "America/Los_Angeles"),
    ],
)
def test_a_zone_is_found_by_its_iana_or_windows_name(text: str, expected: str) -> None:
    assert read_timezone(text) == expected


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("Berlin", "did you mean Europe/Berlin?"),
        ("New York", "did you mean America/New_York?"),
        ("EST", "did you mean America/New_York?"),
        ("UTC+1", "an offset does not know summer time"),
        ("+01:00", "an offset does not know summer time"),
        ("Moon", "write a zone like Europe/Berlin"),
        ("../../etc/passwd", "write a zone like Europe/Berlin"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_one_that_was_meant(text: str, advice: str) -> None:
    with pytest.raises(
        ValueError, match=rf'timezone "{text}" is unknown; '.replace("+", r"\+")
    ) as e:
        read_timezone(text)
    assert str(e.value).endswith(advice)


def test_every_zone_of_this_machine_is_read_except_the_offsets_that_pass_for_zones() -> None:
    refused = {zone for zone in available_timezones() if not _is_read(zone)}
    assert refused <= {"EST", "MST", "HST"} | {"localtime"}


def _is_read(zone: str) -> bool:
    try:
        return read_timezone(zone) == zone
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DE", "DE"),
        ("de-by", "DE-BY"),
        ("DE-Bayern", "DE-BY"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("UK", "GB"),
        ("USA", "US"),
        ("us_ny", "US-NY"),
    ],
)
def test_a_region_is_a_country_or_a_part_of_one(text: str, expected: str) -> None:
    assert read_region(text) == expected


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Germny", "did you mean DE?"),
        ("DE-Bayrn", "did you mean DE-BY?"),
        ("DE-XX", "write DE alone"),
        ("XX", "write a country code like DE or DE-BY"),
        ("MON", "write a country code like DE or DE-BY"),
    ],
)
def test_an_unknown_region_is_refused_with_advice(text: str, advice: str) -> None:
    """MON is a constant of the holidays library, and no country."""
    with pytest.raises(ValueError, match=f'region "{text}" is unknown; ') as caught:
        read_region(text)
    assert str(caught.value).endswith(advice)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("de", "de"),
        ("de_DE", "de-DE"),
        ("en_GB.UTF-8", "en-GB"),
        ("German", "de"),
        ("deutsch", "de"),
        ("Français", "fr"),
        ("pt-br", "pt-BR"),
    ],
)
def test_a_language_is_found_by_code_or_name(text: str, expected: str) -> None:
    assert read_locale(text) == expected


@pytest.mark.parametrize(
    ("text", "advice"), [("Germn", "did you mean de?"), ("xx", "write a code like de or en")]
)
def test_an_unknown_language_is_refused_with_advice(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=f'language "{text}" is unknown; ') as caught:
        read_locale(text)
    assert str(caught.value).endswith(advice)


def test_a_roster_without_regions_does_not_load_the_libraries_for_them() -> None:
    """holidays takes half a second to import, more than everything else together."""
    code = """
import sys
from rmflow.formats.roster.understanding import understand
from rmflow.formats.roster.whereabouts import read_timezone
read_timezone("Europe/Berlin")
print({"holidays", "babel", "icalendar"} & set(sys.modules))
"""
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"set()\n"
