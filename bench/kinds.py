"""Kinds of mail, measured on a folder of mails: which were called what.

`kinds.py FOLDER` expects a folder for each kind, named as the kind is ("bounce", "auto-reply",
"complaint", "list mail", "human"), with one mail a file. It prints a table and every mail that was
taken for another kind, and ends with 1 when a person's mail was called automatic. Public sets are
for reading only: none of them is part of this repository. `docs/performance.md` is not its place;
what it shows depends on the set.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rmflow.domain.people import Address
from rmflow.domain.reading import MailKind
from rmflow.formats.incoming.mail import parse
from rmflow.formats.incoming.mail_kind import kind_of

_MAILBOX = Address("mentoring@contoso.example")
# Nobody waits for an answer to these: a person's mail among them would be lost.
_AUTOMATIC = {
    kind.value
    for kind in MailKind
    if kind not in (MailKind.HUMAN, MailKind.CALENDAR, MailKind.BROKEN)
}


def main(folder: Path) -> int:
    """Print the table of a folder; return how the process ends."""
    begun = time.perf_counter()
    called = {kind: list(_called(folder / kind)) for kind in sorted(_kinds(folder))}
    seconds = time.perf_counter() - begun
    print(f"{'kind':<14}{'mails':>7}{'right':>7}{'share':>9}   taken for")
    for kind, mails in called.items():
        others = Counter(found for _, found in mails if found != kind)
        right = len(mails) - others.total()
        share = f"{right / len(mails):.1%}" if mails else "-"
        said = ", ".join(f"{other} {count}" for other, count in others.most_common())
        print(f"{kind:<14}{len(mails):>7}{right:>7}{share:>9}   {said}")
    wrong = [(kind, *mail) for kind, mails in called.items() for mail in mails if mail[1] != kind]
    for kind, name, found in wrong:
        print(f"  {kind} {name}: {found}")
    lost = sum(kind == MailKind.HUMAN.value and found in _AUTOMATIC for kind, _, found in wrong)
    count = sum(map(len, called.values()))
    print(f"{count} mails in {seconds:.1f} s; people's mails called automatic: {lost}")
    return 1 if lost else 0


def _kinds(folder: Path) -> set[str]:
    return {kind.value for kind in MailKind if (folder / kind.value).is_dir()}


def _called(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        yield path.name, kind_of(parse(path.read_bytes()), _MAILBOX).value


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
