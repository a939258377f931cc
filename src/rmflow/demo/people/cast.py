"""The cast: who has which habits."""

from datetime import date, timedelta

from rmflow.demo.organisation import employee
from rmflow.demo.people.invitation import Answer, Program
from rmflow.demo.people.mail_programs import gmail, iphone, outlook, plain
from rmflow.demo.people.person import Habits
from rmflow.demo.people.quirks import (
    AsksBack,
    Away,
    Declines,
    Proposes,
    Says,
    Seals,
    WritesFromHome,
)
from rmflow.demo.people.telling import a_digit_first, in_prose, inside_the_quote, labels_on_top

GOOGLE, OUTLOOK, APPLE = Program.GOOGLE, Program.OUTLOOK, Program.APPLE
_WEEKS = 24 * 7


def leaders() -> dict[str, Habits]:
    """Return the leaders, who learn. A fresh cast each time: some habits remember."""
    return {
        # Answers at once, neatly, above the quoted letter.
        "Eleanor Whitcombe": Habits(
            outlook, OUTLOOK, labels_on_top, after=(0.2, 2), agendas=1, summaries=1
        ),
        # Has two mentors and an assistant, and types between the lines.
        "Marcus Adeyemi": Habits(
            outlook,
            OUTLOOK,
            inside_the_quote,
            after=(1, 20),
            summaries=0.9,
            sent_by=employee("Pat Morales"),
        ),
        # Writes a few German sentences on the telephone, on the way home.
        "Katharina Vogt": Habits(iphone, APPLE, in_prose, after=(2, 9), agendas=0.3),
        # Types into the quoted letter, in French, with an old-fashioned program.
        "Jean-Baptiste Moreau": Habits(plain, OUTLOOK, inside_the_quote, after=(2, 40)),
        # Declines the second meeting.
        "Linda Kowalczyk": Habits(gmail, GOOGLE, a_digit_first, quirks=(Declines(meeting=2),)),
        # Proposes another time once, and once a meeting does not happen.
        "Beat Zürcher": Habits(
            outlook,
            OUTLOOK,
            labels_on_top,
            summaries=1,
            quirks=(
                Proposes(meeting=2, days_before=8, later=timedelta(days=1)),
                Says(request=4, words="Wir haben uns leider nicht getroffen, Noah war krank."),
            ),
        ),
        # Is on holiday twice; the second time the machine that says so goes wrong.
        "Carmen Ibáñez Ruiz": Habits(
            gmail,
            GOOGLE,
            in_prose,
            quirks=(
                Away(date(2026, 11, 16), date(2026, 12, 4)),
                Away(date(2027, 2, 15), date(2027, 3, 5), copies=40),
            ),
        ),
        # Answers, three weeks late, and declines in spring.
        "Rajesh Subramanian": Habits(
            plain,
            GOOGLE,
            labels_on_top,
            after=(2.9 * _WEEKS, 3.1 * _WEEKS),
            agendas=0,
            summaries=1,
            quirks=(Declines(meeting=6), Declines(meeting=7, days_before=12)),
        ),
        # Never answers anything.
        "Gregory Haldane": Habits(agendas=0, summaries=0, reminders=0, ignores=True),
        # Answers in German between the lines; once sealed, for nobody to read.
        "Ulrike Sommer": Habits(
            outlook, APPLE, inside_the_quote, after=(3, 60), quirks=(Seals(request=2),)
        ),
        # Writes French in Toronto; once from home.
        "Nadia Benali": Habits(
            iphone,
            APPLE,
            in_prose,
            summaries=1,
            quirks=(WritesFromHome(request=2, address="nadia.benali@mailhaven.example"),),
        ),
        # Joins late, and says little.
        "Priscilla Tan": Habits(gmail, GOOGLE, a_digit_first, after=(1, 6), summaries=1),
    }


def mentors() -> dict[str, Habits]:
    """Return the mentors, who teach; they are asked for nothing but to come."""
    studio = "Could we meet in the small studio next time? Mine is being painted."
    return {
        "Aylin Demir": Habits(calendar=GOOGLE, after=(0.1, 3)),
        "Tyler Nguyen": Habits(calendar=OUTLOOK),
        "Imani Brooks": Habits(calendar=GOOGLE, quirks=(AsksBack(studio),)),
        "Jonas Achterberg": Habits(calendar=APPLE),
        "Chloé Lefèvre": Habits(calendar=OUTLOOK),
        "Devon Carter": Habits(calendar=GOOGLE),
        "Noah Wyss": Habits(calendar=APPLE),
        "Lucía Fernández": Habits(calendar=GOOGLE, answer=Answer.TENTATIVE),
        "Amelia Shah": Habits(
            calendar=OUTLOOK,
            quirks=(Proposes(meeting=2, days_before=7, later=timedelta(minutes=-30)),),
        ),
        "Mateo Rossi": Habits(calendar=GOOGLE),
        "Felix Braun": Habits(calendar=OUTLOOK),
        "Sofia Petrova": Habits(calendar=APPLE),
        "Jamal Edwards": Habits(calendar=GOOGLE),
    }
