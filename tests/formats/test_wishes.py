"""Commands by reply, in ten languages: the whole message, or a first line, and never prose."""

from datetime import date

import pytest

from rmflow.domain.signal import SignalKind
from rmflow.formats.replies.wishes import Wish, read_wish

RECEIVED = date(2026, 11, 4)
DECEMBER = date(2026, 12, 15)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("LEAVE", SignalKind.LEAVE),
        ("Hello,\n\nplease unsubscribe me\n\nBest regards", SignalKind.LEAVE),
        ("Ich möchte aussteigen.", SignalKind.LEAVE),
        ("Je veux arrêter, merci", SignalKind.LEAVE),
        ("darme de baja, por favor", SignalKind.LEAVE),
        ("sair do programa", SignalKind.LEAVE),
        ("Disiscrivimi", SignalKind.LEAVE),
        ("Afmelden graag", SignalKind.LEAVE),
        ("Avsluta", SignalKind.LEAVE),
        ("rezygnuję", SignalKind.LEAVE),
        ("退会", SignalKind.LEAVE),
        ("Pause, please!", SignalKind.PAUSE),
        ("Bitte pausieren", SignalKind.PAUSE),
        ("una pausa por favor", SignalKind.PAUSE),
        ("休止", SignalKind.PAUSE),
        ("Resume", SignalKind.RESUME),
        ("weiter bitte", SignalKind.RESUME),
        ("REPRENDRE", SignalKind.RESUME),
        ("rematch", SignalKind.REMATCH),
        ("Neuer Partner bitte", SignalKind.REMATCH),
        ("相手変更", SignalKind.REMATCH),
        ("LEAVE\n\nIt has been good, but I have changed jobs.", SignalKind.LEAVE),
    ],
)
def test_a_command_is_understood(text: str, kind: SignalKind) -> None:
    assert read_wish(text, "en", RECEIVED) == Wish(kind)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("PAUSE until 15 December", "en"),
        ("Please pause our meetings until Dec 15, thanks", "en"),
        ("pause until 12/15", "en-US"),
        ("Pause bis 15.12.", "de"),
        ("Bitte pausieren bis zum 15. Dezember", "de"),
        ("Pause jusqu'au 15 décembre", "fr"),
        ("Pausa hasta el 15 de diciembre", "es"),
        ("pausa até 15 de dezembro", "pt"),
        ("Pausa fino al 15 dicembre", "it"),
        ("Pauze tot en met 15 december", "nl"),
        ("Paus till och med 15 december", "sv"),
        ("Przerwa do 15 grudnia", "pl"),
        ("12月15日まで休止", "ja"),
        ("Pause until 15 December\n\nI am travelling a lot. Sorry!", "en"),
    ],
)
def test_the_last_day_of_a_pause_is_read(text: str, locale: str) -> None:
    assert read_wish(text, locale, RECEIVED) == Wish(SignalKind.PAUSE, DECEMBER)


@pytest.mark.parametrize(
    ("text", "days"), [("pause for two weeks", 14), ("Pause für 3 Wochen", 21), ("PAUSE pour un mois", 30)]
)  # fmt: skip
def test_a_pause_of_some_weeks_has_an_end(text: str, days: int) -> None:
    wish = read_wish(text, "en", RECEIVED)
    assert wish is not None
    assert wish.until is not None
    assert (wish.until - RECEIVED).days == days


@pytest.mark.parametrize("text", ["PAUSE until the new year", "pause until 15 October 2026"])
def test_a_day_that_nobody_can_read_is_not_guessed(text: str) -> None:
    assert read_wish(text, "en", RECEIVED) == Wish(SignalKind.PAUSE, unclear=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thanks!",
        "Stop?",
        "Should we pause until December?",
        "We should stop doing everything ourselves.",
        "Stop\nwriting long mails, that is what I learned.",
        "Stop\n\nDoing everything myself is what I want to stop.",
        "LEAVE\n\nRating: 4\nWhat we talked about: how to leave meetings early",
        "We had a pause until 15 December, then went on.",
        "The other partner was late.",
        "I would like to pause on that thought: people leave when nobody listens.",
        "LEAVE\n\n" + "word " * 80,
    ],
)
def test_the_same_words_in_prose_are_prose(text: str) -> None:
    """Case 66: "stop" as part of a sentence, opt-out words in a summary."""
    assert read_wish(text, "en", RECEIVED) is None
