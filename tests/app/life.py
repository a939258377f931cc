"""Nine weeks in the life of an office: what people do, and when rmflow looks in.

Everything comes up that a plan can be made of: replies, answers to invitations, proposals, files
edited by hand, the coordinator's choices, a roster that changes, a run that is cut off.
"""

from collections.abc import Callable
from typing import NamedTuple

from builders import at
from coordinator import type_in
from correspondence import auto_reply, bounce, counter, stranger, uid_of
from office import Office

FIRST_MEETING = "20261013T080000Z"
SECOND_MEETING = "20261110T090000Z"
PLACE = 5  # the column of office.PEOPLE

People = Callable[[Office], object]


class Moment(NamedTuple):
    """What people do until rmflow runs. `cut_off`: the power fails in the middle of that run."""

    at: str
    people: People = lambda _: None
    cut_off: bool = False


def answer_the_invitations(office: Office) -> None:
    office.respond("Jens Adler", "ACCEPTED")
    office.respond("Mara Vogel", "ACCEPTED")
    office.respond("Ruth Kaya", "TENTATIVE")


def decline_the_first_meeting(office: Office) -> None:
    office.respond("Anna Ruiz", "DECLINED", extra=(f"RECURRENCE-ID:{FIRST_MEETING}",))


def write_and_be_away(office: Office) -> None:
    office.answer("Jens Adler", "agenda-request", "How people learn what is new.")
    auto_reply(office, "Ruth Kaya", "agenda-request")
    stranger(office)


def pause_the_fifth_pair(office: Office) -> None:
    type_in(office, "pair-5", "Do next", "pause")
    type_in(office, "pair-2", "Coordinator notes", "Ask Ben about the room.")


def write_a_summary(office: Office) -> None:
    office.answer("Jens Adler", "summary-request", "Key takeaways: listen first\nRating: 5")
    office.answer("Ruth Kaya", "summary-request", "We talked about hiring. It was very good.")


def correct_a_summary(office: Office) -> None:
    office.answer("Jens Adler", "receipt", "Key takeaways: ask first, then listen")


def lose_a_pair_and_move_a_mentor(office: Office) -> None:
    office.rows.pop()
    ben = office.people[1]
    office.people[1] = (*ben[:PLACE], "Building 9, room 1", *ben[PLACE + 1 :])
    office.save_roster()


def propose_another_time(office: Office) -> None:
    counter(office, "Paul Novak", SECOND_MEETING, at("2026-11-11 14:00"))


def resume_the_fifth_pair(office: Office) -> None:
    type_in(office, "pair-5", "Do next", "resume")


def delete_a_file(office: Office) -> None:
    (office.folder / "calendars" / f"{uid_of(office, 'Anna Ruiz')}.ics").unlink()


def edit_a_file(office: Office) -> None:
    path = office.folder / "calendars" / f"{uid_of(office, 'Jens Adler')}.ics"
    path.write_bytes(path.read_bytes().replace(b"room 0", b"the garden"))


def send_the_deleted_one_again(office: Office) -> None:
    type_in(office, "pair-4", "Do next", "resend invitation")


def a_mail_comes_back(office: Office) -> None:
    bounce(office, "Paul Novak", "prompt")


def skip_the_next(office: Office) -> None:
    type_in(office, "pair-2", "Do next", "skip next")


def decline_everything(office: Office) -> None:
    office.respond("Olga Hahn", "DECLINED")


def change_the_rhythm(office: Office) -> None:
    office.rows[0] = (*office.rows[0][:3], "every-3-weeks", "Wed 14:00", "")
    office.save_roster()


def close_a_pair(office: Office) -> None:
    type_in(office, "pair-3", "Do next", "close")


LIFE = (
    Moment("2026-10-05 09:00"),
    Moment("2026-10-05 16:00", answer_the_invitations),
    Moment("2026-10-07 15:00", decline_the_first_meeting),
    Moment("2026-10-08 11:00"),
    Moment("2026-10-09 09:00", write_and_be_away),
    Moment("2026-10-09 11:00"),
    Moment("2026-10-12 10:00", pause_the_fifth_pair),
    Moment("2026-10-13 14:00"),
    Moment("2026-10-13 16:00", write_a_summary),
    Moment("2026-10-14 09:30", correct_a_summary),
    Moment("2026-10-16 14:30", cut_off=True),
    Moment("2026-10-16 14:45"),
    Moment("2026-10-19 09:00", lose_a_pair_and_move_a_mentor),
    Moment("2026-10-19 09:15"),
    Moment("2026-10-20 14:30", propose_another_time),
    Moment("2026-10-21 10:00", resume_the_fifth_pair),
    Moment("2026-10-26 10:00", delete_a_file),
    Moment("2026-10-27 10:00", edit_a_file),
    Moment("2026-10-28 10:00", send_the_deleted_one_again),
    Moment("2026-11-05 11:00"),
    Moment("2026-11-06 11:00"),
    Moment("2026-11-09 10:00", a_mail_comes_back),
    Moment("2026-11-10 14:00", skip_the_next, cut_off=True),
    Moment("2026-11-10 15:00"),
    Moment("2026-11-11 18:00", decline_everything),
    Moment("2026-11-12 10:00"),
    Moment("2026-11-17 15:00", change_the_rhythm),
    Moment("2026-11-24 10:00", close_a_pair),
    Moment("2026-12-02 10:00"),
    Moment("2026-12-04 11:00"),
)
