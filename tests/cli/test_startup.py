"""What starting costs: a module that is not imported takes no time. Counts, never times."""

import subprocess
import sys
from pathlib import Path

from builders import at
from office import Office

_ASK = """
import sys
from rmflow.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("\\n".join(sys.modules), file=sys.stderr)
"""

# What works on mails, calendars, workbooks and rosters, and what only some runs need.
FOR_WORK = {
    "alembic",
    "babel",
    "css_inline",
    "dateutil",
    "holidays",
    "icalendar",
    "imapclient",
    "jinja2",
    "lxml",
    "psycopg",
    "python_calamine",
    "rich",
    "smtplib",
    "xlsxwriter",
}
# What speaks with one provider only.
FOR_PROVIDERS = {
    "caldav",
    "cryptography",
    "dns",
    "exchangelib",
    "google",
    "google_auth_oauthlib",
    "googleapiclient",
    "msal",
    "requests",
}
FOR_ANY_VERB = {"pydantic", "sqlalchemy"}


def imported_by(*arguments: str | Path) -> set[str]:
    """Return the top-level modules that a call of `rmflow` has imported."""
    asked = subprocess.run(
        [sys.executable, "-c", _ASK, *arguments], capture_output=True, check=True, text=True
    )
    return {name.partition(".")[0] for name in asked.stderr.splitlines()}


def test_the_list_of_verbs_needs_none_of_the_libraries() -> None:
    imported = imported_by("--help")

    assert "click" in imported
    assert not imported & (FOR_WORK | FOR_ANY_VERB)


def test_a_run_with_nothing_to_do_imports_nothing_for_work(tmp_path: Path) -> None:
    """It is what cron does all day; importing everything takes longer than the run itself."""
    office = Office(tmp_path / "office", start=at("2026-10-05 09:00"))
    office.run()

    imported = imported_by("run", "--config", office.config_path)

    assert imported >= FOR_ANY_VERB
    assert not imported & (FOR_WORK | FOR_PROVIDERS)


def test_a_run_that_works_on_folders_imports_no_provider(tmp_path: Path) -> None:
    """Who uses none of them needs none of them, and does not pay for their start."""
    office = Office(tmp_path / "office", calendar="vdir", start=at("2026-10-05 09:00"))

    imported = imported_by("run", "--config", office.config_path)

    assert imported >= {"icalendar", "xlsxwriter"}
    assert not imported & FOR_PROVIDERS
