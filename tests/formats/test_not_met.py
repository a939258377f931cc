"""That they did not meet: certain, doubtful, or told of something else."""

import pytest

from rmflow.formats.replies.not_met import NotMet, not_met


@pytest.mark.parametrize(
    "text",
    [
        "Sadly we did not meet on Monday, his train stood still.",
        "The session was cancelled.",
        "The conversation on Thursday was postponed",
        "He was in Oslo so we cancelled the meeting.",
        "Unser Termin ist leider ausgefallen.",
        "Das Gespräch am Montag wurde abgesagt, ich lag im Bett.",
        "Malheureusement, nous ne nous sommes pas vus.",
        "El encuentro no tuvo lugar.",
        "A conversa foi adiada para janeiro.",
        "Purtroppo non ci siamo visti.",
        "We hebben elkaar helaas niet ontmoet.",
        "Vi träffades inte.",
        "Nie spotkaliśmy się.",
        "面談は延期になりました。",
        "Our meeting on 3 November was cancelled.",
        "Wir mussten das Treffen leider verschieben.",
        "Rendez-vous annulé.",
        "No-show on her side.",
        "It was called off.",
        "Der Termin ist leider geplatzt.",
        "Es hat diesmal leider nicht geklappt, ich lag flach.",
        "Ich musste leider absagen.",
        "Nous avons dû reporter la rencontre.",
        "Lamentablemente no pudimos vernos.",
        "Infelizmente não nos encontrámos.",
        "Purtroppo il colloquio non c'è stato.",
        "Het gesprek ging helaas niet door.",
        "Samtalet blev tyvärr inte av.",
        "Spotkanie niestety nie doszło do skutku.",
        "今回の面談は実施しませんでした。",
    ],
)
def test_a_meeting_that_did_not_take_place_is_recorded_as_such(text: str) -> None:
    assert not_met(text) is NotMet.CERTAIN


@pytest.mark.parametrize(
    "text",
    [
        "We did not meet in the canteen but on the roof.",
        "Wir haben uns nicht getroffen, sondern telefoniert.",
        "Nous ne nous sommes pas vus longtemps.",
        "Non ci siamo visti in sede, invece siamo andati in fabbrica.",
        "The summer party was cancelled, which annoyed her a lot.",
        "Her team's meeting was cancelled without a word.",
        "We postponed the tour of the harbour.",
        "Unser Termin ist nicht ausgefallen!",
        "Das Sommerfest wurde abgesagt.",
        "La visita non è stata rimandata, è stato annullato il pranzo.",
        "We did not meet our own deadline.",
        "Nie spotkaliśmy się w biurze, tylko w pociągu.",
        "Our December session was cancelled.",
        "Ihr Projekt ist geplatzt.",
        "Hat nicht geklappt mit dem Beamer.",
        "La visite des ateliers est tombée à l'eau.",
        "Hennes resa blev inte av.",
        "新しい研修は実施しませんでした。",
    ],
)
def test_words_that_may_be_of_something_else_are_doubtful(text: str) -> None:
    """A meeting that took place must not count as one that did not."""
    assert not_met(text) is NotMet.DOUBTFUL


@pytest.mark.parametrize(
    "text",
    [
        "We did not meet in the canteen but on the roof, and talked about noise.",
        "Der Termin ist nicht ausgefallen, wir haben über Nachtzüge gesprochen.",
        "No nos vimos aquí, hablamos por teléfono de los turnos.",
        "Nous n'avons pas pu nous voir lundi ; mardi nous avons parlé des apprentis.",
        "前日は会えませんでしたが、本日は夜勤について話しました。",
    ],
)
def test_who_has_talked_has_met(text: str) -> None:
    assert not_met(text) is NotMet.TALKED


@pytest.mark.parametrize(
    "text",
    [
        "We spoke about noise.",
        "They have no meeting culture.",
        "Lovely hour on the roof.",
        "We did not meet. " + "Rain. " * 40,
    ],
)
def test_other_words_say_nothing_about_it(text: str) -> None:
    """Nor do many words: who writes so much has met."""
    assert not_met(text) is None
