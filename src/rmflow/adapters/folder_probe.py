"""A folder tried out: whether files can be made in it. Nothing stays behind."""

from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from rmflow.ports.checkup import Finding, Verdict


def writable(folder: Path, check: str = "write") -> Finding:
    """Return whether a file can be made in this folder, and the folder itself if it is missing.

    The file is hidden and empty; file and folders that were made for it are removed again.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    probe = folder / f".rmflow-probe-{uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch(mode=0o600, exist_ok=False)
        probe.unlink()
    except OSError as error:
        reason = f"{folder}: {error.strerror or type(error).__name__}"
        return Finding(check, Verdict.FAILED, reason, f"let rmflow's user write to {folder}")
    finally:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
    text = f"{folder} is made when it is first needed" if missing else f"{folder} can be written"
    return Finding(check, Verdict.FINE, text)


def private(folder: Path) -> Finding:
    """Return whether what people wrote is kept from the other users of this machine."""
    reached = all(parent.stat().st_mode & 0o001 for parent in folder.absolute().parents)
    if reached and folder.stat().st_mode & 0o007:
        text = f"every user of this machine can look into {folder}"
        return Finding("private", Verdict.WARNING, text, f"say chmod o= {folder}")
    return Finding("private", Verdict.FINE, f"{folder} is closed to other users")
