"""What `rmflow doctor` finds out about an Exchange server."""

from collections.abc import Iterator

from rmflow.ports.checkup import Finding


def examined(*a: object) -> Iterator[Finding]:
    yield from ()
