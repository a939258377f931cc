"""The little markup of letters, as text and as HTML."""

from hypothesis import given
from hypothesis import strategies as st

from rmflow.formats.letters.prose import guarded, guarded_quote, parse, plain, to_html, to_text

SOURCE = """\
# Priya & Margaret

**When:** Tuesday
**Where:** a long way
to go.

Before you leave:

- a coat
- an umbrella, for the rain
  in London

## Her words

    It is < and >.
    - not a list

? **How was it** (1 to 5):
? **Why**:

Write to <nora.lindqvist@contoso.example>.
"""


def test_text_keeps_the_shape_and_loses_the_marks() -> None:
    assert (
        to_text(parse(SOURCE))
        == """\
Priya & Margaret
================

When: Tuesday
Where: a long way to go.

Before you leave:
- a coat
- an umbrella, for the rain in London

Her words

    It is < and >.
    - not a list

How was it (1 to 5):

Why:

Write to <nora.lindqvist@contoso.example>.
"""
    )


def test_html_has_one_element_a_block() -> None:
    assert (
        to_html(parse(SOURCE))
        == """\
<h2>Priya &amp; Margaret</h2>
<p><b>When:</b> Tuesday<br>
<b>Where:</b> a long way to go.</p>
<p class="lead">Before you leave:</p>
<ul>
<li>a coat</li>
<li>an umbrella, for the rain in London</li>
</ul>
<h3>Her words</h3>
<blockquote dir="auto">It is &lt; and &gt;.<br>
- not a list</blockquote>
<p class="question"><b>How was it</b> (1 to 5):</p>
<p class="answer"><br></p>
<p class="question"><b>Why</b>:</p>
<p class="answer"><br></p>
<p>Write to <a href="mailto:nora.lindqvist@contoso.example">nora.lindqvist@contoso.example</a>.</p>"""
    )


def test_a_question_is_never_wrapped() -> None:
    """Whoever reads the reply finds its label on one line."""
    line = "**What I will change** (" + "one thing a line, " * 6 + "please):"
    assert to_text(parse("? " + line)).count("\n") == 1


@given(st.text(), st.integers(1, 300))
def test_a_guarded_value_is_one_short_line_of_plain_text(value: str, most: int) -> None:
    line = guarded(value, most)
    (block,) = parse("x" + line)
    assert to_html([block]).removeprefix("<p>").removesuffix("</p>").count("<") == 2 * (
        "\u2068" in line
    )
    assert len(plain(line)) <= most


@given(st.text(max_size=2000))
def test_quoted_words_stay_a_quote(value: str) -> None:
    quote = guarded_quote(value, 1500)
    assert all(block.kind.value == "quote" for block in parse(quote) if quote)


def test_a_cut_quote_says_so() -> None:
    assert guarded_quote("one\ntwo", 4) == "    one …"
    assert guarded_quote("\n".join("abcd"), 100, most_lines=2) == "    a\n    b …"
    assert guarded_quote("one\n\n\ntwo", 100) == "    one\n    two"
