"""Rows written one by one: what people do that no grid foresees, and mail that no person wrote."""

from itertools import cycle

from corpus_clients import CLIENTS, thunderbird_below
from corpus_rows import Row, own_text
from corpus_tongues import TONGUES
from reply_corpus import MAILBOX, MAILBOX_NAME, REPLY_TO, Reply, delivery_report, letter, message

from rmflow.domain.reading import MailKind, ReadingStatus

OK, PARTIAL, EMPTY = ReadingStatus.OK, ReadingStatus.PARTIAL, ReadingStatus.EMPTY
REVIEW, IGNORED = ReadingStatus.REVIEW, ReadingStatus.IGNORED

# (name, language, what is typed above, what it says, status)
_TYPED: list[tuple[str, str, str, dict[str, str], ReadingStatus]] = [
    ("dashes", "en", "Rating - 4\nTakeaways - ask juniors first", {"worthwhile": "4", "takeaways": "ask juniors first"}, OK),
    ("stars", "en", "*Rating:* 5\n*Next time:* budgets", {"worthwhile": "5", "next": "budgets"}, OK),
    ("equals", "en", "Rating = 3\nShare = no", {"worthwhile": "3", "share": "no"}, OK),
    ("question marks", "en", "May we share it? No.\nHow worthwhile was it? 5", {"share": "no", "worthwhile": "5"}, OK),
    ("out of ten", "en", "Rating: 8/10\nNext time: budgets", {"next": "budgets"}, PARTIAL),
    ("out of range", "en", "Rating: 7\nNext time: budgets", {"next": "budgets"}, PARTIAL),
    ("two ratings", "en", "Rating: 4 or 5\nNext time: budgets", {"next": "budgets"}, PARTIAL),
    ("between", "en", "Rating: 3-4", {}, PARTIAL),
    ("half", "en", "Rating: 4,5", {}, PARTIAL),
    ("american date", "en", "Met on: 11/4\nRating: 4", {"met": "2026-11-04", "worthwhile": "4"}, OK),
    ("last tuesday", "en", "Met on: last Tuesday\nRating: 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("letzten dienstag", "de", "Getroffen am: letzten Dienstag\nBewertung: 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("mardi dernier", "fr", "Rencontre le : mardi dernier\nUtilité : 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("el martes pasado", "es", "Nos vimos el: el martes pasado\nValoración: 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("martedì scorso", "it", "Ci siamo visti il: martedì scorso\nValutazione: 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("afgelopen dinsdag", "nl", "Gesproken op: afgelopen dinsdag\nBeoordeling: 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("förra tisdagen", "sv", "Vi träffades den: i förrgår\nBetyg: 4", {"met": "2026-11-02", "worthwhile": "4"}, OK),
    ("ontem", "pt", "Encontro em: terça-feira passada\nAvaliação: 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("we wtorek", "pl", "Spotkanie w dniu: w zeszły wtorek\nOcena: 4", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("kinō", "ja", "会った日：昨日\n評価：４", {"met": "2026-11-03", "worthwhile": "4"}, OK),
    ("a day far off", "en", "Met on: 4 March\nRating: 4", {"worthwhile": "4"}, PARTIAL),
    ("label word first", "en", "From: the first minute it was clear that we would talk about money, nothing else.", {"talked": "From: the first minute it was clear that we would talk about money, nothing else."}, OK),
    ("tom wrote", "en", "On pricing, Tom wrote: keep it simple, and Priya agreed with him at once.", {"talked": "On pricing, Tom wrote: keep it simple, and Priya agreed with him at once."}, OK),
    ("from my desk", "en", "Sent from my desk is easier, I said, and she laughed about the old memo.", {"talked": "Sent from my desk is easier, I said, and she laughed about the old memo."}, OK),
    ("hyphens", "en", "Takeaways:\n- less slides\n- more questions\n- no phones", {"takeaways": "less slides\nmore questions\nno phones"}, OK),
    ("bullets", "de", "Vorsätze:\n• weniger Folien\n• mehr Fragen", {"change": "weniger Folien\nmehr Fragen"}, OK),
    ("a numbered list", "en", "Takeaways:\n1. less slides\n2. more questions\n\nRating: 4", {"takeaways": "less slides\nmore questions", "worthwhile": "4"}, OK),
    ("stars rated", "en", "★★★★☆", {"worthwhile": "4"}, OK),
    ("five stars", "en", "five stars", {"worthwhile": "5"}, OK),
    ("punkte", "de", "4 Punkte", {"worthwhile": "4"}, OK),
    ("range alone", "en", "3 - 4", {}, PARTIAL),
    ("not with names", "en", "Share: not with names", {}, PARTIAL),
    ("a wish to stop", "en", "Stop", {}, REVIEW),
    ("a pause", "de", "Bitte Pause", {}, REVIEW),
    ("later", "en", "Will do tomorrow", {}, EMPTY),
    ("später", "de", "Mache ich heute Abend", {}, EMPTY),
    ("a question", "en", "Who else will read this?", {}, REVIEW),
    ("thanks", "en", "Thanks!", {}, EMPTY),
    ("danke", "de", "Vielen Dank!", {}, EMPTY),
    ("german labels in english", "en", "Bewertung: 4\nThemen: Preise", {"worthwhile": "4", "talked": "Preise"}, OK),
    ("commas", "en", "Rating: 4, Share: no, Next time: pricing", {"worthwhile": "4", "share": "no", "next": "pricing"}, OK),
    ("spaces", "en", "Rating: 4 Share: anonymously Next time: pricing", {"worthwhile": "4", "share": "anonymously", "next": "pricing"}, OK),
    ("a label word in prose", "en", "One thing about the topics: they were many, and we finished none of them properly.", {"talked": "One thing about the topics: they were many, and we finished none of them properly."}, OK),
    ("rating without colon", "en", "Rating 4\nNext time: pricing", {"worthwhile": "4", "next": "pricing"}, OK),
    ("sentences", "fr", "Évaluation : 4. Prochaine fois : les prix. Partager : non.", {"worthwhile": "4", "next": "les prix", "share": "no"}, OK),
    ("a word and a number", "en", "Rating: four - worth every minute", {"worthwhile": "4"}, OK),
    ("yes is no choice", "en", "Share: yes", {}, PARTIAL),
    ("share with names", "en", "Share: yes, with names", {"share": "named"}, OK),
    ("capitals", "en", "RATING: 5\nTAKEAWAYS: ASK FIRST", {"worthwhile": "5", "takeaways": "ASK FIRST"}, OK),
    ("empty labels", "en", "Rating:\nTakeaways:\nNext time: pricing", {"next": "pricing"}, OK),
    ("dashes for nothing", "en", "Rating: -\nTakeaways: n/a\nNext time: pricing", {"next": "pricing"}, OK),
    ("times in text", "en", "Topics: we met at 10:30 and spoke of teams: hers and mine", {"talked": "we met at 10:30 and spoke of teams: hers and mine"}, OK),
    ("an address in text", "en", "Next time: see https://contoso.example/rating: the page she showed me", {"next": "see https://contoso.example/rating: the page she showed me"}, OK),
    ("cancelled", "fr", "La réunion a été annulée, nous avons reporté.", {}, OK),
    ("on a bench", "en", "We did not meet in the office but on a bench, and talked about prices.", {"talked": "We did not meet in the office but on a bench, and talked about prices."}, PARTIAL),
    ("a party", "en", "The summer party was cancelled, she said, and nobody minded at all.", {}, REVIEW),
    ("geplatzt", "de", "Ist leider geplatzt.", {}, OK),
    ("bonne semaine", "fr", "Merci, bonne semaine !", {}, EMPTY),
    ("erledigt", "de", "Erledigt.", {}, REVIEW),
    ("at least, in german", "de", "Bewertung: wenigstens 4\nNächstes Mal: Preise", {"next": "Preise"}, PARTIAL),
    ("a doubt", "en", "Rating: 4?\nNext time: pricing", {"next": "pricing"}, PARTIAL),
    ("a grade", "de", "Bewertung: Schulnote 1\nNächstes Mal: Preise", {"next": "Preise"}, PARTIAL),
    ("before a day", "en", "Met on: before 4 November\nRating: 4", {"worthwhile": "4"}, PARTIAL),
    ("first names", "en", "Share: with first names only\nRating: 4", {"worthwhile": "4"}, PARTIAL),
    ("on leave", "en", "I am on annual leave until 30 November and will read your mail after it.", {}, REVIEW),
    ("full width", "ja", "話した内容：価格。評価：5。共有：匿名で", {"talked": "価格", "worthwhile": "5", "share": "anonymously"}, OK),
]  # fmt: skip
_NOT_HELD = {"cancelled", "geplatzt"}
_WRITTEN = ("en", "de", "fr")


def oddities() -> list[Row]:
    """The rows, each through another program."""
    programs = cycle(CLIENTS.values())
    found = []
    for name, language, typed, answers, status in _TYPED:
        build = next(programs)
        reply = Reply(name, language if language in _WRITTEN else "en", typed)
        raw = build(reply, TONGUES[language])
        text = own_text(reply, below=build is thunderbird_below)
        held = name not in _NOT_HELD
        found.append(Row(f"odd / {name}", raw, language, text, answers, status, held=held))
    return found + _shapes() + _no_person()


_QUOTE = "\n".join(f"> {line}".rstrip() for line in letter("en").text.splitlines())
_HEAD = f"On Tue, 3 Nov 2026 at 14:05, {MAILBOX_NAME} <{REPLY_TO}> wrote:"
_PROSE = "We spoke about budgets and about who decides on them in the end."


def _plain(text: str, **headers: str) -> bytes:
    mail = message(**headers)
    mail.set_content(text)
    return mail.as_bytes()


def _html(content: str) -> bytes:
    mail = message()
    mail.set_content(content, subtype="html")
    return mail.as_bytes()


def _shapes() -> list[Row]:
    """Mails whose shape is the difficulty."""
    red = letter("en").html.replace(":</p>", ': <span style="color:red">budgets</span></p>', 2)
    first, second = red.split('<span style="color:red">budgets</span>', 1)
    inside_html = (first + second)[(first + second).index('<div class="letter"') :]
    forwarded = "From: Tom Berg <tom.berg@contoso.example>\nSent: Monday\nTo: Margaret Okafor\nSubject: numbers\n\nRating: 1\nTakeaways: none of this is hers\n"
    said = {"talked": _PROSE}
    label = "What we talked about (two or three lines):"
    return [
        Row("shape / signature, then answers inside", _plain(f"See below.\n\nKind regards,\nMargaret\n\n{_HEAD}\n" + _QUOTE.replace(f"> {label}", f"> {label} budgets")), "en", f"See below.\n\n{label} budgets", {"talked": "budgets"}),
        Row("shape / red answers without any mark", _html(f"<p>In red.</p>{inside_html}"), "en", f"In red. {label} budgets", {"talked": "budgets"}),
        Row("shape / a third person's mail below", _plain(f"{_PROSE}\n\n{forwarded}"), "en", _PROSE, said),
        Row("shape / unmarked answers below the quoted label", _plain(f"{_HEAD}\n\n{_QUOTE}".replace(f"> {label}", f"> {label}\n\nbudgets\n")), "en", f"{label} budgets", {"talked": "budgets"}),
        Row("shape / #private", _plain(f"{_PROSE}\n\n#private Tom is leaving, do not tell.\n\n{_HEAD}\n{_QUOTE}"), "en", _PROSE, said),
        Row("shape / banner above", _plain(f"[EXTERNAL]\n\n{_PROSE}\n\n{_HEAD}\n{_QUOTE}"), "en", _PROSE, said),
        Row("shape / name alone below", _plain(f"{_PROSE}\n\nMargaret\n\n{_HEAD}\n{_QUOTE}"), "en", _PROSE, said),
        Row("shape / best, m.", _plain(f"{_PROSE}\n\nBest,\nM.\n\n{_HEAD}\n{_QUOTE}"), "en", _PROSE, said),
        Row("shape / no quote at all", _plain(f"{_PROSE}\n"), "en", _PROSE, said),
        Row("shape / zero-width", _plain(f"\u200bRa\u00adting:\u00a04\n\n{_HEAD}\n{_QUOTE}"), "en", "Rating: 4", {"worthwhile": "4"}),
        Row("shape / the whole letter copied on top", _plain(f"{letter('en').text}\n\n{_HEAD}\n{_QUOTE}"), "en", "", {}, EMPTY),
        Row("shape / tom's answers quoted", _plain(f"{_PROSE}\n\nOn Mon, 2 Nov 2026 at 09:00, Tom Berg <tom@contoso.example> wrote:\n> Rating: 1\n> Share: yes, with names\n"), "en", _PROSE, said),
        Row("shape / disclaimer", _plain(f"{_PROSE}\n\nThis e-mail is confidential and intended for the named recipient only. If you are not the intended recipient please delete it.\n\n{_HEAD}\n{_QUOTE}"), "en", _PROSE, said),
        Row("shape / two dashes in prose", _plain(f"Topics: money -- hers and mine\n\n{_HEAD}\n{_QUOTE}"), "en", "Topics: money -- hers and mine", {"talked": "money -- hers and mine"}),
        Row("shape / attribution in three lines", _plain(f"{_PROSE}\n\nOn Tue, 3 Nov 2026 at 14:05,\n{MAILBOX_NAME}\n<{REPLY_TO}> wrote:\n{_QUOTE}"), "en", _PROSE, said),
        Row("shape / both above and inside, the same", _plain(f"Rating: 4\n\n{_HEAD}\n" + _QUOTE.replace("(5 is best):", "(5 is best): 4")), "en", "Rating: 4 How worthwhile it was (1-5) (5 is best): 4", {"worthwhile": "4"}),
        Row("shape / both above and inside, different", _plain(f"Rating: 4\n\n{_HEAD}\n" + _QUOTE.replace("(5 is best):", "(5 is best): 2")), "en", "Rating: 4 How worthwhile it was (1-5) (5 is best): 2", {}, PARTIAL),
        Row("shape / token in capitals", _plain(f"{_PROSE}\n", To=REPLY_TO.upper(), In_Reply_To="<x@y>", References="<x@y>"), "en", _PROSE, said),
        Row("shape / thread only", _plain(f"{_PROSE}\n", To=MAILBOX), "en", _PROSE, said),
        Row("shape / neither token nor thread", _plain(f"{_PROSE}\n", To=MAILBOX, In_Reply_To="<x@y>", References="<x@y>"), "en", _PROSE, {}, REVIEW, matter=False),
        Row("shape / a stranger", _plain(f"{_PROSE}\n", From="Mallory <mallory@fabrikam.example>"), "en", _PROSE, {}, REVIEW, author=None),
    ]  # fmt: skip


def _no_person() -> list[Row]:
    """Mail that programs wrote."""
    away = {"Auto_Submitted": "auto-replied"}
    quoting = "I am out of the office. For urgent matters call Tom.\n"
    return [
        Row("auto / out of office", _plain(quoting, subject="Automatic reply: x", **away), "en", quoting, {}, IGNORED, MailKind.AUTO_REPLY),
        Row("auto / abwesend", _plain("Ich bin nicht im Büro.\n", subject="Abwesenheitsnotiz: x", **away), "de", "Ich bin nicht im Büro.", {}, IGNORED, MailKind.AUTO_REPLY),
        Row("auto / absent", _plain("Je suis absente du bureau.\n", subject="Réponse automatique : x", **away), "fr", "Je suis absente du bureau.", {}, IGNORED, MailKind.AUTO_REPLY),
        Row("auto / quoting our form", _plain(f"{quoting}\n{_HEAD}\n{_QUOTE}", X_Autoreply="yes", subject="Out of office"), "en", quoting, {}, IGNORED, MailKind.AUTO_REPLY),
        Row("auto / no such user", delivery_report(), "en", "", {}, REVIEW, MailKind.BOUNCE, author=None),
        Row("auto / a list", _plain("Weekly news for everybody.\n", List_Id="<news.contoso.example>", Precedence="bulk"), "en", "", {}, IGNORED, MailKind.BULK, matter=False),
        Row("person / submitted by nobody automatic", _plain(f"{_PROSE}\n", Auto_Submitted="no"), "en", _PROSE, {"talked": _PROSE}),
        Row("person / asks for no auto-replies", _plain(f"{_PROSE}\n", X_Auto_Response_Suppress="All"), "en", _PROSE, {"talked": _PROSE}),
    ]  # fmt: skip
