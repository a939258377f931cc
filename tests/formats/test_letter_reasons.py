"""Why meetings changed, as the two people read it: in their language, without blame."""

from dataclasses import replace

import pytest
from letter_samples import DECEMBER, JANUARY, MARGARET, NOVEMBER, letter, session

from rmflow.domain.letter import LetterKind
from rmflow.domain.people import Role
from rmflow.domain.reason import Cause, Reason
from rmflow.formats.letters.writer import SessionChange
from rmflow.formats.letters.written import Written

LANGUAGES = ("en", "de", "fr")
OUT = SessionChange(NOVEMBER, None)
MOVED = SessionChange(NOVEMBER, session(1, "2026-11-05T10:00"))


def prose(written: Written) -> str:
    """The text of a letter as if its lines were never broken."""
    return written.text.replace("\n", " ")


def why(locale: str, *because: Reason, to: Role = Role.MENTEE) -> str:
    """What these reasons add to the first lines of a letter about one meeting."""

    def lines(*because: Reason) -> str:
        written = letter(
            LetterKind.CANCELLATION, to, locale=locale, session=NOVEMBER, because=because
        )
        return written.text.split("\n\n")[1].replace("\n", " ")

    return lines(*because).removeprefix(lines()).strip()


@pytest.mark.parametrize("to", Role)
@pytest.mark.parametrize("name", ["", "Priya", "Margaret"])
@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_a_sentence_of_each_language(cause: Cause, name: str, to: Role) -> None:
    """O6: whatever made a change, nobody reads a foreign sentence, or none."""
    reason = Reason(cause, name or "Allerheiligen")
    sentences = [why(language, reason, to=to) for language in LANGUAGES]
    assert len(set(sentences)) == len(LANGUAGES)
    for sentence in sentences:
        assert sentence[0].isupper(), sentence
        assert sentence.endswith("."), sentence
        assert len(sentence.split()) >= 4, sentence


@pytest.mark.parametrize("kind", [LetterKind.UPDATE, LetterKind.CANCELLATION])
@pytest.mark.parametrize("locale", LANGUAGES)
def test_both_letters_say_every_reason(kind: LetterKind, locale: str) -> None:
    """A change can have several causes; none of them is kept back."""
    reasons = tuple(Reason(cause, "Allerheiligen") for cause in Cause)
    text = prose(letter(kind, locale=locale, session=NOVEMBER, because=reasons))
    assert [why(locale, reason) for reason in reasons if why(locale, reason) not in text] == []


@pytest.mark.parametrize(
    ("locale", "to", "sentence"),
    [
        ("en", Role.MENTEE, "Priya cannot make it."),
        ("en", Role.MENTOR, "We have your answer that you cannot make it."),
        ("de", Role.MENTEE, "Priya kann an diesem Termin nicht."),
        ("de", Role.MENTOR, "Ihre Absage ist angekommen."),
        ("fr", Role.MENTEE, "Priya n’est pas disponible."),
        ("fr", Role.MENTOR, "Votre réponse est bien arrivée\u00a0: vous n’êtes pas disponible."),
    ],
)
def test_who_declined_is_named_to_the_other_and_answered(
    locale: str, to: Role, sentence: str
) -> None:
    """Nobody likes to read of themselves by name; the other wants to know."""
    assert why(locale, Reason(Cause.DECLINED, "Priya"), to=to) == sentence


def test_who_shares_a_first_name_is_called_by_it() -> None:
    """Of two Priyas nobody knows which one declined: "you" could be wrong."""
    written = letter(
        LetterKind.UPDATE,
        Role.MENTOR,
        partner=replace(MARGARET, name="Priya Shah"),
        because=(Reason(Cause.PROPOSED, "Priya"),),
        changes=(MOVED,),
    )
    assert "Priya proposed another time." in prose(written)


def test_one_sentence_names_all_days_off() -> None:
    """A year ahead has several; a list reads better than the same sentence again and again."""
    days = [Reason(Cause.DAY_OFF, name) for name in ("Karfreitag", "Ostermontag", "Pfingstmontag")]
    assert why("en", *days) == (
        "Days off are in the way: Karfreitag, Ostermontag and Pfingstmontag."
    )
    assert why("de", *days[:2]) == "Freie Tage kommen dazwischen: Karfreitag und Ostermontag."
    assert why("fr", days[0]) == "Un jour chômé en est la cause\u00a0: Karfreitag."


def test_a_weekend_is_named_in_the_readers_language() -> None:
    """Holidays have local names; weekdays reach us in English (`workdays.day_off`)."""
    saturday = Reason(Cause.DAY_OFF, "Saturday")
    assert why("de", saturday) == "Ein freier Tag kommt dazwischen: Samstag."
    assert why("en", saturday) == "A day off is in the way: Saturday."


def test_both_may_have_declined() -> None:
    """Two answers between two runs are one sentence."""
    both = [Reason(Cause.DECLINED, "Priya"), Reason(Cause.DECLINED, "Margaret")]
    assert why("en", *both) == "Priya and Margaret cannot make it."
    assert why("de", *both) == "Priya und Margaret können an diesem Termin nicht."
    assert why("fr", *both) == "Priya et Margaret ne sont pas disponibles."


def test_of_several_meetings_none_is_this_one() -> None:
    """ "An diesem Termin" is clear only where the letter is about one."""
    written = letter(
        LetterKind.UPDATE,
        locale="de",
        changes=(OUT, SessionChange(JANUARY, None)),
        because=(Reason(Cause.DECLINED, "Priya"),),
    )
    assert "Priya kann nicht an allen Terminen." in prose(written)


def body(written: Written) -> str:
    return written.text.partition("\n· · ·\n")[0]


def new_place(locale: str, location: str = "Atrium, Hafenstraße 2") -> Written:
    return letter(
        LetterKind.UPDATE,
        locale=locale,
        location=location,
        sessions=(DECEMBER,),
        because=(Reason(Cause.NEW_PLACE),),
    )


def test_a_new_place_alone_is_no_new_time() -> None:
    """Nothing moved: the letter says so by listing the same dates, and asks for nothing."""
    written = new_place("en")
    assert written.subject == "New place: your meetings with Priya Raman"
    expected = """\
Hello Margaret,

The place of your meetings with Priya Raman has changed. You now meet
here: Atrium, Hafenstraße 2.

Next meetings:
- Tuesday 1 December, 10:00–11:00 in Berlin (09:00–10:00 for you in
  London)

Where: Atrium, Hafenstraße 2. You go to Priya; please allow time to get
there.

Your calendar follows by itself. If something does not suit you, reply
to this mail and say so in your own words.
"""
    assert body(written) == expected


def test_a_new_place_in_german() -> None:
    """O6."""
    written = new_place("de")
    assert written.subject == "Neuer Ort: Ihre Treffen mit Priya Raman"
    expected = """\
Guten Tag Margaret Okafor,

der Ort Ihrer Treffen mit Priya Raman hat sich geändert. Sie treffen
sich jetzt hier: Atrium, Hafenstraße 2.

Die nächsten Treffen:
- Dienstag, 1. Dezember, 10:00–11:00 Uhr in Berlin (für Sie
  09:00–10:00 Uhr in London)

Ort: Atrium, Hafenstraße 2. Sie kommen zu Priya Raman; bitte planen Sie
den Weg ein.

Ihr Kalender zieht von selbst nach. Passt Ihnen etwas nicht, antworten
Sie auf diese E-Mail und schreiben Sie es in eigenen Worten.
"""
    assert body(written).replace("\u00a0", " ") == expected


def test_a_new_place_in_french() -> None:
    """O6."""
    written = new_place("fr")
    assert written.subject == "Nouveau lieu\u00a0: vos rencontres avec Priya Raman"
    expected = """\
Bonjour Margaret,

Le lieu de vos rencontres avec Priya Raman a changé. Vous vous retrouvez
désormais ici : Atrium, Hafenstraße 2.

Prochaines rencontres :
- mardi 1er décembre, 10:00–11:00 à Berlin (09:00–10:00 à Londres pour
  vous)

Lieu : Atrium, Hafenstraße 2. C’est vous qui allez voir Priya Raman ;
prévoyez le temps du trajet.

Votre agenda suit de lui-même. Si quelque chose ne vous convient pas,
répondez à ce message en le disant simplement.
"""
    assert body(written).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "The former place no longer applies."),
        ("de", "Der bisherige Ort gilt nicht mehr."),
        ("fr", "L’ancien lieu n’est plus valable."),
    ],
)
def test_a_place_that_was_taken_back_is_not_named(locale: str, sentence: str) -> None:
    """An empty cell of the roster is no address."""
    assert sentence in prose(new_place(locale, location=""))


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (Cause.NEW_ADDRESS, "A mail address in the invitation has changed."),
        (
            Cause.SENT_AGAIN,
            "Here is the invitation once more; please accept it if you have not yet.",
        ),
    ],
)
def test_an_invitation_that_says_the_same_is_not_called_a_change(
    cause: Cause, sentence: str
) -> None:
    """Same times, same place: "your meetings have changed" would send people looking."""
    written = letter(LetterKind.UPDATE, sessions=(DECEMBER,), because=(Reason(cause),))
    assert written.subject == "The invitation to your meetings with Priya Raman"
    assert f"This is about your meetings with Priya Raman. {sentence}" in prose(written)


def test_the_end_of_a_series_lists_no_lost_meetings() -> None:
    """A year of “does not take place” would frighten people: the new invitation follows."""
    written = letter(
        LetterKind.UPDATE,
        changes=(OUT, SessionChange(DECEMBER, None), SessionChange(JANUARY, None)),
        because=(Reason(Cause.NEW_RHYTHM),),
    )
    assert written.subject == "New dates: your meetings with Priya Raman"
    expected = """\
Hello Margaret,

Your meetings with Priya Raman get new dates. The old series of meetings
ends here; you get a new invitation.

There is nothing for you to do: the old dates leave your calendar by
themselves.
"""
    assert body(written) == expected


def test_a_pause_promises_no_next_meeting() -> None:
    """Only the near meetings are taken out; the others stand in the calendar for afterwards."""
    written = letter(
        LetterKind.UPDATE, changes=(OUT,), sessions=(DECEMBER,), because=(Reason(Cause.PAUSED),)
    )
    assert "Your meetings are paused for now." in prose(written)
    assert "Still in your calendar:" in written.text
    assert "Next meetings" not in written.text
