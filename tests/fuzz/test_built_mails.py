"""Mails put together by hypothesis, which finds the shortest one that fails."""

import os

import reply_corpus as corpus
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_mutants import TOKENS
from mail_readings import faults, read

from rmflow.domain.reading import ReadingStatus

EXAMPLES = 5_000 if os.environ.get("RMFLOW_FUZZ") else 60
LETTER = corpus.letter("en").text

NAMES = st.sampled_from(["From", "To", "Subject", "Date", "In-Reply-To", "References", "Sender"])
HEADERS = st.tuples(NAMES, st.one_of(st.text(max_size=60), st.sampled_from([corpus.FROM, corpus.REPLY_TO, corpus.LETTER_ID])))  # fmt: skip
TYPES = st.sampled_from(["text/plain", "text/html", "text/calendar", "multipart/mixed; boundary=b", "message/rfc822"])  # fmt: skip
CHARSETS = st.sampled_from(
    ["utf-8", "utf-7", "utf-16", "iso-2022-jp", "hz", "x-none", "cp1252", ""]
)
CODINGS = st.sampled_from(["7bit", "8bit", "base64", "quoted-printable", "x-none"])
WORDS = st.lists(
    st.one_of(
        st.sampled_from([*LETTER.splitlines(), "Rating: 4", "> ", "--b", "<p>", "<div hidden>"]).map(str.encode),
        st.sampled_from(TOKENS),
        st.text(max_size=40).map(str.encode),
        st.binary(max_size=20),
    ),
    max_size=30,
).map(b"\n".join)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(st.lists(HEADERS, max_size=8), TYPES, CHARSETS, CODINGS, WORDS)
def test_any_mail_is_read_and_none_answers_for_somebody_else(
    headers: list[tuple[str, str]], kind: str, charset: str, coding: str, body: bytes
) -> None:
    """What nobody can be sure of waits, and says why."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    about = (
        f'Content-Type: {kind}; charset="{charset}"\r\nContent-Transfer-Encoding: {coding}\r\n\r\n'
    )
    reading, record, answers = read((head + about).encode() + body)
    assert list(faults(reading, record, answers)) == []
    assert reading.status is not ReadingStatus.REVIEW or reading.why
