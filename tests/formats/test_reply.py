"""What is new in a reply: the cases that break readers of replies (INBOUND section 9)."""

import time
from collections.abc import Sequence
from email.message import EmailMessage

import pytest
import reply_corpus as corpus
from letter_samples import PROGRAMME

from rmflow.domain.letter import LetterKind
from rmflow.domain.reading import ReadingStatus
from rmflow.formats.incoming.mail import parse
from rmflow.formats.replies.reply import Extract, new_text

LETTER = corpus.letter("en").text
LABELS = corpus.label_lines("en")
TAKEAWAYS, TALKED, RATING = LABELS["takeaways"], LABELS["talked"], LABELS["worthwhile"]
QUOTE = "\n".join(f"> {line}".rstrip() for line in LETTER.splitlines())
ON_WROTE = f"On Tue, 3 Nov 2026 at 14:05, {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}> wrote:"


def extract(
    text: str = "", html: str = "", originals: Sequence[str] = (LETTER,), *, flowed: bool = False
) -> Extract:
    mail = corpus.message()
    if text:
        mail.set_content(text)
        if flowed:
            mail.replace_header("Content-Type", 'text/plain; charset="utf-8"; format=flowed')
    if text and html:
        mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    return new_text(
        parse(mail.as_bytes()),
        originals,
        [PROGRAMME.mailbox],
        [PROGRAMME.mailbox_name, PROGRAMME.name],
        [corpus.SUMMARY],
    )


def reply(above: str, quote: str = QUOTE, attribution: str = ON_WROTE) -> str:
    return f"{above}\n\n{attribution}\n{quote}\n"


@pytest.mark.parametrize(
    "attribution",
    [
        # case 10: wrapped over two and three lines
        f"On Tue, 3 Nov 2026 at 14:05, {corpus.MAILBOX_NAME} <\n{corpus.REPLY_TO}> wrote:",
        f"On Tue, 3 Nov 2026 at 14:05,\n{corpus.MAILBOX_NAME}\n<{corpus.REPLY_TO}> wrote:",
        # case 12: a language other than the mail's, known and unknown to us
        f"Den tis 3 nov. 2026 kl 14:05 skrev {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}>:",
        f"2026年11月3日(火) 14:05 {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}>:",
        f"Ar Mháirt 3 Samh 2026 ag 14:05, scríobh {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}>:",
        f"Il giorno mar 3 nov 2026 alle ore 14:05 {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}> ha scritto:",
        f"{corpus.MAILBOX_NAME} <{corpus.REPLY_TO}> schrieb am 03.11.2026 um 14:05:",
        # case 15: addresses in brackets
        f"On Nov 3, 2026, at 2:05 PM, {corpus.MAILBOX_NAME} [mailto:{corpus.REPLY_TO}] wrote:",
        # the name alone, as Thunderbird has it
        f"On 11/3/26 14:05, {corpus.MAILBOX_NAME} wrote:",
        # case 16 and 13
        "-----Original Message-----",
        "---Original---",
        "________________________________",
        "",
    ],
)
def test_the_line_above_a_quote_is_nobodys_words(attribution: str) -> None:
    """Neither does its first line leak, nor does it eat the line above it."""
    for gap in ("\n", "\n\n"):
        text = f"Good talk about hiring.\nMore next time.{gap}{attribution}\n{QUOTE}\n"
        assert extract(text).text == "Good talk about hiring.\nMore next time."


def test_an_attribution_on_the_line_of_the_reply_is_cut_off() -> None:
    """Case 11."""
    assert extract(f"Great session {ON_WROTE}\n{QUOTE}").text == "Great session"


@pytest.mark.parametrize(
    "sentence",
    [
        "From: the first minute it was fun.",
        "On pricing, Tom wrote: we should ask the customers.",
        "Date: 4 November\nTopics: hiring and the portal",
        "Sent from my desk is easier, he said.",
        "We agreed -- for now -- to meet again.",
        "To: be honest, I had expected less.\nAnd more of the same.",
    ],
)
def test_sentences_that_look_like_a_mails_trimmings_stay(sentence: str) -> None:
    """Cases 6, 8, 9, 17."""
    assert extract(reply(sentence)).text == sentence


@pytest.mark.parametrize(
    "trimmings",
    [
        "--\nMargaret Okafor\nChief Operating Officer\nContoso Ltd | +44 20 7946 0000",
        "Best,\nMargaret",
        "Kind regards\n\nMargaret Okafor\nCOO",
        "Viele Grüße aus Bremen\nMargaret",
        "Cordialement,\nMargaret Okafor\nDirectrice",
        "Sincerely yours,\nMargaret",
        "Herzlichst\nIhre Margaret Okafor",
        "Cordialmente,\nMargaret",
        "Um abraço\nMargaret",
        "Hartelijke groeten,\nMargaret",
        "Med vänlig hälsning\nMargaret",
        "Z wyrazami szacunku\nMargaret Okafor",
        "以上、よろしくお願いいたします。\n\nMargaret",
        "Thanks,\nMargaret",
        "Margaret",
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Von meinem Galaxy gesendet",
        "Envoyé de mon iPad",
        "This e-mail and any attachments are confidential and intended solely for the recipient. If you are not the intended recipient, delete it.",
        "Diese E-Mail ist vertraulich und nur für den genannten Empfänger bestimmt. Sollten Sie sie irrtümlich erhalten haben, löschen Sie sie bitte.",
        "Best regards,\nMargaret\n\nThis message is confidential and may be privileged. It is intended for the named recipient only; please delete it otherwise.",
    ],
)
def test_signatures_and_notices_are_cut(trimmings: str) -> None:
    """Cases 17, 30, 31."""
    said = "We spoke about hiring.\nIt went well."
    assert extract(reply(f"{said}\n\n{trimmings}")).text == said
    assert extract(f"{said}\n\n{trimmings}\n").text == said


NOTICES = [
    "This message and its attachments are confidential. Whoever is not the intended recipient is asked to delete them.",
    "Diese Nachricht ist vertraulich und\nnur für den Empfänger bestimmt; wer sie irrtümlich\nbekommen hat, lösche sie bitte.",
    "Contoso Ltd is registered in Wales. Company number 01234567.",
    "Contoso AG, Sitz: Bremen, Registergericht: Bremen, HRB 4711 HB",
    "Contoso SA, siège social : 3 quai Nord, Brest, SIRET 123 456 789 00012",
]


@pytest.mark.parametrize("greeting", ["Bom dia,", "Buen día", "Buona sera,", "Guten Tag,", "Hej!"])
def test_a_greeting_does_not_end_the_mail(greeting: str) -> None:
    said = f"{greeting}\n\nWe spoke about hiring."
    assert extract(reply(said)).text == said


def test_a_swedish_separator_begins_the_quote() -> None:
    head = f"-------- Originalmeddelande --------\nFrån: {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}>\nDatum: 2026-11-03 14:05"
    assert extract(f"We spoke about hiring.\n\n{head}\n\n{LETTER}").text == "We spoke about hiring."


@pytest.mark.parametrize("said", ["★★★★", "👍", "⭐⭐"])
def test_symbols_beside_a_label_are_words(said: str) -> None:
    inside = QUOTE.replace(RATING, f"{RATING} {said}")
    assert extract(reply("", inside)).text == f"{RATING} {said}"


def test_symbols_of_our_own_hint_are_ours() -> None:
    ours = "Rating (★ to ★★★★★):"
    letter = f"How was your meeting?\n\n{ours}\n\nTopic for next time:\n"
    quoted = "\n".join(f"> {line}" for line in letter.splitlines())
    assert extract(reply("", quoted), originals=(letter,)).status is ReadingStatus.EMPTY


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_below_an_unmarked_quote_is_nobodys_words(notice: str) -> None:
    """A gateway appends it below our form, where whatever is new was typed by the author."""
    quote = f"{ON_WROTE}\n\n{LETTER}\n\n{notice}\n"
    assert extract(quote).status is ReadingStatus.EMPTY
    found = extract(f"We spoke about hiring.\n\n{quote}")
    assert (found.text, found.status) == ("We spoke about hiring.", ReadingStatus.OK)
    filled = extract(quote.replace(TAKEAWAYS, f"{TAKEAWAYS} ask first"))
    assert filled.text == f"{TAKEAWAYS} ask first"


@pytest.mark.parametrize(
    "said",
    [
        "Why every mail of ours says that it is confidential and for the intended recipient only.",
        "The registered office moves to Bremen, and the company number 123 stays, they say.",
    ],
)
def test_an_answer_about_notices_is_none(said: str) -> None:
    quote = f"{ON_WROTE}\n\n{LETTER.replace(TALKED, f'{TALKED} {said}')}"
    assert extract(quote).text == f"{TALKED} {said}"


@pytest.mark.parametrize(
    "said",
    [
        "Thanks!",
        "Margaret",
        "- hire slower\n- ask juniors\n- write less",
        "+1",
        "👍",
        "Stop",
        "No.",
    ],
)
def test_a_short_reply_is_not_taken_for_a_signature(said: str) -> None:
    """Cases 7, 30, 33."""
    assert extract(reply(said)).text == said


def test_answers_below_a_signature_are_kept() -> None:
    """Case 5: a signature above the quote, the answers in it."""
    said = "Best,\nMargaret\n\nKey takeaways: ask first\nTopic for next time: budgets"
    assert "Key takeaways: ask first" in extract(said).text
    inside = QUOTE.replace(TAKEAWAYS, f"{TAKEAWAYS} ask first")
    found = extract(reply("Best,\nMargaret", inside))
    assert found.text == f"{TAKEAWAYS} ask first"


@pytest.mark.parametrize(
    "facts",
    [
        "Contoso AG\nSitz der Gesellschaft: Bremen\nVorstand: M. Okafor, L. Brandt",
        "Contoso Ltd\nRegistered office: 9 Wharf Road\nCompany number: 01234567\nVAT: GB 123",
        "Contoso SA\nSiège social : Brest\nSIRET : 123 456",
        "KRS: 0000123\nTelefon: 555 01 02\nRating: AAA",
    ],
)
def test_facts_of_a_company_are_not_answers_below_a_signature(facts: str) -> None:
    """They have a colon as well; but what they are about is not what we asked."""
    for said in ("PAUSE", "We spoke about hiring."):
        assert extract(reply(f"{said}\n\nKind regards\nMargaret Okafor\n\n{facts}")).text == said


def test_a_private_paragraph_is_neither_kept_nor_elided() -> None:
    """DESIGN section 9: it is passed to no one and not stored."""
    said = "We spoke about hiring.\n\n#private he is thinking of leaving\nand told nobody\n\nGood hour."
    found = extract(reply(said))
    assert found.text == "We spoke about hiring.\n\nGood hour."
    assert "leaving" not in found.elided
    assert "nobody" not in found.elided


def test_a_private_mark_alone_covers_the_next_paragraph() -> None:
    found = extract(reply("Good hour.\n\n#private\n\nhe is thinking of leaving\n\nMore in May."))
    assert found.text == "Good hour.\n\nMore in May."


def test_a_private_answer_goes_with_its_label_only() -> None:
    found = extract("Key takeaways: #private not for the sheet\nTopic for next time: budgets\n")
    assert found.text == "Topic for next time: budgets"


def test_private_in_the_quoted_form_is_dropped() -> None:
    inside = QUOTE.replace(TAKEAWAYS, f"{TAKEAWAYS} #Private no")
    found = extract(reply("", inside))
    assert found.text == ""
    assert "Private no" not in found.elided


def test_a_forwarded_mail_is_nobodys_answer() -> None:
    """Case 19, 21: the words of a third person are never the sender's."""
    tom = "From: Tom Reed <tom@fabrikam.example>\nSent: Monday, November 2, 2026 09:00\nTo: Margaret Okafor\nSubject: Hiring\n\nKey takeaways: fire everybody\nRating: 1\n"
    found = extract(f"FYI, this is what Tom thinks.\n\n{tom}")
    assert found.text == "FYI, this is what Tom thinks."
    assert "fire everybody" in found.elided


def test_nothing_but_other_peoples_words_waits_for_a_person() -> None:
    tom = "On Mon, 2 Nov 2026 at 09:00, Tom Reed <tom@fabrikam.example> wrote:\n> Key takeaways: fire everybody\n"
    found = extract(tom)
    assert found.text == ""
    assert found.status is ReadingStatus.REVIEW


def test_answers_typed_below_somebody_elses_mail_are_not_attributed() -> None:
    """Case 21: the assistant filled it in, the leader forwarded it."""
    filled = LETTER.replace(TAKEAWAYS, f"{TAKEAWAYS} said by Tom")
    tom = f"-------- Forwarded Message --------\nFrom: Tom Reed <tom@fabrikam.example>\nDate: Mon, 2 Nov 2026\nTo: Margaret Okafor\nSubject: Fwd\n\nsee below\n\nFrom: {corpus.MAILBOX_NAME} <{corpus.REPLY_TO}>\nSent: Tuesday\nTo: Tom Reed\nSubject: How was it\n\n{filled}"
    found = extract(f"Here it is.\n\n{tom}")
    assert found.text == "Here it is."
    assert "said by Tom" in found.elided


def test_the_senders_own_earlier_answer_is_not_said_again() -> None:
    """Case 20."""
    mine = (
        f"On Wed, 4 Nov 2026 at 08:00, Margaret Okafor <{corpus.MARGARET.address}> wrote:\n> Key takeaways: ask first\n>\n> {ON_WROTE}\n"
        + "\n".join(f"> {line}" for line in QUOTE.splitlines())
    )
    assert extract(f"One more thing: the portal.\n\n{mine}").text == "One more thing: the portal."


def test_a_reminder_that_quotes_the_request_has_two_originals() -> None:
    """Case 18."""
    reminder = corpus.letter("en", LetterKind.SUMMARY_REMINDER).text
    first = "\n".join(f"> {line}" for line in QUOTE.splitlines())
    quote = "\n".join(f"> {line}" for line in reminder.splitlines()) + f"\n> {ON_WROTE}\n{first}"
    assert extract(reply("4", quote), originals=[reminder, LETTER]).text == "4"


def test_smart_quotes_widths_and_rewritten_links_are_still_our_words() -> None:
    """Cases 22, 23, 24: what gateways and clients do to quoted text."""
    changed = (
        QUOTE.replace("'", "’")
        .replace("(1-5)", "(1–5)")
        .replace(" ", "\u00a0", 40)
        .replace("<nora.lindqvist@contoso.example>", "<mailto:nora.lindqvist@contoso.example>")
    )
    banner = "> [EXTERNAL]\n> CAUTION: This email originated from outside of the organization.\n"
    found = extract(reply("Good hour.", banner + changed))
    assert found.text == "Good hour."
    assert found.status is ReadingStatus.OK


def test_a_banner_above_the_reply_is_not_the_authors() -> None:
    text = "CAUTION: This email originated from outside of the organization.\n\nGood hour."
    assert extract(reply(text)).text == "Good hour."


def test_a_copied_form_on_top_counts_once() -> None:
    """Case 27: the whole template on top with answers, untouched below."""
    filled = LETTER.replace(TAKEAWAYS, f"{TAKEAWAYS}\nask first")
    assert extract(reply(filled)).text == f"{TAKEAWAYS}\nask first"


def test_an_untouched_form_is_empty() -> None:
    """Case 28."""
    for text in (reply(""), LETTER, f"{ON_WROTE}\n\n{LETTER}"):
        found = extract(text)
        assert (found.text, found.status) == ("", ReadingStatus.EMPTY)


def test_an_answer_in_our_own_words_is_an_answer() -> None:
    """A topic's title from an earlier letter, typed below its label."""
    prompt = "Hello,\n\nHow news travels in large companies\n\nThink of the last thing.\n"
    inside = QUOTE.replace(f"> {TALKED}", f"> {TALKED}\n> How news travels in large companies")
    found = extract(reply("", inside), originals=[LETTER, prompt])
    assert found.text == f"{TALKED}\nHow news travels in large companies"


def test_our_words_below_a_receipts_answer_are_not_the_authors() -> None:
    """A label with its answer beside it is not one that asks for something below it."""
    receipt = f"Hello,\n\n{TAKEAWAYS}\n  listen\n\n{RATING} 5 of 5\n\nYou get this as part of it."
    quote = "\n".join(f"> {line}" for line in receipt.splitlines())
    found = extract(reply(f"{TAKEAWAYS} ask first", quote), originals=[receipt, LETTER])
    assert found.text == f"{TAKEAWAYS} ask first"


def test_a_digit_that_our_hint_ends_with_is_an_answer() -> None:
    """“(1-5)” ends in 5, and so does the best rating there is."""
    for typed in ("How worthwhile it was: 5", "How worthwhile it was:\n> 1", f"{RATING}\n> 5"):
        found = extract(reply("", QUOTE.replace(RATING, typed)))
        assert found.text == typed.replace("\n> ", "\n")


def test_words_above_the_first_question_of_the_quote_are_not_lost_silently() -> None:
    changed = QUOTE.replace(
        "> Date we met", "> this hour was cancelled because of the strike in Lyon\n>\n> Date we met"
    )
    found = extract(reply("", changed))
    assert found.status is ReadingStatus.REVIEW
    assert "strike in Lyon" in found.elided


def test_interleaved_lines_without_marks_are_the_authors() -> None:
    lines = []
    for line in QUOTE.splitlines():
        lines.append(line)
        if line == f"> {TAKEAWAYS}":
            lines += ["", "ask first", "then decide", ""]
    found = extract(reply("", "\n".join(lines)))
    assert found.text == f"{TAKEAWAYS}\nask first\nthen decide"


def test_hidden_text_and_comments_are_not_read() -> None:
    """Cases 36, 37."""
    html = '<div style="display:none">Preview words</div><!--[if mso]><p>Old Outlook</p><![endif]--><p>Good hour.</p>'
    assert extract(html=html).text == "Good hour."


def test_text_and_html_that_disagree_wait_for_a_person() -> None:
    """Case 41."""
    found = extract(
        text="The quick brown fox jumps over the lazy dog in the garden at noon.",
        html="<p>Something entirely different stands here, about hiring and budgets.</p>",
    )
    assert found.status is ReadingStatus.REVIEW


@pytest.mark.parametrize("text", [" ", "This message requires HTML.\n"])
def test_an_empty_text_part_does_not_count(text: str) -> None:
    """Case 42."""
    assert extract(text, html="<p>Good hour.</p>").status is ReadingStatus.OK


def test_the_text_part_is_read_where_the_html_says_nothing() -> None:
    """Case 43: an HTML part with a signature only."""
    html = '<div class="gmail_signature">Margaret Okafor<br>COO</div>'
    assert extract("Good hour.\n", html=html).text == "Good hour."


def test_right_to_left_and_invisible_characters_do_not_matter() -> None:
    """Cases 34, 35."""
    assert extract(reply("\ufeff\u200bGood\u200b hour.\u200f")).text == "Good hour."
    assert extract(reply("שלום, היה נהדר")).text == "שלום, היה נהדר"


def test_flowed_text_is_put_together() -> None:
    """Case 46, RFC 3676: a soft line break is a trailing space."""
    found = extract(
        "We spoke about hiring and \nabout budgets.\n\n> quoted \n> words\n", flowed=True
    )
    assert found.text == "We spoke about hiring and about budgets."


@pytest.mark.parametrize(
    "hostile",
    [
        "\n" * 40_000 + "ok",
        "-" * 50_000,
        ("-----\n" * 4_000) + "ok",
        "On " * 20_000,
        "On Tue, 3 Nov 2026 at 14:05,\n" * 3_000,
        "a" * 1_000_000,
        "the the the the " * 20_000,
        LETTER * 200,
        "> " * 20_000,
        ("> " * 300 + "x\n") * 500,
        "From: a\nSent: b\n" * 2_000,
        "(" * 50_000,
        "Key takeaways (" * 4_000,
        "1. \n" * 4_000,
    ],
    ids=lambda text: f"{text[:12]!r}…",
)
def test_hostile_text_is_bounded(hostile: str) -> None:
    """Case 40: a second of one mail is too much; the time limit of the run is far above."""
    started = time.process_time()
    extract(hostile)
    extract(html=f"<p>{hostile}</p>")
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    "html",
    ["<div>" * 5_000 + "ok", "<blockquote>" * 5_000 + "ok", "<br>" * 100_000, "<table><tr><td>" * 3_000, "<!--" * 50_000, "<b " + "x=1 " * 50_000 + ">ok</b>"],
    ids=lambda text: f"{text[:12]!r}…",
)  # fmt: skip
def test_hostile_html_is_bounded(html: str) -> None:
    started = time.process_time()
    extract(html=html)
    assert time.process_time() - started < 4


def test_a_paragraph_that_is_cut_off_is_not_taken_for_the_whole() -> None:
    """Outlook writes a paragraph as one line, however long: nothing is lost without a word."""
    told = "We talked about hiring. " * 200
    mail = EmailMessage()
    mail["From"] = "jens.adler@contoso.example"
    mail.set_content("see the page")
    mail.add_alternative(f"<html><body><p>{told}</p></body></html>", subtype="html")
    extract = new_text(parse(mail.as_bytes()), (), (), ())
    assert extract.status is ReadingStatus.REVIEW
    assert "longer than is read" in extract.why
