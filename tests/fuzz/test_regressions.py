"""What once made a reader fail, kept as it was found or as short as it could be made."""

from pathlib import Path

import pytest
from mail_readings import outcomes, read

from rmflow.domain.reading import ReadingStatus

MAILS = sorted((Path(__file__).parent / "regressions" / "mails").glob("*.eml"))


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_mail_that_once_failed_waits_for_a_person(path: Path) -> None:
    """half-a-character: UTF-7 gives lone surrogates, which no database stores: the run ended."""
    raw = path.read_bytes()
    (outcome,) = outcomes([(0, raw)])
    assert outcome.wrong == ()
    assert read(raw)[0].status is ReadingStatus.REVIEW
