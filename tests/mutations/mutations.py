"""Mutations: bugs that would hurt people, each put in by hand and caught by a test.

A mutation is one change of one file. `tests/mutations/run.py` makes each and expects a failure;
`test_mutations.py` sees to it that this list keeps up with the source.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/mutations.md"

_ABOUT = """\
# Mutations

A test that cannot fail proves nothing. Each of these small lies, told to the planner or to the loop
of effects, is noticed by the test beside it. `make mutations` tells them one after another to a copy
of the code; a test of the suite sees to it that the list fits the code as it is.

| the lie | in | what it would do to people | noticed by |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Mutation:
    """A bug. `original` stands exactly once in `file`; `harm` is what people would see of it."""

    name: str
    file: str
    original: str
    mutated: str
    harm: str
    test: str

    def text(self) -> str:
        """Return the file with the bug in it."""
        return (ROOT / self.file).read_text(encoding="utf-8").replace(self.original, self.mutated)


_LETTERS = "tests/planner/test_letters_around_a_meeting.py"
_CALENDAR = "tests/planner/test_calendar.py"
_HARD = "tests/planner/test_hard_cases.py"
_DOUBTS = "tests/planner/test_doubts.py"
_CRASH = "tests/crash/test_kill_at_every_boundary.py"
_FAILURES = "tests/app/test_backend_failures.py"

MUTATIONS = (
    Mutation(
        "what was sent is not looked up",
        "src/rmflow/planner/mail.py",
        "fresh = [letter for letter in due if letter.item.key not in scene.done]",
        "fresh = due",
        "Everybody gets every letter again, at every run.",
        _LETTERS,
    ),
    Mutation(
        "letters do not expire",
        "src/rmflow/planner/mail.py",
        "if until is not None and max(timed.opens, scene.now) >= until:",
        "if until is None:",
        "After an outage people are asked about meetings of months ago.",
        _LETTERS,
    ),
    Mutation(
        "working hours are ignored",
        "src/rmflow/planner/mail.py",
        "opens = max(at, next_open(max(at, scene.now), person, scene.programme))",
        "opens = at",
        "A leader in New York gets mail at four in the morning.",
        _LETTERS,
    ),
    Mutation(
        "a paused pair is written to",
        "src/rmflow/planner/mail.py",
        "if scene.paused or scene.closed:",
        "if scene.closed:",
        "Somebody on parental leave is reminded of meetings.",
        _LETTERS,
    ),
    Mutation(
        "the weekly budget is ignored",
        "src/rmflow/planner/post.py",
        "if len(counted) >= programme.timing.weekly_letters:",
        "if len(counted) >= 7 * programme.timing.weekly_letters:",
        "A leader with five mentors gets a mail a day, and stops reading.",
        _LETTERS,
    ),
    Mutation(
        "questions are merged",
        "src/rmflow/planner/post.py",
        "merged = letter.kind is LetterKind.PROMPT",
        "merged = True",
        "One answer to two questions: a summary is filed with the wrong pair.",
        _LETTERS,
    ),
    Mutation(
        "a deleted series is made again",
        "src/rmflow/planner/calendar.py",
        "return not deleted or command in _ANEW",
        "return True",
        "A leader deletes the meetings, and rmflow puts them back.",
        _CALENDAR,
    ),
    Mutation(
        "what could not be read counts as deleted",
        "src/rmflow/planner/calendar.py",
        "(uid in observed.vanished and observed.complete)",
        "(uid in observed.vanished)",
        "A calendar that is not mounted today ends everybody's meetings.",
        _CALENDAR,
    ),
    Mutation(
        "a dragged meeting is put back",
        "src/rmflow/planner/calendar.py",
        "spec = kept_by_hand(live.spec, merged(live.spec, seen))",
        "spec = live.spec",
        "A person moves a meeting, and the next run moves it back.",
        _CALENDAR,
    ),
    Mutation(
        "a revision keeps its SEQUENCE",
        "src/rmflow/planner/calendar.py",
        """) -> ReviseSeries:
    spec = replace(spec, sequence=spec.sequence + 1)
""",
        """) -> ReviseSeries:
""",
        "Calendars take the update for an old one and stay at the old time (RFC 5546).",
        _CALENDAR,
    ),
    Mutation(
        "a choice is written down apart from what it causes",
        "src/rmflow/planner/plan.py",
        """            listed[index] = replace(action, records=records)
            return listed
""",
        """            break
""",
        "A crash in between loses “skip next”, or skips two meetings.",
        _CALENDAR,
    ),
    Mutation(
        "any share of series may be cancelled",
        "src/rmflow/planner/safety.py",
        "ended <= live_series * limits.cancel_share",
        "ended <= live_series",
        "A roster saved half empty cancels the programme.",
        _HARD,
    ),
    Mutation(
        "a doubt forgets what its mail covered",
        "src/rmflow/planner/doubts.py",
        "for key in (doubt.key, *doubt.covers)",
        "for key in (doubt.key,)",
        "After a crash the letters of a merged mail are sent once more, each alone.",
        _DOUBTS,
    ),
    Mutation(
        "what nobody can know is repeated",
        "src/rmflow/planner/doubts.py",
        "if doubt.found is not Found.DID_NOT]",
        "if doubt.found is Found.HAPPENED]",
        "A mail that may have left is sent a second time, instead of asking a person.",
        _DOUBTS,
    ),
    Mutation(
        "settled before it is done",
        "src/rmflow/app/apply.py",
        "            done = act(action, effect)\n",
        """            self._settle(effect, self._records_of_past(effect))
            act(action, effect)
            return Outcome(action, Ending.DONE)
""",
        "A crash in between: the mail is in the books and was never sent.",
        _CRASH,
    ),
    Mutation(
        "claimed after it is done",
        "src/rmflow/app/apply.py",
        "        yield from self._each(ready, self._claim(effects), partial(self._send, found))\n",
        """        for action, effect in zip(ready, effects, strict=True):
            self._send(found, action, effect)
        done = lambda _, effect: _Done(letter_payload(effect).records)
        yield from self._each(ready, self._claim(effects), done)
""",
        "A crash in between: the mail is sent again.",
        _CRASH,
    ),
    Mutation(
        "a past effect is settled without its records",
        "src/rmflow/app/apply.py",
        'self._settle(effect, self._records_of_past(effect), "found after a crash")',
        'self._settle(effect, (), "found after a crash")',
        "After a crash nobody knows that a series exists, and it is created twice.",
        _CRASH,
    ),
    Mutation(
        "an uncertain effect is given back",
        "src/rmflow/app/apply.py",
        """            self.undone.add(action.key)
            return Outcome(action, Ending.IN_DOUBT, error.reason)
""",
        """            return self._later(action, effect, error.reason)
""",
        "A mail server that hangs up after DATA gets the same mail at every run.",
        _FAILURES,
    ),
    Mutation(
        "letters do not wait for the calendar",
        "src/rmflow/app/apply.py",
        "if action.after in self.undone:",
        "if action.after == action.key:",
        "People get an invitation to a meeting that is in no calendar.",
        "tests/app/test_calendar_is_read_only.py",
    ),
    Mutation(
        "what was left undone may sleep",
        "src/rmflow/app/run.py",
        "return replace(record, wake_at=now, ended_at=None) if record.id in undone else record",
        "return record",
        "A mail that a full mailbox refused for an hour is tried again in a month.",
        _FAILURES,
    ),
    Mutation(
        "a confirmed plan may be another one",
        "src/rmflow/app/run.py",
        "if confirmed and confirmed != found.digest:",
        'if confirmed == "?":',
        "A person confirms two cancellations, and forty are carried out.",
        "tests/app/test_roster_changes.py",
    ),
    Mutation(
        "other people's changes count as ours",
        "src/rmflow/app/run.py",
        "return changes.token if alone and changes.complete else token",
        "return changes.token",
        "A meeting dragged while a run is at work is never noticed.",
        "tests/app/test_edits_during_a_run.py",
    ),
    Mutation(
        "a change that could not be followed counts as seen",
        "src/rmflow/app/run.py",
        "if not left.isdisjoint({*observed.series, *observed.vanished}):",
        "if not left:",
        "A leader moves a meeting while the calendar is down, and nobody else is ever told.",
        "tests/app/test_calendar_failures.py",
    ),
    Mutation(
        "a revision that never arrived counts as done",
        "src/rmflow/app/doubts.py",
        "return seen.spec.sequence >= wanted.sequence or same_meetings(seen.spec, wanted)",
        "return True",
        "After a crash the books say that a meeting moved, and the calendar does not.",
        _CRASH,
    ),
)


def page() -> str:
    """Return docs/mutations.md."""
    rows = (
        f"| {m.name} | {Path(m.file).relative_to('src/rmflow')} | {m.harm} | {Path(m.test).name} |"
        for m in MUTATIONS
    )
    return _ABOUT + "\n".join(rows) + "\n"
