"""The folder of a demo: what a coordinator and an operator would have put there on day one."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

from rmflow.demo.organisation import COORDINATOR, MAILBOX, MAILBOX_NAME, address_of
from rmflow.errors import RmflowError

_MARK = "A simulated organisation, played by rmflow."
# Everything a demo makes. A former demo is replaced by removing these, and nothing else.
_MADE = (
    "README.txt",
    "programme.toml",
    "secret.key",
    "roster.xlsx",
    "tracking.xlsx",
    "copies",
    "calendars",
    "mail",
    "rmflow.log",
)

_README = """{mark}

  roster.xlsx      what the coordinator wrote: who works here, and who meets whom
  tracking.xlsx    what rmflow made of six months; the yellow columns are the coordinator's
  mail/out/        what people got, one Maildir each
  mail/in/         what people wrote: understood (.Done), and for a person (.Needs you)
  calendars/       the meetings, one file a pair; khal, Thunderbird and others open them
  state.db         what rmflow remembers

Everybody in here is invented. The clock of this folder stands still: see programme.toml.
"""

_CONFIGURATION = """# The programme of an invented company. `rmflow check` says what is wrong with this file;
# docs/configuration.md says what else can stand here.

[programme]
id = "demo"
name = "Reverse Mentoring"
objective = "Leaders hear first-hand what helps and what hinders people who are new here."
secret = "file:secret.key"
timezone = "Europe/Berlin"
start = 2026-10-12
end = 2027-07-30

[mailbox]
address = "{mailbox}"
name = "{mailbox_name}"

[coordinator]
address = "{coordinator_address}"
name = "{coordinator}"

[roster]
path = "roster.xlsx"

# People get invitations by mail; what was sent is kept as a folder of .ics files.
[calendar]
kind = "imip"
path = "calendars"

# Mail is not sent but laid down as files, and read from files.
[mail_out]
kind = "maildir"
path = "mail/out"

[mail_in]
kind = "maildir"
path = "mail/in"

[tracking]
path = "tracking.xlsx"

[store]
url = "sqlite:///state.db"

[[breaks]]
name = "Christmas break"
first = 2026-12-24
last = 2027-01-03

[[breaks]]
name = "Company days"
first = 2027-02-11
last = 2027-02-12

[log]
path = "rmflow.log"

# The play ended at this moment; here it stays. Without these two lines it is today.
[clock]
stopped_at = {end:%Y-%m-%dT%H:%M:%SZ}
"""


def prepare(folder: Path, *, seed: int, end: datetime, force: bool = False) -> None:
    """Make the folder anew: configuration, secret, a word to the reader; the roster comes later.

    Raises RmflowError when it holds something that is no demo, unless `force`.
    """
    if folder.exists():
        if not (is_demo(folder) or force or not any(folder.iterdir())):
            raise RmflowError(
                f"{folder} is not empty and no demo of rmflow; choose another folder, or --force "
                "to put the demo beside what is there"
            )
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(_README.format(mark=_MARK), "utf-8")
    (folder / "programme.toml").write_text(_configuration(end), "utf-8")
    key = folder / "secret.key"
    key.touch(mode=0o600)
    key.write_text(hashlib.sha256(f"demo {seed}".encode()).hexdigest() + "\n", "ascii")


def is_demo(folder: Path) -> bool:
    """Return whether the folder holds a demo."""
    try:
        return (folder / "README.txt").read_text("utf-8").startswith(_MARK)
    except (OSError, UnicodeDecodeError):
        return False


def _configuration(end: datetime) -> str:
    return _CONFIGURATION.format(
        mailbox=MAILBOX,
        mailbox_name=MAILBOX_NAME,
        coordinator=COORDINATOR,
        coordinator_address=address_of(COORDINATOR),
        end=end.astimezone(UTC),
    )


def _clear(folder: Path) -> None:
    for path in [*(folder / name for name in _MADE), *folder.glob("state.db*")]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
