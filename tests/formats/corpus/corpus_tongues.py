"""What mail programs write around a quote, in thirteen languages, as their users see it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tongue:
    """The words of mail programs in one language.

    The attributions hold `{who}`. `labels` are those of sender, moment, recipient and subject;
    `moment` is when our letter was sent, at length.
    """

    gmail: str
    apple: str
    thunderbird: str
    labels: tuple[str, str, str, str]
    moment: str
    original: str
    phone: str
    outlook_app: str
    close: str


TONGUES = {
    "en": Tongue(
        "On Tue, 3 Nov 2026 at 14:05, {who} wrote:",
        "On 3 Nov 2026, at 14:05, {who} wrote:",
        "On 03/11/2026 14:05, {who} wrote:",
        ("From", "Sent", "To", "Subject"),
        "Tuesday, November 3, 2026 2:05 PM",
        "Original Message",
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Kind regards,",
    ),
    "de": Tongue(
        "Am Di., 3. Nov. 2026 um 14:05 Uhr schrieb {who}:",
        "Am 03.11.2026 um 14:05 schrieb {who}:",
        "Am 03.11.26 um 14:05 schrieb {who}:",
        ("Von", "Gesendet", "An", "Betreff"),
        "Dienstag, 3. November 2026 14:05",
        "Ursprüngliche Nachricht",
        "Von meinem iPhone gesendet",
        "Holen Sie sich Outlook für iOS<https://aka.ms/o0ukef>",
        "Viele Grüße",
    ),
    "fr": Tongue(
        "Le mar. 3 nov. 2026 à 14:05, {who} a écrit\u00a0:",
        "Le 3 nov. 2026 à 14:05, {who} a écrit :",
        "Le 03/11/2026 à 14:05, {who} a écrit\u00a0:",
        ("De", "Envoyé", "À", "Objet"),
        "mardi 3 novembre 2026 14:05",
        "Message d'origine",
        "Envoyé de mon iPhone",
        "Obtenez Outlook pour iOS<https://aka.ms/o0ukef>",
        "Bien cordialement,",
    ),
    "es": Tongue(
        "El mar, 3 nov 2026 a las 14:05, {who} escribió:",
        "El 3 nov 2026, a las 14:05, {who} escribió:",
        "El 3/11/26 a las 14:05, {who} escribió:",
        ("De", "Enviado", "Para", "Asunto"),
        "martes, 3 de noviembre de 2026 14:05",
        "Mensaje original",
        "Enviado desde mi iPhone",
        "Obtener Outlook para iOS<https://aka.ms/o0ukef>",
        "Un saludo,",
    ),
    "pt": Tongue(
        "{who} escreveu (terça, 3/11/2026 à(s) 14:05):",
        "No dia 3/11/2026, às 14:05, {who} escreveu:",
        "Em 03/11/2026 14:05, {who} escreveu:",
        ("De", "Enviada em", "Para", "Assunto"),
        "terça-feira, 3 de novembro de 2026 14:05",
        "Mensagem original",
        "Enviado do meu iPhone",
        "Obter o Outlook para iOS<https://aka.ms/o0ukef>",
        "Cumprimentos,",
    ),
    "it": Tongue(
        "Il giorno mar 3 nov 2026 alle ore 14:05 {who} ha scritto:",
        "Il giorno 3 nov 2026, alle ore 14:05, {who} ha scritto:",
        "Il 03/11/2026 14:05, {who} ha scritto:",
        ("Da", "Inviato", "A", "Oggetto"),
        "martedì 3 novembre 2026 14:05",
        "Messaggio originale",
        "Inviato da iPhone",
        "Ottieni Outlook per iOS<https://aka.ms/o0ukef>",
        "Cordiali saluti,",
    ),
    "nl": Tongue(
        "Op di 3 nov 2026 om 14:05 schreef {who}:",
        "Op 3 nov 2026, om 14:05 heeft {who} het volgende geschreven:",
        "Op 3-11-2026 om 14:05 schreef {who}:",
        ("Van", "Verzonden", "Aan", "Onderwerp"),
        "dinsdag 3 november 2026 14:05",
        "Oorspronkelijk bericht",
        "Verstuurd vanaf mijn iPhone",
        "Outlook voor iOS downloaden<https://aka.ms/o0ukef>",
        "Met vriendelijke groet,",
    ),
    "sv": Tongue(
        "Den tis 3 nov. 2026 kl 14:05 skrev {who}:",
        "3 nov. 2026 kl. 14:05 skrev {who}:",
        "Den 2026-11-03 kl. 14:05, skrev {who}:",
        ("Från", "Skickat", "Till", "Ämne"),
        "den 3 november 2026 14:05",
        "Ursprungligt meddelande",
        "Skickat från min iPhone",
        "Hämta Outlook för iOS<https://aka.ms/o0ukef>",
        "Vänliga hälsningar,",
    ),
    "pl": Tongue(
        "wt., 3 lis 2026 o 14:05 {who} napisał(a):",
        "Wiadomość napisana przez {who} w dniu 3 lis 2026, o godz. 14:05:",
        "W dniu 03.11.2026 o 14:05, {who} pisze:",
        ("Od", "Wysłano", "Do", "Temat"),
        "wtorek, 3 listopada 2026 14:05",
        "Wiadomość oryginalna",
        "Wysłane z iPhone'a",
        "Pobierz aplikację Outlook dla systemu iOS<https://aka.ms/o0ukef>",
        "Pozdrawiam,",
    ),
    "ja": Tongue(
        "2026年11月3日(火) 14:05 {who}:",
        "2026/11/03 14:05、{who}のメール:",
        "On 2026/11/03 14:05, {who} wrote:",
        ("差出人", "送信日時", "宛先", "件名"),
        "2026年11月3日火曜日 14:05",
        "元のメッセージ",
        "iPhoneから送信",
        "iOS 版 Outlook を入手<https://aka.ms/o0ukef>",
        "よろしくお願いいたします。",
    ),
    "tr": Tongue(
        "{who}, 3 Kas 2026 Sal, 14:05 tarihinde şunu yazdı:",
        "{who} şunları yazdı (3 Kas 2026 14:05):",
        "03.11.2026 14:05 tarihinde {who} yazdı:",
        ("Kimden", "Gönderildi", "Kime", "Konu"),
        "3 Kasım 2026 Salı 14:05",
        "Orijinal Mesaj",
        "iPhone'umdan gönderildi",
        "iOS için Outlook'u edinin<https://aka.ms/o0ukef>",
        "Saygılarımla,",
    ),
    "zh": Tongue(
        "{who} 于2026年11月3日周二 14:05写道：",
        "2026年11月3日 14:05，{who} 写道：",
        "在 2026/11/3 14:05, {who} 写道:",
        ("发件人", "发送时间", "收件人", "主题"),
        "2026年11月3日 14:05",
        "原始邮件",
        "发自我的iPhone",
        "获取 Outlook for iOS<https://aka.ms/o0ukef>",
        "此致",
    ),
    "ru": Tongue(
        "вт, 3 нояб. 2026 г. в 14:05, {who}:",
        "3 нояб. 2026 г., в 14:05, {who} написал(а):",
        "03.11.2026 14:05, {who} пишет:",
        ("От", "Отправлено", "Кому", "Тема"),
        "3 ноября 2026 г. 14:05",
        "Исходное сообщение",
        "Отправлено с iPhone",
        "Скачать Outlook для iOS<https://aka.ms/o0ukef>",
        "С уважением,",
    ),
}
