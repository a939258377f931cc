"""Whole letters, as people read them."""

from letter_samples import (
    AGENDA,
    DECEMBER,
    FOOTER,
    JANUARY,
    NOVEMBER,
    SUMMARY,
    TOPIC,
    letter,
    session,
)

from rmflow.domain.letter import LetterKind
from rmflow.domain.people import Role
from rmflow.domain.programme import BUILT_IN_CADENCES
from rmflow.domain.reason import Cause, Reason
from rmflow.formats.letters.writer import SessionChange


def test_an_invitation_says_who_how_often_where_and_what_to_do_now() -> None:
    """T1, S3, J3: everything a person must know before they say yes."""
    written = letter(
        LetterKind.INVITATION,
        sessions=(NOVEMBER, DECEMBER),
        cadence=BUILT_IN_CADENCES["pilot"],
    )
    assert written.subject == "Your meetings with Priya Raman, from Tue 3 Nov"
    expected = """\
Hello Margaret,

Welcome to Reverse Mentoring 2026. Priya Raman will be your mentor. The
roles are reversed: Priya leads, you are here to learn.

Rhythm: 30 minutes, once a month, 6 meetings in all
Where: Studio 3, Lindenstraße 8. You go to Priya; please allow time to
get there.
First meetings:
- Tuesday 3 November, 10:00–11:00 in Berlin (09:00–10:00 for you in
  London)
- Tuesday 1 December, 10:00–11:00 in Berlin (09:00–10:00 for you in
  London)

What to do now

Please accept the invitation in the next few days. That is your yes, and
it puts every meeting into your calendar.

Does a time not suit you? Propose another one in your calendar, or reply
to this mail and say in your own words what would suit you.

Good to know

- What is said stays between you two.
- After each meeting you answer a few short questions by mail. You both
  read the answers, and so does the coordinator, Nora Lindqvist, in the
  tracking sheet.
- We keep your name, the dates of the meetings and what you answer to
  these mails. Your words are deleted 180 days after your last meeting,
  the mails they came in 30 days after they were filed. Nora Lindqvist
  will show you everything, or delete it, whenever you ask. Managers get
  no reports.
- Taking part is voluntary. You can pause or stop at any time: a line to
  Nora Lindqvist is enough.
"""
    assert written.text == expected + FOOTER


def test_an_update_says_the_old_and_the_new_date_and_why() -> None:
    """People compare it with their calendar: both dates, the reason, and no second invitation."""
    written = letter(
        LetterKind.UPDATE,
        Role.MENTOR,
        changes=(
            SessionChange(NOVEMBER, session(1, "2026-11-05T10:00")),
            SessionChange(JANUARY, None),
        ),
        because=(Reason(Cause.PROPOSED, "Margaret"), Reason(Cause.DAY_OFF, "Winter break")),
        sessions=(DECEMBER,),
    )
    assert written.subject == "Changed: your meetings with Margaret Okafor"
    expected = """\
Hello Priya,

Your meetings with Margaret Okafor have changed. Margaret proposed
another time. A day off is in the way: Winter break.

Before: Tuesday 3 November, 10:00–11:00 in Berlin (09:00–10:00 for
Margaret in London)
Now: Thursday 5 November, 10:00–11:00 in Berlin (09:00–10:00 for
Margaret in London)

Does not take place: Tuesday 5 January, 10:00–11:00 in Berlin
(09:00–10:00 for Margaret in London)

Next meetings:
- Tuesday 1 December, 10:00–11:00 in Berlin (09:00–10:00 for Margaret in
  London)

Where: Studio 3, Lindenstraße 8. Margaret comes to you.

If this suits you, there is nothing to do: your calendar follows. If it
does not, propose another time in your calendar, or reply to this mail
and say in your own words what would suit you.
"""
    assert written.text == expected + FOOTER


def test_a_cancellation_is_neutral() -> None:
    """P6: no reason is given that the coordinator did not give, and none is asked for."""
    written = letter(LetterKind.CANCELLATION)
    assert written.subject == "Your meetings with Priya Raman are cancelled"
    expected = """\
Hello Margaret,

Your meetings with Priya Raman are cancelled.

There is nothing for you to do. Your calendar takes the meetings out; if
it asks, choose “Remove”.

Thank you for the time you gave each other. If you would like to go on
in another way, Nora Lindqvist is glad to hear from you.
"""
    assert written.text == expected + FOOTER


def test_an_agenda_request_says_that_no_answer_is_fine() -> None:
    """T1: the topic stands in, and the date until which an answer helps is said."""
    written = letter(LetterKind.AGENDA_REQUEST, session=NOVEMBER, form=AGENDA, topic=TOPIC)
    assert written.subject == "Tue 3 Nov: what would you like to ask Priya Raman?"
    expected = """\
Hello Margaret,

You meet Priya Raman on Tuesday 3 November, 10:00–11:00 in Berlin
(09:00–10:00 for you in London). What would you like to get out of it?
One line is enough, and it helps Priya to prepare.

Simply reply by Sunday 1 November, in a few words of your own. Nothing
in mind this time? Then there is no need to answer: “How news travels”
is there to start from.

What I would like to talk about (one line is enough):

Who reads it: only Priya and you. The coordinator, Nora Lindqvist, sees
that it came, not the words. A paragraph that begins with #private is
passed on to nobody and deleted with your mail.

Where: Studio 3, Lindenstraße 8. You go to Priya; please allow time to
get there.
"""
    assert written.text == expected + FOOTER


def test_a_prompt_gives_the_mentor_the_agenda_the_topic_and_what_was_said_last_time() -> None:
    """T2, T4, T7."""
    written = letter(
        LetterKind.PROMPT,
        Role.MENTOR,
        session=NOVEMBER,
        topic=TOPIC,
        agenda="How do you decide what to read?",
        takeaways="Nobody reads the newsletter.\nDecisions travel by chat.",
        promises=("Sit in on a stand-up",),
    )
    assert written.subject == "Tue 3 Nov with Margaret Okafor: a topic to start from"
    expected = """\
Hello Priya,

Your next meeting with Margaret Okafor is coming up. Here is all you
need.

When: Tuesday 3 November, 10:00–11:00 in Berlin (09:00–10:00 for
Margaret in London)
Where: Studio 3, Lindenstraße 8. Margaret comes to you.

The roles are reversed: you lead, Margaret is here to learn.

What Margaret would like to talk about

    How do you decide what to read?

If there is time: How news travels

Think of the last thing that everybody knew within a day.
- Where did it begin?
- Who heard it last?

Margaret’s takeaways from last time

    Nobody reads the newsletter.
    Decisions travel by chat.

What Margaret wanted to do

- Sit in on a stand-up

There is nothing to prepare and nothing to answer. If something else
matters more that day, talk about that.
"""
    assert written.text == expected + FOOTER


def test_a_summary_request_asks_one_question_a_line_and_says_who_reads_it() -> None:
    """T5 and DESIGN section 9."""
    written = letter(LetterKind.SUMMARY_REQUEST, session=NOVEMBER, form=SUMMARY)
    assert written.subject == "How was your meeting with Priya Raman on Tue 3 Nov?"
    expected = """\
Hello Margaret,

You were due to meet Priya Raman on Tuesday 3 November. What do you take
away? Two minutes are enough, and today is best, while it is fresh.

Just reply. Answer in any way: above, between the lines, or in a few
words of your own. If you did not meet, a reply that says so is all we
need.

Day we met (if it was another day):

Key takeaways (one a line):

How worthwhile (1 to 5):

Meet again:

May we share it:

Who reads it: you, Priya and the coordinator, Nora Lindqvist, who sees
it in the tracking sheet. A paragraph that begins with #private is
passed on to nobody and deleted with your mail.
"""
    assert written.text == expected + FOOTER


def test_the_last_reminder_says_that_it_is_the_last() -> None:
    """T8: at most two reminders, and an end in sight."""
    written = letter(LetterKind.SUMMARY_REMINDER, session=NOVEMBER, form=SUMMARY, last=True)
    assert written.subject == "Last reminder: your meeting with Priya Raman on Tue 3 Nov"
    expected = """\
Hello Margaret,

How was your meeting with Priya Raman on Tuesday 3 November? One line in
reply is enough, also if you did not meet. This is the last reminder
about this meeting.

Day we met (if it was another day):

Key takeaways (one a line):

How worthwhile (1 to 5):

Meet again:

May we share it:

Who reads it: you, Priya and the coordinator, Nora Lindqvist, who sees
it in the tracking sheet. A paragraph that begins with #private is
passed on to nobody and deleted with your mail.
"""
    assert written.text == expected + FOOTER


def test_a_receipt_shows_what_was_stored_as_people_say_it() -> None:
    """T5: a date as a date, a choice by its label, a rating with its best mark."""
    written = letter(
        LetterKind.RECEIPT,
        session=NOVEMBER,
        form=SUMMARY,
        answers={
            "share": "anonymous",
            "met": "2026-11-03",
            "takeaways": "Ask first.\nThen answer.",
            "worthwhile": "4",
            "again": "yes",
        },
    )
    assert written.subject == "Noted: Tue 3 Nov with Priya Raman"
    expected = """\
Hello Margaret,

Thank you. This is what I noted about Tuesday 3 November with Priya
Raman. Reply to correct it; if all is well, there is nothing to do.

Day we met: 3 November 2026

Key takeaways:
    Ask first.
    Then answer.

How worthwhile: 4 of 5
Meet again: Yes
May we share it: anonymously
"""
    assert written.text == expected + FOOTER


def test_a_summary_request_in_german() -> None:
    """O6."""
    written = letter(LetterKind.SUMMARY_REQUEST, locale="de-AT", session=NOVEMBER, form=SUMMARY)
    assert written.subject == "Wie war Ihr Treffen mit Priya Raman am Di., 3. Nov.?"
    expected = """\
Guten Tag Margaret Okafor,

am Dienstag, 3. November, stand Ihr Treffen mit Priya Raman im Kalender.
Was nehmen Sie mit? Zwei Minuten genügen, am besten noch heute, solange
es frisch ist.

Antworten Sie einfach auf diese E-Mail, wie Sie mögen: darüber, zwischen
den Zeilen oder mit ein paar eigenen Worten. Fand das Treffen nicht
statt, genügt eine Antwort, die das sagt.

Tag unseres Treffens (falls anders):

Was ich mitnehme (eine Zeile je Punkt):

Wie lohnend (1 bis 5):

Wieder treffen:

Dürfen wir es erzählen:

Wer es liest: Sie, Priya Raman und Nora Lindqvist (Koordination) in der
Übersichtstabelle. Ein Absatz, der mit #private beginnt, wird nicht
weitergegeben und mit Ihrer E-Mail gelöscht.

· · ·

Sie erhalten diese E-Mail im Rahmen von Reverse Mentoring 2026. Brauchen
Sie eine Pause oder ein anderes Gegenüber, oder möchten Sie aufhören?
Antworten Sie einfach PAUSE, PARTNERWECHSEL oder ABMELDEN; ein Grund ist
nicht nötig. Fragen? Schreiben Sie an Nora Lindqvist
<nora.lindqvist@contoso.example>.

Kennung: p3f2a91-3
"""
    assert written.text == expected


def test_a_summary_request_in_french() -> None:
    """O6: with no-break spaces before double marks, as French wants them."""
    written = letter(LetterKind.SUMMARY_REQUEST, locale="fr-FR", session=NOVEMBER, form=SUMMARY)
    assert (
        written.subject == "Comment s’est passée votre rencontre avec Priya Raman (mar. 3 nov.) ?"
    )
    expected = """\
Bonjour Margaret,

Votre rencontre avec Priya Raman était prévue le mardi 3 novembre. Qu’en
retenez-vous ? Deux minutes suffisent, de préférence aujourd’hui, tant
que c’est frais.

Répondez simplement, comme il vous plaît : au-dessus, entre les lignes
ou en quelques mots à vous. Si vous ne vous êtes pas vus, il suffit de
le dire.

Jour de notre rencontre (si ce n’était pas prévu) :

Ce que je retiens (un point par ligne) :

Utile ou non (de 1 à 5) :

Se revoir :

Peut-on en parler :

Qui lit la réponse : vous, Priya Raman et Nora Lindqvist (coordination),
dans le tableau de suivi. Un paragraphe qui commence par #private n’est
transmis à personne et est effacé avec votre message.

· · ·

Vous recevez ce message dans le cadre de Reverse Mentoring 2026. Besoin
d’une pause ou d’un autre partenaire, envie d’arrêter ? Répondez
simplement PAUSE, REMATCH ou ARRÊT ; aucune raison à donner. Une
question ? Écrivez à Nora Lindqvist <nora.lindqvist@contoso.example>.

Référence : p3f2a91-3
"""
    assert written.text == expected


def test_a_prompt_in_german() -> None:
    """O6."""
    written = letter(
        LetterKind.PROMPT,
        locale="de",
        session=NOVEMBER,
        topic=TOPIC,
        promises=("Fragen im Kanal beantworten",),
    )
    assert written.subject == "Di., 3. Nov. mit Priya Raman: ein Thema zum Einstieg"
    expected = """\
Guten Tag Margaret Okafor,

bald treffen Sie Priya Raman. Hier steht, was Sie dafür brauchen.

Zeit: Dienstag, 3. November, 10:00–11:00 Uhr in Berlin (für Sie
09:00–10:00 Uhr in London)
Ort: Studio 3, Lindenstraße 8. Sie kommen zu Priya Raman; bitte planen
Sie den Weg ein.

Die Rollen sind vertauscht: Priya Raman leitet das Gespräch, Sie sind
da, um zu lernen.

Zum Einstieg: Wie sich Neues herumspricht

Denken Sie an das Letzte, was nach einem Tag alle wussten.
- Wo fing es an?

Was Sie sich vorgenommen hatten

- Fragen im Kanal beantworten

Sie brauchen nichts vorzubereiten und nicht zu antworten. Ist an dem Tag
etwas anderes wichtiger, sprechen Sie darüber.

· · ·

Sie erhalten diese E-Mail im Rahmen von Reverse Mentoring 2026. Brauchen
Sie eine Pause oder ein anderes Gegenüber, oder möchten Sie aufhören?
Antworten Sie einfach PAUSE, PARTNERWECHSEL oder ABMELDEN; ein Grund ist
nicht nötig. Fragen? Schreiben Sie an Nora Lindqvist
<nora.lindqvist@contoso.example>.

Kennung: p3f2a91-3
"""
    assert written.text == expected


def test_a_prompt_in_french() -> None:
    """O6: the first of a month is “1er”, London is “Londres”."""
    written = letter(
        LetterKind.PROMPT,
        Role.MENTOR,
        locale="fr",
        session=DECEMBER,
        agenda="Comment décidez-vous ?",
    )
    assert written.subject == "mar. 1er déc. avec Margaret Okafor : votre prochaine rencontre"
    expected = """\
Bonjour Priya,

Votre prochaine rencontre avec Margaret Okafor approche. Voici
l’essentiel.

Quand : mardi 1er décembre, 10:00–11:00 à Berlin (09:00–10:00 à Londres
pour Margaret Okafor)
Lieu : Studio 3, Lindenstraße 8. Margaret Okafor vient chez vous.

Les rôles sont inversés : vous menez l’échange, Margaret Okafor est là
pour apprendre.

Ce dont Margaret Okafor souhaite parler

    Comment décidez-vous ?

Il n’y a rien à préparer et pas de réponse à donner. Si autre chose
compte davantage ce jour-là, parlez-en.

· · ·

Vous recevez ce message dans le cadre de Reverse Mentoring 2026. Besoin
d’une pause ou d’un autre partenaire, envie d’arrêter ? Répondez
simplement PAUSE, REMATCH ou ARRÊT ; aucune raison à donner. Une
question ? Écrivez à Nora Lindqvist <nora.lindqvist@contoso.example>.

Référence : p3f2a91-3
"""
    assert written.text == expected
