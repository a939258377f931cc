"""Sixty mails written last, in one go, before any of them was read: what first runs look like.

Shapes of fourteen programs drawn from memory, ten languages and three that nobody asked for.
"""

from collections.abc import Mapping
from html import escape

from corpus_rows import Row
from reply_corpus import MAILBOX_NAME, MARGARET, REPLY_TO, letter, message

from rmflow.domain.reading import MailKind, ReadingStatus

OK, PARTIAL, EMPTY, REVIEW = (
    ReadingStatus.OK,
    ReadingStatus.PARTIAL,
    ReadingStatus.EMPTY,
    ReadingStatus.REVIEW,
)
_WRITTEN = ("en", "de", "fr")
_Mail = tuple[str, str, str, str, Mapping[str, str], Mapping[str, str], ReadingStatus]
_US = f"{MAILBOX_NAME} <{REPLY_TO}>"
# The line above the quote, as these programs write it into a text.
_HEADS = {
    "roundcube": f"On 2026-11-03 14:05, {MAILBOX_NAME} wrote:",
    "mutt": f"On Tue, Nov 03, 2026 at 01:05:00PM +0000, {MAILBOX_NAME} wrote:",
    "k9": f"Am 3. November 2026 14:05:00 MEZ schrieb {_US}:",
    "yandex": f'03.11.2026, 14:05, "{MAILBOX_NAME}" <{REPLY_TO}>:',
    "proton phone": f"-------- Original Message --------\nOn 03/11/2026 14:05, {_US} wrote:",
    "em client": f'------ Originalnachricht ------\nVon "{MAILBOX_NAME}" <{REPLY_TO}>\nAn margaret.okafor@contoso.example\nDatum 03.11.2026 14:05:00\nBetreff How was your meeting',
    "zimbra": f"----- Mail original -----\nDe: {_US}\nÀ: margaret okafor <{MARGARET.address}>\nEnvoyé: Mardi 3 Novembre 2026 14:05:00\nObjet: Votre rencontre",
    "gmail app, es": f"El mar, 3 nov 2026 14:05, {_US} escribió:",
    "gmail app, pt": f"Em ter., 3 de nov. de 2026, 14:05, {_US} escreveu:",
    "gmail app, it": f"Il mar 3 nov 2026, 14:05 {_US} ha scritto:",
    "gmail app, nl": f"Op di 3 nov 2026 14:05 schreef {_US}:",
    "gmail app, sv": f"Den tis 3 nov. 2026 14:05 {_US} skrev:",
    "gmail app, pl": f"wt., 3 lis 2026, 14:05 użytkownik {_US} napisał:",
    "gmail app, ja": f"2026年11月3日(火) 14:05 {_US}:",
    "gmail app, da": f"tirs. 3. nov. 2026 14.05 skrev {_US}:",
    "gmail app, fi": f"ti 3.11.2026 klo 14.05 {_US} kirjoitti:",
    "gmail app, tr": f"3 Kas 2026 Sal 14:05 tarihinde {_US} şunu yazdı:",
}
_UNMARKED = ("em client", "zimbra")


def _typed_into(text: str, inside: Mapping[str, str], *, below: bool) -> str:
    for label, answer in inside.items():
        line = next(line for line in text.splitlines() if line.startswith(label))
        text = text.replace(line, f"{line}\n\n{answer}" if below else f"{line} {answer}")
    return text


def _text(program: str, locale: str, above: str, inside: Mapping[str, str]) -> bytes:
    """A plain reply: words, the head of the quote, our letter with answers in it."""
    ours = _typed_into(letter(locale).text, inside, below=program in ("mutt", "roundcube"))
    if program not in _UNMARKED:
        ours = "\n".join(f"> {line}".rstrip() for line in ours.splitlines())
    mail = message()
    mail.set_content(f"{above}\n\n{_HEADS[program]}\n\n{ours}\n")
    return mail.as_bytes()


def _page(program: str, locale: str, above: str, _: Mapping[str, str]) -> bytes:
    """A reply as a page, our letter whole below it."""
    html = letter(locale).html
    ours = html[html.index('<div class="letter"') : html.rindex("</body>")]
    lines = [escape(line) or "<br>" for line in above.splitlines()]
    us, name = escape(_US), MAILBOX_NAME
    match program:
        case "gmail android":
            said = "".join(f'<div dir="auto">{line}</div>' for line in lines)
            page = f'{said}<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, 3 Nov 2026, 14:05 {us} wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{ours}</blockquote></div>'
        case "outlook ios":
            said = "".join(f'<div dir="ltr">{line}</div>' for line in lines)
            page = f'<html><body>{said}<div id="ms-outlook-mobile-signature"><div><br></div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> {us}<br><b>Sent:</b> Tuesday, November 3, 2026 2:05:11 PM<br><b>To:</b> Margaret Okafor<br><b>Subject:</b> How was your meeting</font></div>{ours}</body></html>'
        case "outlook 365":
            said = "".join(f'<p class="MsoNormal">{line}<o:p></o:p></p>' for line in lines)
            page = f'<html><body><div class="WordSection1">{said}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div id="mail-editor-reference-message-container"><div><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal"><b>From:</b> {us}<br><b>Date:</b> Tuesday, 3 November 2026 at 14:05<br><b>To:</b> Margaret Okafor &lt;{MARGARET.address}&gt;<br><b>Subject:</b> How was your meeting<o:p></o:p></p></div>{ours}</div></div></div></div></body></html>'
        case "samsung":
            said = "".join(f'<p dir="ltr">{line}</p>' for line in lines)
            page = f'<html><body>{said}<div id="composer_signature" dir="auto"><div style="font-size:12px;color:#575757">Sent from my Galaxy</div></div><div><br></div><div style="font-size:100%;color:#000000"><!-- originalMessage --><div>-------- Original message --------</div><div>From: {us} </div><div>Date: 03/11/2026  14:05  (GMT+00:00) </div><div>To: margaret.okafor@contoso.example </div><div>Subject: How was your meeting </div><div><br></div></div>{ours}</body></html>'
        case "iphone":
            said = "".join(f"<div>{line}</div>" for line in lines)
            page = f'<html><body dir="auto">{said}<div dir="ltr"><div><br></div><div>Sent from my iPhone</div></div><div dir="ltr"><br><blockquote type="cite">On 3 Nov 2026, at 14:05, {us} wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">{ours}</div></blockquote></body></html>'
        case _:  # thunderbird
            said = "".join(f"<p>{line}</p>" for line in lines)
            page = f'<html><body>{said}<div class="moz-cite-prefix">Am 03.11.26 um 14:05 schrieb {name}:<br></div><blockquote type="cite" cite="mid:x@contoso.example">{ours}</blockquote><div class="moz-signature">-- <br>Margaret Okafor</div></body></html>'
    mail = message()
    mail.set_content(page, subtype="html")
    return mail.as_bytes()


_EN_RATE, _DE_RATE, _FR_RATE = "How worthwhile", "Wie sehr es sich", "Cela en valait"
# name, program, language, words above, words inside by the beginning of the label, fields, status
_MAILS: tuple[_Mail, ...] = (
    ("a paragraph", "gmail android", "en", "Really good one. She showed me how her team plans a week without a single meeting.", {}, {"talked": "Really good one. She showed me how her team plans a week without a single meeting."}, OK),
    ("a rating in a sentence", "roundcube", "en", "We compared how we each prepare for a board call. I'd give it a 4 out of 5.", {}, {"talked": "We compared how we each prepare for a board call. I'd give it a 4 out of 5."}, PARTIAL),
    ("a rating from me", "iphone", "en", "Quick one from the train: we went through her onboarding notes together. 5/5 from me", {}, {"talked": "Quick one from the train: we went through her onboarding notes together. 5/5 from me"}, PARTIAL),
    ("short labels, dashes", "outlook 365", "en", "Topics - search, and why ours is bad\nTakeaways - ask three users\nRating - 4", {}, {"talked": "search, and why ours is bad", "takeaways": "ask three users", "worthwhile": "4"}, OK),
    ("a table of her own", "outlook ios", "en", "Rating: 3\nTopics: remote work\nShare: no\n\nSorry for the brevity.", {}, {"worthwhile": "3", "talked": "remote work", "share": "no"}, OK),
    ("inside, next line", "mutt", "en", "", {"What we talked": "Pricing for students.", _EN_RATE: "5"}, {"talked": "Pricing for students.", "worthwhile": "5"}, OK),
    ("inside, same line", "proton phone", "en", "", {"What we talked": "The canteen, mostly.", "May we share": "with names"}, {"talked": "The canteen, mostly.", "share": "named"}, OK),
    ("did not meet", "samsung", "en", "We didn't meet, she was ill. New date to follow.", {}, {}, OK),
    ("only a number", "gmail android", "en", "4", {}, {"worthwhile": "4"}, OK),
    ("half a number", "roundcube", "en", "Rating: 4.5", {}, {}, PARTIAL),
    ("two numbers", "iphone", "en", "Rating: 3 or 4", {}, {}, PARTIAL),
    ("an old rating told", "outlook 365", "en", "Last month I gave it a 2 out of 5, this time was far better: we rewrote a job advert together.", {}, {"talked": "Last month I gave it a 2 out of 5, this time was far better: we rewrote a job advert together."}, PARTIAL),
    ("somebody else's rating", "mutt", "en", "Priya would give our intranet 2 out of 5 and I could not disagree with any of it.", {}, {"talked": "Priya would give our intranet 2 out of 5 and I could not disagree with any of it."}, PARTIAL),
    ("an assistant's signature", "proton phone", "en", "Topics: budgets\nRating: 4\n\nMargaret Okafor\nChief Operating Officer\nContoso Ltd, 1 High Street\nTel. +44 20 7946 0000", {}, {"talked": "budgets", "worthwhile": "4"}, OK),
    ("Absatz", "thunderbird", "de", "Wir haben ihr Notizbuch angesehen und überlegt, was davon ins Team passt.", {}, {"talked": "Wir haben ihr Notizbuch angesehen und überlegt, was davon ins Team passt."}, OK),
    ("Note im Satz", "k9", "de", "Es ging um Podcasts und wie man sie im Alltag hört. Ich würde 4 von 5 geben.", {}, {"talked": "Es ging um Podcasts und wie man sie im Alltag hört. Ich würde 4 von 5 geben."}, PARTIAL),
    ("von mir 5/5", "em client", "de", "Sehr lebhaft, wir haben über Fehlerkultur gestritten. Von mir 5/5!", {}, {"talked": "Sehr lebhaft, wir haben über Fehlerkultur gestritten. Von mir 5/5!"}, PARTIAL),
    ("Stichworte", "k9", "de", "Themen: Feedback, Rückfragen\nMitgenommen:\n- kürzer schreiben\n- früher fragen\nBewertung: 4", {}, {"talked": "Feedback, Rückfragen", "takeaways": "kürzer schreiben\nfrüher fragen", "worthwhile": "4"}, OK),
    ("im Formular", "em client", "de", "", {"Worüber wir": "Ausbildung", _DE_RATE: "5"}, {"talked": "Ausbildung", "worthwhile": "5"}, OK),
    ("darunter", "roundcube", "de", "", {"Was mich überrascht": "Dass niemand das Wiki liest.", "Dürfen wir": "anonym"}, {"surprise": "Dass niemand das Wiki liest.", "share": "anonymously"}, OK),
    ("nicht getroffen", "thunderbird", "de", "Leider hat das Treffen nicht stattgefunden.", {}, {}, OK),
    ("Dank", "k9", "de", "Vielen Dank!", {}, {}, EMPTY),
    ("unterwegs", "k9", "de", "Besprochen: Umzug\nBewertung: 3\n\n-- \nDiese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.", {}, {"talked": "Umzug", "worthwhile": "3"}, OK),
    ("un paragraphe", "zimbra", "fr", "Nous avons passé en revue sa façon de lire ses courriels, dix minutes par jour.", {}, {"talked": "Nous avons passé en revue sa façon de lire ses courriels, dix minutes par jour."}, OK),
    ("note dans la phrase", "zimbra", "fr", "Bel échange sur le télétravail et ses limites. Je mets 4 sur 5.", {}, {"talked": "Bel échange sur le télétravail et ses limites. Je mets 4 sur 5.", "worthwhile": "4"}, OK),
    ("étiquettes", "outlook ios", "fr", "Thèmes : la relève\nÀ retenir : écouter\nPartager : oui, avec les noms", {}, {"talked": "la relève", "takeaways": "écouter", "share": "named"}, OK),
    ("dans le formulaire", "zimbra", "fr", "", {"Ce que je retiens": "Demander avant.", _FR_RATE: "5"}, {"takeaways": "Demander avant.", "worthwhile": "5"}, OK),
    ("pas vus", "iphone", "fr", "Nous ne nous sommes pas vus, Priya était souffrante.", {}, {}, OK),
    ("envoyé de", "zimbra", "fr", "Sujets abordés : les stages\n\nEnvoyé depuis mon Fairphone", {}, {"talked": "les stages"}, OK),
    ("un párrafo", "gmail app, es", "es", "Hablamos de cómo aprende a programar y de lo que le frena en la empresa.", {}, {"talked": "Hablamos de cómo aprende a programar y de lo que le frena en la empresa."}, OK),
    ("nota en la frase", "gmail app, es", "es", "Repasamos juntas el plan de formación de su equipo. Le doy un 4 de 5.", {}, {"talked": "Repasamos juntas el plan de formación de su equipo. Le doy un 4 de 5."}, PARTIAL),
    ("etiquetas", "gmail app, es", "es", "Temas tratados: becas\nIdeas clave: preguntar antes\nValoración: 5", {}, {"talked": "becas", "takeaways": "preguntar antes", "worthwhile": "5"}, OK),
    ("no nos vimos", "gmail app, es", "es", "No nos vimos, estaba de viaje.", {}, {}, OK),
    ("um parágrafo", "gmail app, pt", "pt", "Conversámos sobre a reunião de segunda e sobre quem lá não fala.", {}, {"talked": "Conversámos sobre a reunião de segunda e sobre quem lá não fala."}, OK),
    ("nota na frase", "gmail app, pt", "pt", "Vimos como ela organiza o dia e o que deixa de fora. Dou 4 em 5.", {}, {"talked": "Vimos como ela organiza o dia e o que deixa de fora. Dou 4 em 5."}, PARTIAL),
    ("rótulos", "gmail app, pt", "pt", "Assuntos tratados: estágios\nAvaliação: 5\nPartilhar: sem nomes", {}, {"talked": "estágios", "worthwhile": "5", "share": "anonymously"}, OK),
    ("un paragrafo", "gmail app, it", "it", "Abbiamo guardato insieme come usa il telefono per lavorare in viaggio.", {}, {"talked": "Abbiamo guardato insieme come usa il telefono per lavorare in viaggio."}, OK),
    ("voto nella frase", "gmail app, it", "it", "Mi ha mostrato come prepara una riunione in un quarto d'ora. Darei 5 su 5.", {}, {"talked": "Mi ha mostrato come prepara una riunione in un quarto d'ora. Darei 5 su 5."}, PARTIAL),
    ("etichette", "gmail app, it", "it", "Argomenti: turni\nPunti chiave: chiedere prima\nVoto: 3", {}, {"talked": "turni", "takeaways": "chiedere prima", "worthwhile": "3"}, OK),
    ("non visti", "gmail app, it", "it", "Non ci siamo visti questa volta, rimandato a dicembre.", {}, {}, OK),
    ("een alinea", "gmail app, nl", "nl", "We hebben haar manier van vergaderen bekeken en die van mij ernaast gelegd.", {}, {"talked": "We hebben haar manier van vergaderen bekeken en die van mij ernaast gelegd."}, OK),
    ("cijfer in de zin", "gmail app, nl", "nl", "Mooi gesprek over thuiswerken en over wat dat met een team doet. Ik geef het een 4 van de 5.", {}, {"talked": "Mooi gesprek over thuiswerken en over wat dat met een team doet. Ik geef het een 4 van de 5.", "worthwhile": "4"}, OK),
    ("kopjes", "gmail app, nl", "nl", "Besproken: stages\nInzichten: eerder vragen\nCijfer: 4", {}, {"talked": "stages", "takeaways": "eerder vragen", "worthwhile": "4"}, OK),
    ("in het formulier", "gmail app, nl", "nl", "", {"What we talked": "Over stages.", _EN_RATE: "4"}, {"talked": "Over stages.", "worthwhile": "4"}, OK),
    ("ett stycke", "gmail app, sv", "sv", "Vi gick igenom hur hon väljer verktyg och varför hon säger nej så ofta.", {}, {"talked": "Vi gick igenom hur hon väljer verktyg och varför hon säger nej så ofta."}, OK),
    ("betyg i meningen", "gmail app, sv", "sv", "Vi jämförde våra kalendrar och strök tre möten var. Jag ger det 4 av 5.", {}, {"talked": "Vi jämförde våra kalendrar och strök tre möten var. Jag ger det 4 av 5."}, PARTIAL),
    ("rubriker", "gmail app, sv", "sv", "Samtalsämnen: praktik\nBetyg: 5\n\nSkickat från min Galaxy", {}, {"talked": "praktik", "worthwhile": "5"}, OK),
    ("akapit", "gmail app, pl", "pl", "Pokazała mi, jak jej zespół planuje tydzień bez ani jednego zebrania.", {}, {"talked": "Pokazała mi, jak jej zespół planuje tydzień bez ani jednego zebrania."}, OK),
    ("ocena w zdaniu", "gmail app, pl", "pl", "Rozmawialiśmy o stażach i o tym, kto na nich zostaje. Daję 4 na 5.", {}, {"talked": "Rozmawialiśmy o stażach i o tym, kto na nich zostaje. Daję 4 na 5."}, PARTIAL),
    ("etykiety", "gmail app, pl", "pl", "Tematy rozmowy: staże\nOcena: 5", {}, {"talked": "staże", "worthwhile": "5"}, OK),
    ("段落", "gmail app, ja", "ja", "彼女のチームが会議なしで一週間を計画する方法を見せてもらいました。", {}, {"talked": "彼女のチームが会議なしで一週間を計画する方法を見せてもらいました。"}, OK),
    ("ラベル", "gmail app, ja", "ja", "話した内容：研修\n評価：4", {}, {"talked": "研修", "worthwhile": "4"}, OK),
    ("記入欄", "gmail app, ja", "ja", "", {"What we talked": "新人研修について話しました。"}, {"talked": "新人研修について話しました。"}, OK),
    ("et afsnit", "gmail app, da", "da", "Vi så på hendes måde at holde møder på, og hvorfor den er kortere end min.", {}, {"talked": "Vi så på hendes måde at holde møder på, og hvorfor den er kortere end min."}, OK),
    ("kappale", "gmail app, fi", "fi", "Kävimme läpi, miten hänen tiiminsä suunnittelee viikon ilman kokouksia.", {}, {"talked": "Kävimme läpi, miten hänen tiiminsä suunnittelee viikon ilman kokouksia."}, OK),
    ("bir paragraf", "gmail app, tr", "tr", "Toplantısız bir haftayı nasıl planladıklarını birlikte inceledik ve çok şey öğrendim.", {}, {"talked": "Toplantısız bir haftayı nasıl planladıklarını birlikte inceledik ve çok şey öğrendim."}, OK),
    ("a russian client", "yandex", "en", "Topics: hiring\nRating: 5", {}, {"talked": "hiring", "worthwhile": "5"}, OK),
    ("a russian client, inside", "yandex", "en", "", {"Key takeaways": "Ask earlier.", _EN_RATE: "3"}, {"takeaways": "Ask earlier.", "worthwhile": "3"}, OK),
    ("a question back", "yandex", "en", "Who exactly will be able to see this?", {}, {}, REVIEW),
    ("sent from my kitchen table", "yandex", "en", "Topics: school meals\n\nSent from my kitchen table, with love and typos", {}, {"talked": "school meals"}, OK),
)  # fmt: skip
_NOT_HELD = {"did not meet", "nicht getroffen", "pas vus", "no nos vimos", "non visti"}
_CUT = (
    "\n\nSorry for",
    "\n\nMargaret Okafor",
    "\n\n-- ",
    "\n\nEnvoyé",
    "\n\nSkickat",
    "\n\nSent from",
)


def fresh() -> list[Row]:
    """The rows."""
    return [_row(mail) for mail in _MAILS]


def _row(mail: _Mail) -> Row:
    name, program, language, above, inside, answers, status = mail
    locale = language if language in _WRITTEN else "en"
    raw = (_text if program in _HEADS else _page)(program, locale, above, inside)
    said = above
    for mark in _CUT[1:]:
        said = said.partition(mark)[0]
    typed = _typed_into(letter(locale).text, inside, below=False).splitlines()
    lines = [
        line
        for line in typed
        for answer in inside.values()
        if line.endswith(f" {answer}") and ":" in line and "Ref" not in line
    ]
    text = " ".join([said, *dict.fromkeys(lines)]).strip()
    held = name not in _NOT_HELD
    return Row(
        f"fresh / {program} / {name}",
        raw,
        language,
        text,
        answers,
        status,
        MailKind.HUMAN,
        held=held,
    )
