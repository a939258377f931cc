"""A doctor's visit: everything that a run needs is tried, one after the other."""

from collections.abc import Collection, Iterator
from zoneinfo import available_timezones

from rmflow.app.trace import trace_of
from rmflow.config import Config
from rmflow.domain.programme import Programme
from rmflow.errors import BackendError, ConfigError, ProblemsError, RmflowError, RosterError
from rmflow.formats.letters.preview import samples
from rmflow.formats.letters.written import Writer
from rmflow.formats.roster.understanding import understand
from rmflow.ports.checkup import Examination, Finding, Verdict
from rmflow.ports.clock import Clock
from rmflow.ports.roster import RosterSource

# The IANA database has about 600; a machine without it has none.
_LEAST_ZONES = 300


def examined(examination: Examination) -> Iterator[Finding]:
    """Yield what is found. Whatever goes wrong is a finding: the other examinations go on."""
    try:
        yield from examination.findings()
    except ProblemsError as error:
        yield from (Finding("settings", Verdict.FAILED, str(each)) for each in error.problems)
    except BackendError as error:
        yield Finding(error.operation, Verdict.FAILED, error.reason)
    except RmflowError as error:
        yield Finding("use", Verdict.FAILED, str(error))
    except Exception as error:  # noqa: BLE001 - a mistake of ours in one must not hide the others
        text = f"the check itself failed: {trace_of(error)}"
        advice = "report it with these lines; what it would have found is not known"
        yield Finding("check", Verdict.FAILED, text, advice)


def configuration(config: Config) -> Iterator[Finding]:
    """Yield what `rmflow check` warns of."""
    for warning in config.warnings:
        yield Finding("settings", Verdict.WARNING, str(warning))
    if not config.warnings:
        yield Finding("settings", Verdict.FINE, f"{config.path.name} is in order")


def clock(config: Config, machine: Clock) -> Iterator[Finding]:
    """Yield the time of this machine, and whether rmflow goes by it."""
    yield Finding("time", Verdict.FINE, f"this machine says {machine.now():%Y-%m-%d %H:%M:%S} UTC")
    stopped = config.sections.clock.stopped_at
    if stopped:
        text = f"rmflow's own stands still at {stopped.isoformat()}: this is a rehearsal"
        advice = "remove stopped_at in [clock] when it is over"
        yield Finding("time", Verdict.WARNING, text, advice)
    known = len(available_timezones())
    if known < _LEAST_ZONES:
        advice = "install them with: pip install tzdata"
        yield Finding("time zones", Verdict.FAILED, f"only {known} are known here", advice)
    else:
        yield Finding("time zones", Verdict.FINE, f"{known} are known")


def templates(
    writer: Writer, programme: Programme, languages: Collection[str]
) -> Iterator[Finding]:
    """Yield each mistake in a template once; every letter is written to invented people."""
    mistakes: dict[str, None] = {}
    written = 0
    for _, facts in samples(programme, languages):
        try:
            writer.write(facts)
        except ConfigError as error:
            mistakes.update((str(problem), None) for problem in error.problems)
        else:
            written += 1
    for mistake in mistakes:
        yield Finding("mails", Verdict.FAILED, mistake)
    if not mistakes:
        text = f"{written} can be written, in {', '.join(sorted(languages))}"
        yield Finding("mails", Verdict.FINE, text)


def roster(source: RosterSource, programme: Programme) -> Iterator[Finding]:
    """Yield how many people and pairs are understood; a roster that nobody can read is silent."""
    try:
        reading = understand(source.read(), programme)
    except RosterError:  # the source's own checkup has said so
        return
    for problem in reading.problems:
        verdict = Verdict.WARNING if problem.warning else Verdict.FAILED
        yield Finding("content", verdict, str(problem))
    if reading.roster is not None:
        people, pairs = len(reading.roster.people), len(reading.roster.pairings)
        text = f"understood (people: {people}, pairs: {pairs})"
        advice = "" if pairs else "fill in the sheets People and Pairs"
        yield Finding("content", Verdict.FINE if pairs else Verdict.WARNING, text, advice)
