"""Previews: an operator sees every letter before anybody gets one."""

from dataclasses import replace

from letter_samples import AGENDA, PROGRAMME, SUMMARY, TOPIC, WRITER

from rmflow.domain.letter import LetterKind
from rmflow.formats.letters.preview import previews

OURS = replace(PROGRAMME, forms={"summary": SUMMARY, "agenda": AGENDA}, topics=(TOPIC,))


def test_every_kind_is_there_for_both_roles_in_every_language() -> None:
    stems = [stem for stem, _ in previews(WRITER, OURS)]
    assert len(stems) == len(set(stems)) == len(LetterKind) * 2 * 3
    assert "de-summary-request-mentee" in stems


def test_a_preview_shows_the_operators_own_forms_and_topics() -> None:
    texts = dict(previews(WRITER, OURS))
    assert "How worthwhile (1 to 5):" in texts["en-summary-request-mentee"].text
    assert "Wie sich Neues herumspricht" in texts["de-prompt-mentor"].text


def test_a_programme_without_forms_and_topics_can_be_looked_at_too() -> None:
    assert all(written.text for _, written in previews(WRITER, PROGRAMME))
