"""From the operator's file to a programme, or to a list of everything that is wrong."""

import shutil
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from config_files import RIGHT, kinds, loaded, settings_of, write

from rmflow.config import load
from rmflow.domain.programme import Break, Cadence, Frequency, WorkingHours
from rmflow.errors import ConfigError


def complaints(folder: Path, text: str, secret: str = "five wooden spoons") -> list[str]:
    with pytest.raises(ConfigError) as refused:
        loaded(folder, text, secret)
    return [str(problem) for problem in refused.value.problems]


def test_a_short_file_makes_a_programme_with_our_defaults(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    programme = config.programme()
    assert programme.mailbox == "mentoring@contoso.example"
    assert programme.default_cadence == "hour-monthly"
    assert programme.timing.reminders_after == (timedelta(days=3), timedelta(days=7))
    assert programme.hours == WorkingHours()
    assert set(programme.forms) == {"agenda", "summary", "times"}
    assert len(programme.topics) >= 36
    assert config.warnings == ()


def test_what_the_operator_says_reaches_the_programme(tmp_path: Path) -> None:
    text = """
[meetings]
cadence = "fortnightly"
working_hours = "8:30-16:00"
working_days = ["Sun", "Mon"]

[letters]
reminder_days_after = []

[cadences.fortnightly]
minutes = 40
every = "2 weeks"
meetings = 8

[[breaks]]
name = "Summer break"
first = 2027-07-26
last = 2027-08-13
"""
    programme = loaded(tmp_path, RIGHT + text).programme()
    fortnightly = Cadence("fortnightly", timedelta(minutes=40), Frequency.WEEKLY, 2, 8)
    assert programme.cadences["fortnightly"] == fortnightly
    assert "pilot" in programme.cadences
    assert programme.hours == WorkingHours(time(8, 30), time(16), frozenset({6, 0}))
    assert programme.timing.reminders_after == ()
    assert programme.breaks == (Break("Summer break", date(2027, 7, 26), date(2027, 8, 13)),)


def test_all_problems_come_at_once_with_their_lines(tmp_path: Path) -> None:
    text = RIGHT.replace('name = "Hannah Weber"', "").replace('"imip"', '"imap"') + (
        'host = "mail.contoso.example"\n[letters]\nweekly_limt = 3\nagenda_days_before = "5"\n'
    )
    assert "\n".join(complaints(tmp_path, text)) == (
        "programme.toml:10, [coordinator] name: this is missing; add it\n"
        "programme.toml:25, [letters] agenda_days_before: "
        '"5" is another kind of value; write a whole number\n'
        "programme.toml:24, [letters] weekly_limt: "
        '"weekly_limt" is not an option here; did you mean "weekly_limit"?\n'
        'programme.toml:15, [calendar] kind: kind "imap" is unknown; did you mean "imip"?\n'
        'programme.toml:22, [mail_in] host: "host" is not an option here; use "path"'
    )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[mail_in]", "[mailin]", 'programme.toml:20, [mailin]: "mailin" is not a section'),
        ("[mail_in]", "[mailin]", "programme.toml, [mail_in] kind: this is missing; use"),
        ('"file:secret.key"', '"hunter2"', "[programme] secret: a secret is never written here"),
        ('"file:secret.key"', '"file:gone.key"', "[programme] secret: there is no file"),
        ('name = "Hannah Weber"', 'name = "H\\u202eW"', "it cannot stand in a mail header"),
        ('"hannah.weber@contoso.example"', '"hannah"', '"hannah" is not a mail address'),
        ("[mailbox]", 'timezone = "Europe/Berln"\n[mailbox]', 'did you mean "Europe/Berlin"'),
        ("[mailbox]", "start = 2027-02-01\nend = 2027-01-01\n[mailbox]", "is before start"),
        ("[mailbox]", 'summaries = "all"\n[mailbox]', 'use "fields" or "counts"'),
        ("[mailbox]", '[meetings]\ncadence = "pilott"\n[mailbox]', 'did you mean "pilot"'),
        ("[mailbox]", '[meetings]\nworking_hours = "17-9"\n[mailbox]', 'like "09:00-17:00"'),
        ("[mailbox]", "[letters]\nreminder_days_after = [7, 3]\n[mailbox]", "must rise"),
        ("[mailbox]", "[letters]\nreminder_days_after = [30]\n[mailbox]", "never be sent"),
        ("[mailbox]", "[letters]\nweekly_limit = true\n[mailbox]", "write a whole number"),
        ("[mailbox]", "[limits]\ncancel_share = 1.5\n[mailbox]", "use 1.0 or less"),
        ("[mailbox]", "[limits]\ncancel_share = nan\n[mailbox]", "write a number"),
        ("[mailbox]", "[clock]\nstopped_at = 2027-01-01T09:00:00\n[mailbox]", "with its zone"),
        ("[mailbox]", '[cadences.fast]\nminutes = 9\nevery = "fortnight"\n[mailbox]', "rhythm"),
        ("[mailbox]", '[files]\ntopics = "gone.toml"\n[mailbox]', "[files] topics: there is no"),
        ('kind = "imip"', "kind = 5", 'kind "5" is unknown; use "imip" or "vdir"'),
        ("[calendar]", "[[calendar]]", "this is not a section; write [calendar]"),
    ],
)  # fmt: skip
def test_each_mistake_is_answered_with_advice(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    said = complaints(tmp_path, RIGHT.replace(old, new, 1))
    assert any(complaint in line for line in said), said
    assert "hunter2" not in "".join(said)


def test_a_repeated_section_is_counted(tmp_path: Path) -> None:
    text = RIGHT + (
        '[[breaks]]\nname = "Summer"\nfirst = 2027-07-26\nlast = 2027-08-13\n'
        '[[breaks]]\nname = "Winter"\nfirst = 2027-12-24\n'
    )
    said = complaints(tmp_path, text)
    assert said == ["programme.toml:26, [[breaks]] 2 last: this is missing; add it"]


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    """A guessed secret lets anybody answer for anybody: reply tokens are made from it."""
    (said,) = complaints(tmp_path, RIGHT, secret="1234567890")
    assert "it is too short; use 16 characters or more" in said


def test_a_secret_file_that_everybody_can_read_is_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "secret.key").chmod(0o644)
    (warning,) = load(path, settings_of, kinds).warnings
    assert warning.warning
    assert "say chmod o= secret.key" in warning.text


def test_a_backends_secret_is_looked_at_before_the_first_run(tmp_path: Path) -> None:
    imap = 'kind = "imap"\nhost = "mail.contoso.example"\npassword = "file:mail.password"'
    text = RIGHT.replace('[mail_in]\nkind = "maildir"', f"[mail_in]\n{imap}")
    (said,) = complaints(tmp_path, text)
    assert said.startswith("programme.toml:23, [mail_in] password: there is no file")


def test_a_syntax_error_is_shown_with_its_line(tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, '[programme]\nid = "reverse\n')
    assert said.startswith("programme.toml:2: this is not valid TOML")


def test_a_missing_file_is_an_operators_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        load(tmp_path / "programme.toml", settings_of, kinds)


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    """Notepad writes one; TOML does not know it."""
    assert loaded(tmp_path, "\ufeff" + RIGHT).programme().id == "reverse-mentoring"


def test_paths_count_from_the_folder_of_the_file(tmp_path: Path) -> None:
    config = loaded(tmp_path, RIGHT + '[log]\npath = "rmflow.log"\n')
    assert config.backends["calendar"].settings.path == tmp_path / "files"
    assert config.sections.log.path == tmp_path / "rmflow.log"


def test_own_forms_must_have_those_that_mails_ask_with(tmp_path: Path) -> None:
    (tmp_path / "forms.toml").write_text(
        '[pulse]\nprose = "word"\n[pulse.questions.word]\ntype = "text"\n'
        'text.en = { label = "One word" }\n',
        encoding="utf-8",
    )
    said = complaints(tmp_path, RIGHT + '[files]\nforms = "forms.toml"\n')
    assert said == [
        'forms.toml: there is no form "agenda"; add [agenda]',
        'forms.toml: there is no form "summary"; add [summary]',
    ]


def test_the_salt_follows_from_the_secret_alone(tmp_path: Path) -> None:
    salt = loaded(tmp_path).programme().salt
    assert salt == loaded(tmp_path, RIGHT + "[letters]\nweekly_limit = 2\n").programme().salt
    assert salt != loaded(tmp_path, secret="six wooden spoons").programme().salt
    assert len(salt) == 32


def test_the_fingerprint_follows_what_is_wanted(tmp_path: Path) -> None:
    before = loaded(tmp_path).fingerprint
    assert loaded(tmp_path, RIGHT + "[letters]\nweekly_limit = 2\n").fingerprint != before
    assert loaded(tmp_path, RIGHT.replace("imip", "vdir")).fingerprint != before
    own = RIGHT + '[files]\ntopics = "topics.toml"\n'
    topics = '[walk]\nowner = "both"\ndepth = 1\n[walk.text.en]\ntitle = "A walk"\nopening = "Walk."\nquestions = ["Where?"]\n'
    (tmp_path / "topics.toml").write_text(topics, encoding="utf-8")
    first = loaded(tmp_path, own).fingerprint
    (tmp_path / "topics.toml").write_text(topics.replace("Where", "When"), encoding="utf-8")
    assert loaded(tmp_path, own).fingerprint != first


def test_the_fingerprint_follows_nothing_else(tmp_path: Path) -> None:
    """A new secret file, a moved folder, another log or another day is not a new wish."""
    before = loaded(tmp_path).fingerprint
    assert loaded(tmp_path, "# a comment\n" + RIGHT).fingerprint == before
    assert loaded(tmp_path, secret="six wooden spoons").fingerprint == before
    assert loaded(tmp_path, RIGHT + '[log]\npath = "x.log"\n').fingerprint == before
    assert loaded(tmp_path, RIGHT + "[letters]\nweekly_limit = 4\n").fingerprint == before
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(tmp_path / "secret.key", tmp_path / "elsewhere")
    assert loaded(tmp_path / "elsewhere").fingerprint == before
