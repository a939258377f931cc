"""HTML as lines: what a reader sees, and what the structure says about it."""

import pytest

from rmflow.formats.replies.html_lines import html_lines


def texts(html: str) -> list[str]:
    return [line.text for line in html_lines(html).lines]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p><b>Label:</b> value</p>", ["Label: value"]),
        ("<p>one</p><p>two</p>", ["one", "", "two"]),
        ("<div>one</div><div>two</div>", ["one", "two"]),
        ("<div>one</div><div><br></div><div>two</div>", ["one", "", "two"]),
        ('<p class="MsoNormal">one</p><p class="MsoNormal">two</p>', ["one", "two"]),
        ('<p class="MsoNormal">one</p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">two</p>', ["one", "", "two"]),
        ("one<br>two<br><br>three", ["one", "two", "", "three"]),
        ("<ul><li>one</li><li>two</li></ul>", ["- one", "- two"]),
        ("<table><tr><td>Label:</td><td>value</td></tr><tr><td>x</td></tr></table>", ["Label: value", "x"]),
        ("<pre>one\n  two\n\nthree</pre>", ["one", "two", "", "three"]),
        ("<p>a\n  b\tc&nbsp;d</p>", ["a b c d"]),
        ("<script>x</script><style>p{}</style><title>t</title><p>one</p>", ["one"]),
        ('<div style="display: none">x</div><p hidden>y</p><p style="mso-hide:all">z</p><p>one</p>', ["one"]),
        ("<!-- x --><!--[if mso]><p>y</p><![endif]--><p>one</p>", ["one"]),
        ('<?xml version="1.0" encoding="utf-8"?><p>Grüße</p>', ["Grüße"]),
        ("<p>a\x00b</p>", ["ab"]),
        ("", []),
        ("<!-- -->", []),
    ],
)  # fmt: skip
def test_lines_are_what_a_reader_sees(html: str, lines: list[str]) -> None:
    assert texts(html) == lines


def test_quotes_signatures_and_tails_are_marked() -> None:
    """INBOUND 2.4: the containers are the evidence."""
    page = html_lines(
        "<p>mine</p>"
        '<div class="gmail_signature">Mara</div>'
        '<blockquote type="cite">theirs<blockquote>older</blockquote></blockquote>'
        '<div id="x_appendonsend"></div><p>below</p>'
    )
    marks = {line.text: (line.depth, line.signature, line.tail) for line in page.lines if line.text}
    assert marks == {
        "mine": (0, False, False),
        "Mara": (0, True, False),
        "theirs": (1, False, False),
        "older": (2, False, False),
        "below": (0, False, True),
    }


@pytest.mark.parametrize(
    "style",
    [
        "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm",
        "border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in",
        "BORDER: none; border-top: solid #abc 1pt",
    ],
)
def test_outlooks_line_begins_the_quote(style: str) -> None:
    page = f'<p>mine</p><div style="{style}"><p>From: x</p></div><p>below</p>'
    lines = html_lines(page).lines
    assert [(line.text, line.tail) for line in lines if line.text] == [
        ("mine", False),
        ("From: x", True),
        ("below", True),
    ]


def test_an_indented_paragraph_is_no_clients_quote() -> None:
    (line,) = html_lines('<blockquote style="margin: 0 0 0 40px">mine</blockquote>').lines
    assert (line.depth, line.cited) == (1, False)


def test_nesting_too_deep_for_the_parser_keeps_its_words() -> None:
    assert texts("<div>" * 5_000 + "ok") == ["ok"]
