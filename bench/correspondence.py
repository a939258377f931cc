"""Mails that wait to be read: the replies of the test corpus, each from another person.

`correspondence.py FOLDER NEW READ` makes an organisation with a letter and a person for every
mail, NEW replies to them in its Maildir, and READ more in its store that were read long ago.
Every letter differs from all others, as real ones do, and so does every mail.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from organisation import make
from rmflow.app.inbox import mail_id
from rmflow.domain.documents import to_json
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.reading import MailKind
from rmflow.domain.records import LetterRecord, MailRecord, PersonRecord, ReadingRecord, Record
from rmflow.domain.session import session_id
from rmflow.wiring import load_config, open_store

_TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(_TESTS), str(_TESTS / "formats")]
import reply_corpus as corpus  # noqa: E402 - lies beside the tests
from letter_samples import NOVEMBER  # noqa: E402

_SENT = datetime(2026, 10, 4, 13, 5, tzinfo=UTC)
_BASE32 = str.maketrans("0123456789", "abcdefghij")


def write(folder: Path, new: int, read: int) -> None:
    """Make the organisation, its mails and its memory."""
    make(folder, 1)
    for name in ("new", "cur", "tmp"):
        (folder / "in" / name).mkdir(parents=True)
    store = open_store(load_config(folder / "programme.toml"))
    for start in range(0, new + read, 500):
        stop = min(start + 500, new + read)
        store.write(record for number in range(start, stop) for record in _sent(number))
        old = [
            MailRecord(mail_id(r), "bench", _SENT, r, _SENT) for r in _raws(max(start, new), stop)
        ]
        store.keep(old)
        store.write(_reading(mail) for mail in old)
    store.close()
    for number, raw in enumerate(_raws(0, new)):
        (folder / "in/new" / f"{number:06d}.bench").write_bytes(raw)


_CASES = [*corpus.grid(), *corpus.treated()]


def _raws(start: int, stop: int) -> Iterator[bytes]:
    """Yield the mails: those of the corpus in turn, with another sender, token and id each."""
    for number in range(start, stop):
        head, blank, body = re.split(rb"(\r?\n\r?\n)", _CASES[number % len(_CASES)].raw, maxsplit=1)
        for old, changed in (
            (corpus.TOKEN, _token(number)),
            (corpus.LETTER_ID, _message_id(number)),
            (str(corpus.MARGARET.address), _address(number)),
            ("<CAF9x2q@", f"<CAF{number}@"),
        ):
            head = head.replace(old.encode(), changed.encode())
        yield head + blank + body


def _sent(number: int) -> tuple[Record, Record]:
    """Return the person and the letter that a mail answers."""
    id, locale = PersonId(f"leader{number}"), _CASES[number % len(_CASES)].locale
    person = Participant(id, _address(number), "Margaret Okafor", "Europe/London", locale)
    letter = corpus.letter(locale)
    record = LetterRecord(
        item=Key(f"item{number}"),
        key=Key(f"key{number}"),
        kind="summary-request",
        pairing=PairingId(f"pair{number}"),
        session=session_id(NOVEMBER.start),
        person=id,
        form="summary",
        topic="",
        revision=0,
        token=_token(number),
        message_id=_message_id(number),
        subject=letter.subject,
        text=f"{letter.text}\n\nLetter {number} of this programme.",
        sent_at=_SENT,
    )
    return PersonRecord(id, person.address, to_json(person)), record


def _reading(mail: MailRecord) -> ReadingRecord:
    kind = MailKind.HUMAN.value
    nobody = PairingId("")
    return ReadingRecord(mail.id, _SENT, "ignored", kind, nobody, session_id(_SENT), "{}")


def _token(number: int) -> str:
    return f"s{number:016d}".translate(_BASE32)


def _message_id(number: int) -> str:
    return f"<{number:032x}@contoso.example>"


def _address(number: int) -> Address:
    return Address(f"leader{number}@contoso.example")


if __name__ == "__main__":
    where, new_mails, read_mails = sys.argv[1:]
    shutil.rmtree(where, ignore_errors=True)
    write(Path(where), int(new_mails), int(read_mails))
