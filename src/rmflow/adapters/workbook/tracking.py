"""The tracking workbook on disk: read back, replaced as a whole, its last copies kept."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rmflow.adapters.folder_probe import writable
from rmflow.adapters.spreadsheet import read_tables
from rmflow.errors import ChangedError, RosterError, UnavailableError
from rmflow.formats.workbook.annotations import annotations, origin
from rmflow.formats.workbook.book import Book, Origin, Typed
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_BACKEND = "tracking"


class Settings(BaseModel):
    """The tracking is a workbook (.xlsx), written anew at every run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["xlsx"] = "xlsx"
    path: Path = Field(
        default=Path("tracking.xlsx"),
        description="The workbook that the coordinator reads.",
    )
    keep_copies: int = Field(
        default=3,
        ge=0,
        le=99,
        description="How many earlier versions are kept in the folder `copies` beside it.",
    )


class XlsxTracking:
    """A `Publisher` that writes one xlsx file.

    Office programs lock by a second file beside the first: `~$NAME` (Excel) and `.~lock.NAME#`
    (LibreOffice). While there is one, nothing is written. Values are carried over, formulas
    that a coordinator wrote become their results.
    """

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        # Resolved, so that a link to a share stays a link when the file behind it is replaced.
        self._path = (folder / settings.path).resolve()
        self._keep_copies = settings.keep_copies
        self._seen: str | None = None
        self._unreadable = False
        self._origin = Origin()

    def fingerprint(self) -> str:
        """Return time, size and number of the file.

        The first call also notes what `publish` may replace: who knows this fingerprint from
        an earlier run need not read the file again.
        """
        found = self._fingerprint()
        if self._seen is None:
            self._seen = found
        return found

    def typed(self) -> tuple[Typed, ...] | None:
        """Return what the coordinator added, as it was last saved; None for no or a broken file."""
        self._seen = self._fingerprint()
        self._unreadable = False
        if not self._seen:
            return None
        try:
            tables = read_tables(self._path)
        except RosterError:  # its words are about rosters; what it says here is: unreadable
            self._unreadable = True
            return None
        self._origin = origin(tables)
        return annotations(tables)

    def origin(self) -> Origin:
        """Return what the hidden sheet says; LibreOffice and Excel save that with the others."""
        return self._origin

    def publish(self, book: Book, now: datetime) -> str:
        """Replace the file. A broken one is kept under a name that says so."""
        from rmflow.adapters.workbook.drawing import drawn  # late: most runs draw nothing

        self._check_untouched()
        content = drawn(book, now)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._written(content) as fresh:
                self._check_untouched()
                self._keep_old(now)
                fresh.replace(self._path)
            _sync(self._path.parent)
        except OSError as error:
            raise self._unavailable("publish", error) from error
        self._seen, self._unreadable = self._fingerprint(), False
        return self._seen

    def erase_copies(self) -> None:
        """Delete the copies, and the workbooks that were set aside because nobody could read them."""
        stem, suffix = self._path.stem, self._path.suffix
        copies = (self._path.parent / "copies").glob(f"{stem}.*{suffix}")
        broken = self._path.parent.glob(f"{stem}.unreadable-*{suffix}")
        try:
            for path in (*copies, *broken):
                path.unlink()
        except OSError as error:
            raise self._unavailable("erase", error) from error

    def checkup(self) -> Iterator[Finding]:
        """Try its folder; see whether somebody has it open, and whether it can be read back."""
        yield writable(self._path.parent)
        try:
            self._check_closed()
            if not self._fingerprint():
                yield Finding("workbook", Verdict.FINE, f"{self._path.name} is made by a run")
                return
            read_tables(self._path)
        except UnavailableError as error:
            yield Finding("workbook", Verdict.WARNING, error.reason)
        except RosterError:
            text = f"{self._path.name} cannot be read"
            advice = "the next run keeps it under another name and writes a new one"
            yield Finding("workbook", Verdict.WARNING, text, advice)
        else:
            yield Finding("workbook", Verdict.FINE, f"{self._path.name} can be read back")

    def _fingerprint(self) -> str:
        try:
            stat = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            raise self._unavailable("look", error) from error
        return f"{stat.st_mtime_ns}:{stat.st_size}:{stat.st_ino}"

    def _unavailable(self, operation: str, error: OSError) -> UnavailableError:
        reason = f"{self._path.name}: {error.strerror or error}"
        return UnavailableError(_BACKEND, operation, reason)

    def _check_untouched(self) -> None:
        """Raise unless nobody has the file open and nobody saved it since we looked."""
        self._check_closed()
        if self._fingerprint() not in ("", self._seen):
            raise ChangedError(
                _BACKEND, "publish", f"{self._path.name} was saved since it was last read"
            )

    def _check_closed(self) -> None:
        """Raise UnavailableError while an office program has the file open."""
        for name in (f"~${self._path.name}", f".~lock.{self._path.name}#"):
            lock = self._path.with_name(name)
            with contextlib.suppress(OSError):
                since = datetime.fromtimestamp(lock.stat().st_mtime, UTC)
                raise UnavailableError(
                    _BACKEND,
                    "publish",
                    f"{self._path.name} is open in an office program since {since:%Y-%m-%d %H:%M} "
                    f"UTC; the next run writes it. If nobody has it open, delete {name}",
                )

    @contextlib.contextmanager
    def _written(self, content: bytes) -> Iterator[Path]:
        """Give a complete file beside the old one; whatever happens, it does not stay there."""
        fresh = self._path.with_name(f".{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        try:
            with fresh.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(self._path, fresh)
            yield fresh
        finally:
            fresh.unlink(missing_ok=True)

    def _keep_old(self, now: datetime) -> None:
        """Keep the file that is about to be replaced: a broken one for good, others for a while."""
        if not self._path.exists():
            return
        if self._unreadable:
            self._path.rename(self._free_name(f"unreadable-{now.astimezone(UTC):%Y%m%dT%H%M%S}"))
        elif self._keep_copies:
            self._path.with_name("copies").mkdir(exist_ok=True)
            for number in range(self._keep_copies - 1, 0, -1):
                with contextlib.suppress(FileNotFoundError):
                    self._copy(number).replace(self._copy(number + 1))
            self._copy(1).unlink(missing_ok=True)
            _link_or_copy(self._path, self._copy(1))

    def _copy(self, number: int) -> Path:
        return self._path.parent / "copies" / f"{self._path.stem}.{number}{self._path.suffix}"

    def _free_name(self, label: str) -> Path:
        free, number = self._path.with_stem(f"{self._path.stem}.{label}"), 2
        while free.exists():
            free = self._path.with_stem(f"{self._path.stem}.{label}-{number}")
            number += 1
        return free


def _link_or_copy(source: Path, target: Path) -> None:
    """Give the old file a second name; a copy where the file system has no links (SMB, FAT)."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)


def _sync(folder: Path) -> None:
    """Make a rename last (POSIX); where folders cannot be synced, there is nothing to do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
