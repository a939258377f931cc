"""What a checkup found, in a shape that tests can compare."""

from collections.abc import Iterable
from pathlib import Path

from rmflow.ports.checkup import Finding, Verdict


def verdicts(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return check and verdict of each finding, in order; those that are not fine have advice."""
    told = []
    for finding in findings:
        assert finding.text
        told.append((finding.check, finding.verdict.value))
    return told


def the(check: str, findings: Iterable[Finding]) -> Finding:
    """Return the one finding of this check."""
    (found,) = (finding for finding in findings if finding.check == check)
    return found


def troubles(findings: Iterable[Finding]) -> list[Finding]:
    """Return what is not fine."""
    return [finding for finding in findings if finding.verdict is not Verdict.FINE]


def tree(folder: Path) -> list[str]:
    """Return everything in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
