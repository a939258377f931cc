"""Words that mail programs put in front of a colon above a quoted mail.

A line "Datum: …" in a reply is taken for such a header, by programs and by readers of replies.
The words are those of Outlook, Apple Mail, Thunderbird and Gmail, in their languages.
"""

import unicodedata

_HEADER_WORDS = """
en: From|To|Cc|Bcc|Sent|Date|Subject|Reply-To|Reply to|Attachments|Importance|Priority|Received
de: Von|An|Gesendet|Datum|Betreff|Antwort an|Antwort|Anlagen|Anhänge|Wichtigkeit|Kopie|Blindkopie
fr: De|À|A|Envoyé|Date|Objet|Sujet|Répondre à|Pièces jointes|Copie|Copie à|Importance|Pour
es: De|Para|Enviado|Enviado el|Fecha|Asunto|Responder a|Adjuntos|Datos adjuntos|CCO|Importancia
pt: De|Para|Enviado|Enviado em|Enviada em|Enviada|Data|Assunto|Responder a|Anexos|Importância
it: Da|A|Inviato|Inviato il|Data|Oggetto|Rispondi a|Allegati|Priorità|Per conoscenza|Ccn
nl: Van|Aan|Verzonden|Datum|Onderwerp|Antwoord aan|Bijlagen|Urgentie
sv: Från|Till|Skickat|Skickad|Datum|Ämne|Kopia|Svar till|Bifogade filer|Prioritet
da: Fra|Til|Sendt|Dato|Emne|Svar til|Vedhæftede filer
nb: Fra|Til|Sendt|Dato|Emne|Kopi|Svar til|Vedlegg
fi: Lähettäjä|Vastaanottaja|Lähetetty|Päiväys|Päivämäärä|Aihe|Kopio
pl: Od|Do|Wysłano|Wysłane|Data|Temat|DW|UDW|DO|Odpowiedz do|Załączniki|Ważność
cs: Od|Komu|Odesláno|Datum|Předmět|Kopie|Pro
sk: Od|Komu|Odoslané|Dátum|Predmet|Kópia
hu: Feladó|Címzett|Elküldve|Dátum|Tárgy|Másolat
ro: De la|Către|Trimis|Data|Subiect
tr: Kimden|Kime|Gönderen|Gönderildi|Gönderilen|Tarih|Konu|Bilgi
ru: От|От кого|Кому|Отправлено|Дата|Тема|Копия
uk: Від|Кому|Надіслано|Дата|Тема|Копія
el: Από|Προς|Στάλθηκε|Ημερομηνία|Θέμα|Κοιν
he: מאת|אל|נשלח|תאריך|נושא|עותק
ar: من|إلى|تاريخ الإرسال|التاريخ|الموضوع|نسخة
ja: 差出人|From|宛先|送信日時|日付|日時|件名|題名|返信先|送信者
zh: 发件人|寄件者|寄件人|收件人|收件者|发送时间|寄件日期|日期|时间|主题|主旨|抄送|副本
ko: 보낸 사람|보낸사람|받는 사람|받는사람|보낸 날짜|날짜|제목|참조
"""


def folded(name: str) -> str:
    """Return a name so that spellings of it compare equal: case, width, spaces, end marks."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(text.split()).strip(" .:?!*")


def is_header_word(name: str) -> bool:
    """Return whether a line that begins with this name and a colon looks like a mail header."""
    return folded(name) in _FOLDED


_FOLDED = frozenset(
    folded(word)
    for line in _HEADER_WORDS.strip().splitlines()
    for word in line.partition(":")[2].split("|")
)
