"""Answers in people's own words. A wrong value is worse than none."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from letter_samples import NOVEMBER
from reply_corpus import FORMS, RECEIVED, SUMMARY

from rmflow.domain.form import Form, Question, QuestionType
from rmflow.domain.reading import ReadingStatus
from rmflow.formats.replies.answers import AnswersReading, read_answers
from rmflow.formats.replies.reply import Extract, ReplyLine


def read(text: str, locale: str = "en", form: Form = SUMMARY) -> AnswersReading:
    lines = tuple(map(ReplyLine, text.splitlines()))
    extract = Extract(text, "", ReadingStatus.OK, lines)
    return read_answers(extract, form, locale, session=NOVEMBER.start, received=RECEIVED)


@pytest.mark.parametrize(
    "line",
    [
        "Key takeaways: ask first",
        "key takeaways:ask first",
        "**Key takeaways:** ask first",
        "*Key takeaways*: ask first",
        "3. Key takeaways: ask first",
        "3) Key takeaways - ask first",
        "c) Key takeaways: ask first",
        "- Key takeaways: ask first",
        "• Takeaways = ask first",
        "Key takeaways (One a line): ask first",
        "Key takeaways (one a line.) : ask first",
        "KEY TAKEAWAYS:\nask first",
        "Key takeaways\nask first",
        "Key takeaways:\n\n- ask first",
        "Key takeaways:\n1. ask first",
        "Key takeaways：ask first",
        "Ce que je retiens\u00a0: ask first",
        "Was ich mitnehme: ask first",
        "学んだこと：ask first",
        "Key takeaways:\task first",
        "Key takeaways (One a\nline): ask first",
    ],
)
def test_a_label_is_known_however_it_is_written(line: str) -> None:
    """DESIGN section 5: any language, any alias, starred, numbered, hinted, French or full width."""
    assert read(line).answers == {"takeaways": "ask first"}


@pytest.mark.parametrize(
    "prose",
    [
        "What we talked about was mostly hiring and budgets.",
        "Topics came up that I did not expect at all.",
        "I will remember the story about the intranet for long.",
    ],
)
def test_a_sentence_that_begins_like_a_label_is_prose(prose: str) -> None:
    assert read(prose).answers == {"talked": prose}


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("4", "4"),
        ("4/5", "4"),
        ("4 / 5", "4"),
        ("4 of 5", "4"),
        ("4 von 5", "4"),
        ("4 sur 5", "4"),
        ("four", "4"),
        ("Four!", "4"),
        ("vier", "4"),
        ("quatre sur cinq", "4"),
        ("4 - great", "4"),
        ("4 – great", "4"),
        ("4, really good", "4"),
        ("4 stars", "4"),
        ("a 4", "4"),
        ("４", "4"),
        ("四", "4"),
        ("★★★★☆", "4"),
        ("⭐⭐⭐⭐", "4"),
        ("4.", "4"),
        ("Definitely a 5", "5"),
        ("5 (best hour of the week)", "5"),
    ],
)
def test_a_rating_is_read_as_people_write_it(text: str, rating: str) -> None:
    """INBOUND section 9, case 67."""
    assert read(f"Rating: {text}").answers == {"worthwhile": rating}


@pytest.mark.parametrize(
    "text",
    ["7", "0", "4.5", "4,5", "3-4", "3 or 4", "between 3 and 4", "4/10", "not a 5", "at least 3",
     "10", "good", "a good one", "4 and 5", "3. We met 4 times", "-1"],
)  # fmt: skip
def test_an_unclear_rating_is_no_rating(text: str) -> None:
    found = read(f"Rating: {text}")
    assert found.answers == {}
    assert found.status is ReadingStatus.PARTIAL
    assert "How worthwhile it was" in found.why


@pytest.mark.parametrize(
    "text",
    ["wenigstens 3", "knapp eine 4", "ca. 4", "almeno 3", "minstens 3", "najmniej 3", "prawie 4", "up to 3", "max. 4",
     "close to 4", "4 minus", "4–", "3-", "3?", "3 ?", "4+", "3 hours", "2 Stunden", "3 personnes", "4 minuti", "5 May",
     "3 listopada", "2人", "Note 3", "Schulnote 2", "1 (excellent)", "eine 1", "2, sehr gut", "5 (worst of all)", "3以上"],
)  # fmt: skip
def test_a_number_that_is_no_plain_rating_is_none(text: str) -> None:
    """Compared, doubted, of something else, or a grade of a school, of which 1 is best."""
    found = read(f"Rating: {text}")
    assert (found.answers, found.status) == ({}, ReadingStatus.PARTIAL)


@pytest.mark.parametrize(
    "text", ["2 - too short", "4 points", "Note 4/5", "5, very good", "3 (good)", "1, sadly"]
)
def test_words_that_suit_a_rating_leave_it(text: str) -> None:
    rating = next(character for character in text if character.isdigit())
    assert read(f"Rating: {text}").answers == {"worthwhile": rating}


@pytest.mark.parametrize("text", ["4", "4/5", "four", "vier", "4 – great", "quatre", "5!", "★★★"])
def test_a_bare_rating_answers_the_one_scale_of_the_form(text: str) -> None:
    found = read(text)
    assert set(found.answers) == {"worthwhile"}
    assert found.status is ReadingStatus.OK


@pytest.mark.parametrize("text", ["7", "4.5", "4 or 5", "4\n5"])
def test_a_bare_number_that_is_no_rating_says_so(text: str) -> None:
    found = read(text)
    assert (found.answers, found.status) == ({}, ReadingStatus.PARTIAL)


@pytest.mark.parametrize(
    "text", ["4 people joined us today, it was fun.", "1. hiring", "2026 was a good year"]
)
def test_a_number_at_the_beginning_of_prose_is_no_rating(text: str) -> None:
    assert read(text).answers == {"talked": text}


def test_a_rating_above_prose_is_both() -> None:
    found = read("5\n\nWe spoke about hiring without CVs.")
    assert found.answers == {"worthwhile": "5", "talked": "We spoke about hiring without CVs."}


def test_prose_above_a_labelled_rating_is_both() -> None:
    found = read("We spoke about hiring without CVs and about her team's tools.\n\nRating: 4")
    assert found.answers == {
        "worthwhile": "4",
        "talked": "We spoke about hiring without CVs and about her team's tools.",
    }


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("no", "no"),
        ("No.", "no"),
        ("nein, lieber nicht", "no"),
        ("anonymously", "anonymously"),
        ("Anonymously please", "anonymously"),
        ("yes, but without names", "anonymously"),
        ("no names", "anonymously"),
        ("ja, anonym", "anonymously"),
        ("yes, with names", "named"),
        ("Yes, with our names!", "named"),
        ("mit Namen", "named"),
        ("oui, avec les noms", "named"),
        ("実名で", "named"),
    ],
)
def test_a_choice_is_read_as_people_write_it(text: str, choice: str) -> None:
    assert read(f"Share: {text}").answers == {"share": choice}


@pytest.mark.parametrize(
    "text",
    ["yes", "ja", "not anonymously", "no, with names", "anonymously or with names", "maybe",
     "ask me again when we have spoken to the others about it and with names perhaps"],
)  # fmt: skip
def test_an_unclear_choice_is_no_choice(text: str) -> None:
    """Sharing against somebody's will cannot be taken back."""
    found = read(f"Share: {text}")
    assert (found.answers, found.status) == ({}, ReadingStatus.PARTIAL)


@pytest.mark.parametrize(
    "text",
    ["first names only", "with first names", "mit Vornamen", "avec les prénoms", "no idea", "keine Ahnung", "no reason why not", "geen idee"],
)  # fmt: skip
def test_leave_for_less_than_names_is_no_choice(text: str) -> None:
    found = read(f"Share: {text}")
    assert (found.answers, found.status) == ({}, ReadingStatus.PARTIAL)


@pytest.mark.parametrize(
    "text", ["see above", "Siehe oben!", "voir ci-dessus", "jak wyżej", "dito"]
)
def test_a_pointer_is_no_answer(text: str) -> None:
    found = read(f"Rating: 4\nWhat we talked about: {text}")
    assert (found.answers, found.status) == ({"worthwhile": "4"}, ReadingStatus.PARTIAL)


def test_an_answer_may_hold_the_words_of_a_pointer() -> None:
    text = "Salaries below the market"
    assert read(f"What we talked about: {text}").answers == {"talked": text}


def test_yes_and_no_are_read_and_maybe_is_not() -> None:
    question = Question("again", QuestionType.YES_NO, {"en": "Meet again"}, {}, {})
    form = Form("pulse", (question,), "again")
    for text, value in (
        ("Yes", "yes"),
        ("yes, gladly", "yes"),
        ("oui", "yes"),
        ("Nein", "no"),
        ("no thanks", "no"),
    ):
        assert read(f"Meet again: {text}", form=form).answers == {"again": value}
    for text in ("yes and no", "why not", "yes but not soon", "perhaps"):
        assert read(f"Meet again: {text}", form=form).answers == {}


def test_a_rating_may_follow_its_label_without_a_mark() -> None:
    assert read("Rating 4").answers == {"worthwhile": "4"}
    assert read("How worthwhile it was (1-5) 4").answers == {"worthwhile": "4"}
    prose = "Rating 4 people on a scale was the topic."
    assert read(prose).answers == {"talked": prose}


def test_two_different_ratings_are_none() -> None:
    """Case 67: once above, once inside, and not the same."""
    found = read("Rating: 4\nKey takeaways: ask first\nRating: 5")
    assert found.answers == {"takeaways": "ask first"}
    assert found.status is ReadingStatus.PARTIAL


def test_the_same_rating_twice_is_one() -> None:
    assert read("Rating: 4\nWorthwhile: 4/5").answers == {"worthwhile": "4"}


@pytest.mark.parametrize("text", ["Rating: -", "Rating: n/a", "Rating:", "Key takeaways: …"])
def test_a_dash_is_no_answer(text: str) -> None:
    assert read(text).status is ReadingStatus.EMPTY


def test_lists_lose_their_marks() -> None:
    text = (
        "Key takeaways:\n- ask first\n* write less\n3. decide later\n\nTopic for next time: budgets"
    )
    assert read(text).answers == {
        "takeaways": "ask first\nwrite less\ndecide later",
        "next": "budgets",
    }


def test_text_keeps_its_paragraphs_and_loses_the_courtesies_below() -> None:
    text = "What we talked about: hiring\n\nand budgets.\n\nThank you!"
    assert read(text).answers == {"talked": "hiring\n\nand budgets."}


def test_what_stands_after_our_footer_is_not_the_last_answer() -> None:
    lines = (
        ReplyLine("Topic for next time: budgets", label=True, inside=True),
        ReplyLine("Could we move the next meeting to May?", gap=True),
    )
    extract = Extract("\n".join(line.text for line in lines), "", ReadingStatus.OK, lines)
    found = read_answers(extract, SUMMARY, "en", session=None, received=RECEIVED)
    assert found.answers == {"next": "budgets"}


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("1. 4 November\n2. Hiring\n6. 4", {"met": "2026-11-04", "talked": "Hiring", "worthwhile": "4"}),
        ("a) 4 November\nb) Hiring", {"met": "2026-11-04", "talked": "Hiring"}),
        ("Hi,\n\n1. yesterday\n2. Hiring,\nand budgets", {"met": "2026-11-03", "talked": "Hiring,\nand budgets"}),
    ],
)  # fmt: skip
def test_numbered_answers_are_matched_by_number(text: str, answers: Mapping[str, str]) -> None:
    assert read(text).answers == answers


@pytest.mark.parametrize(
    "text",
    ["1. ask first\n2. write less\n3. decide later", "1. hiring\n2. budgets", "1. ask first"],
)
def test_a_numbered_list_of_thoughts_is_prose(text: str) -> None:
    """The first question asks for a date; “ask first” is none, so these are no answers by number."""
    assert read(text).answers == {"talked": text}


@pytest.mark.parametrize("text", ["Thanks!", "Danke!", "Merci beaucoup", "Thank you, Nora!", "👍", "Will do!", "I'll reply tomorrow", "Mache ich morgen"])  # fmt: skip
def test_thanks_and_promises_are_no_answers(text: str) -> None:
    assert read(text).status is ReadingStatus.EMPTY


@pytest.mark.parametrize(
    "text",
    ["Thanks and have a nice weekend!", "Vielen Dank, schönen Abend noch.", "Merci, bonne semaine.", "¡Gracias!",
     "Dziękuję bardzo, miłego dnia", "Dank u wel.", "ありがとうございました。", "Thanks for organising this.",
     "Lo faccio domani sera", "Respondo amanhã, sem falta", "Doe ik vrijdag", "Svarar imorgon!", "後ほど回答します。", "Responderé el lunes", "Odpowiem w piątek"],
)  # fmt: skip
def test_polite_words_around_thanks_and_promises_change_nothing(text: str) -> None:
    assert read(text).status is ReadingStatus.EMPTY


@pytest.mark.parametrize("text", ["Yes", "Ja.", "Erledigt!", "It was great.", "Fait", "終わりました", "1 2 3 [4] 5"])  # fmt: skip
def test_a_few_words_are_no_summary(text: str) -> None:
    """They would stand in the workbook as what the two talked about."""
    found = read(text)
    assert (found.answers, found.status) == ({}, ReadingStatus.REVIEW)


@pytest.mark.parametrize(
    "text",
    ["I am currently out of the office with limited access to my e-mails. In urgent cases please call Rowan.",
     "Ms Hale is no longer with Contoso. Please write to office@contoso.example instead.",
     "Vielen Dank für Ihre Nachricht. Ich bin bis zum 30. November nicht im Büro.",
     "Herr Thoma ist nicht mehr für die Contoso AG tätig. Bitte wenden Sie sich an den Empfang.",
     "Je suis en congés et de retour le 30 novembre.", "Estaré de vacaciones hasta el día 30.",
     "Estarei ausente até ao dia 30, sem acesso ao correio.", "Sono in ferie fino al 30 novembre e non leggo la posta.",
     "Ik ben tot en met 30 november afwezig.", "Jag är på semester och läser inte min e-post.",
     "Jestem na urlopie do końca miesiąca, proszę pisać do biura.", "30日まで休暇をいただいております。"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["summary", "agenda"])
def test_a_notice_of_absence_is_no_answer(text: str, form: str) -> None:
    """Some servers send it without any header that says so."""
    found = read(text, form=FORMS[form])
    assert (found.answers, found.status) == ({}, ReadingStatus.REVIEW)


@pytest.mark.parametrize(
    "text",
    [
        "We talked about notices like “I am out of the office” and why nobody believes them.",
        "Her father was on leave when the plant closed; she told me how they got through it.",
        "Die Jungen interessieren sich nicht mehr für das Intranet, sagt sie.",
    ],
)
def test_a_summary_may_speak_of_absence(text: str) -> None:
    assert read(text).answers == {"talked": text}


def test_a_few_words_below_a_rating_leave_the_rating() -> None:
    found = read("4\n\nAll done.")
    assert (found.answers, found.status) == ({"worthwhile": "4"}, ReadingStatus.PARTIAL)


@pytest.mark.parametrize(
    "text",
    ["We did not meet.", "Sorry, it was cancelled.", "Das Treffen ist leider ausgefallen.",
     "La rencontre n'a pas eu lieu.", "We postponed to next week", "Nos reunimos? No, se canceló."],
)  # fmt: skip
def test_that_they_did_not_meet_is_an_answer_of_its_own(text: str) -> None:
    """Our letters say that such a reply is enough; it says nothing of what was talked about."""
    found = read(text)
    assert (found.answers, found.status, found.held) == ({}, ReadingStatus.OK, False)


@pytest.mark.parametrize(
    "text", ["When is our next meeting?", "See attached.", "Siehe unten", "Who is Tom, by the way?"]
)
def test_questions_and_pointers_go_to_a_person(text: str) -> None:
    assert read(text).status is ReadingStatus.REVIEW


def test_a_question_is_a_good_agenda() -> None:
    """What a leader wants to ask is what they want to talk about; only the pair reads it."""
    text = "How do you learn what is new?"
    assert read(text, form=FORMS["agenda"]).answers == {"topics": text}


def test_numbers_prove_nothing_in_a_form_of_free_text() -> None:
    text = "1. hiring\n2. budgets"
    assert read(text, form=FORMS["agenda"]).answers == {"topics": text}


def test_prose_loses_its_greeting_and_closing() -> None:
    found = read("Hello Nora,\n\nWe spoke about hiring.\n\nBest regards")
    assert found.answers == {"talked": "We spoke about hiring."}


def test_an_agenda_in_one_line_is_the_agenda() -> None:
    assert read("Hiring without CVs", form=FORMS["agenda"]).answers == {
        "topics": "Hiring without CVs"
    }


def test_ratings_of_a_pulse_are_matched_in_order() -> None:
    scales = tuple(
        Question(id, QuestionType.SCALE, {"en": label}, {}, {})
        for id, label in (("trust", "I trust my partner"), ("time", "It is worth my time"))
    )
    form = Form("pulse", scales, "trust")
    assert read("4\n5", form=form).answers == {"trust": "4", "time": "5"}
    assert read("4", form=form).answers == {}


@pytest.mark.parametrize("text", ["Meeting date: 4 November 2031", "Meeting date: 4 May", "Meeting date: soon", "Met on: 3 or 4 November"])  # fmt: skip
def test_a_date_that_cannot_be_is_left_out(text: str) -> None:
    found = read(text)
    assert (found.answers, found.status) == ({}, ReadingStatus.PARTIAL)


@pytest.mark.parametrize(
    "text",
    ["before 4 November", "after the 3rd of November", "until 3 November", "between 3 November", "vor dem 3. November",
     "ab dem 3.11.", "wäre der 3.11. gewesen", "should have been 3 November", "eigentlich Montag", "week of 26 October",
     "Woche vom 26.10.", "avant le 3 novembre", "devait être lundi", "antes del 3 de noviembre", "prima del 3 novembre",
     "na, voor 3 november", "före den 3 november", "przed 3 listopada", "the day before yesterday, before 4 November"],
)  # fmt: skip
def test_a_day_beside_the_one_that_is_named_is_left_out(text: str) -> None:
    found = read(f"Meeting date: {text}")
    assert (found.answers, found.status) == ({}, ReadingStatus.PARTIAL)


@pytest.mark.parametrize(
    "text",
    ["3 November, as planned", "wie geplant am 3.11.", "comme prévu, le 3 novembre", "one day earlier, 3 November"],
)  # fmt: skip
def test_a_day_as_planned_is_that_day(text: str) -> None:
    assert read(f"Meeting date: {text}").answers == {"met": "2026-11-03"}


@pytest.mark.parametrize(
    "text", ["day before yesterday", "avant-hier", "vorgestern", "przedwczoraj"]
)
def test_the_day_before_yesterday_is_a_day(text: str) -> None:
    assert read(f"Meeting date: {text}").answers == {"met": "2026-11-02"}


def test_nothing_said_is_empty() -> None:
    assert read("").status is ReadingStatus.EMPTY
    assert read("\n \n").status is ReadingStatus.EMPTY


def test_a_reply_without_a_session_is_read_as_well() -> None:
    extract = Extract("4", "", ReadingStatus.OK, (ReplyLine("4"),))
    received = datetime(2026, 11, 4, tzinfo=UTC)
    found = read_answers(extract, SUMMARY, "en", session=None, received=received)
    assert found.answers == {"worthwhile": "4"}


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ('"Rockstar" keeps half of them away', '"Rockstar" keeps half of them away'),
        ('"all of it"', "all of it"),
        ("**bold**", "bold"),
        ("„ganz“", "ganz"),
    ],
)
def test_quotation_marks_go_only_when_they_hold_the_whole_answer(written: str, stored: str) -> None:
    assert read(f"What we talked about: {written}").answers["talked"] == stored


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", "2"),
        ("0", "0"),
        ("Number 2 please", "2"),
        ("2 would be great, thanks!", "2"),
        ("Option 3 works for me", "3"),
        ("Die 2 passt gut", "2"),
        ("Le numéro 3, merci", "3"),
        ("Numer 1 pasuje", "1"),
    ],
)
def test_a_number_is_chosen_as_people_say_it(text: str, number: str) -> None:
    assert read(text, form=FORMS["times"]).answers == {"which": number}


@pytest.mark.parametrize(
    "text",
    ["not 2", "2 or 3", "2 if Mara can, else none", "4", "any but 1", "Let me ask my office by 2"],
)
def test_a_number_with_other_words_chooses_nothing(text: str) -> None:
    """A wrong time in a vice president's calendar is worse than a question to the coordinator."""
    assert "which" not in read(text, form=FORMS["times"]).answers


@pytest.mark.parametrize(
    "text",
    [
        "Rating: 4. Next time: prices",
        "Rating: 4, Next time: prices",
        "Rating: 4 Next time: prices",
        "Rating: 4 - Next time: prices.",
        "Next time: prices. Rating: 4",
        "評価：4。次回：prices",
    ],
)
def test_several_answers_may_stand_on_one_line(text: str) -> None:
    found = {id: value.rstrip(".") for id, value in read(text).answers.items()}
    assert found == {"worthwhile": "4", "next": "prices"}


@pytest.mark.parametrize(
    "text",
    [
        "a word about the topics: there were many",
        "hers, topics: many",
        "see https://contoso.example/rating: the page",
        "at 10:30 next time: never",
    ],
)
def test_a_label_within_a_sentence_is_a_word(text: str) -> None:
    """Text may hold colons; only after the end of a sentence does another answer begin."""
    assert read(f"What surprised me: {text}").answers == {"surprise": text}


@pytest.mark.parametrize(
    "text", ["no problem", "no objection", "kein Problem", "pas de problème", "sem problema"]
)
def test_no_problem_is_neither_no_nor_leave(text: str) -> None:
    """It most likely means yes, and not with which names."""
    found = read(f"May we share it: {text}")
    assert found.answers == {}
    assert found.status is ReadingStatus.PARTIAL
