"""Words that mail programs write around people's words, by language; the only such lists.

They come second: our own address and name find most quotes in any language. Everything is
lower case; lists are alternatives, written with "|".
"""

import re


def _any_of(*lists: str) -> str:
    return "|".join("|".join(part.strip() for part in text.split("|")) for text in lists)


# "On … wrote:" The verb that ends, or nearly ends, the line above a quote.
_ATTRIBUTION_VERB = re.compile(
    r"(?:\b(?:"
    + _any_of(
        "wrote|writes|said|schrieb|hat geschrieben|geschrieben|a écrit|a ecrit|écrit|escribió|escribio",
        "ha escrito|escreveu|ha scritto|scrisse|schreef|geschreven|heeft geschreven|skrev|har skrevet",
        "kirjoitti|napisał|napisała|napisał\\(a\\)|pisze|napsal|napsala|napísal|írta|ezt írta|a scris|yazdı",
        "şunlar[ıi] yazd[ıi]|написал|написала|пише|написав|έγραψε",
    )
    + r")\b|さんは書きました|のメール|写道|寫道|작성)"
)
# The words such a line begins with.
ATTRIBUTION_START = re.compile(
    r"(?:"
    + _any_of("on|am|le|el|il|op|em|den|på|w dniu|dne|a|at|il giorno|em|ter|vào|on the")
    + r")\s"
    r"(?=.{0,30}\d)|\d{4}[-/年.]|\d{1,2}[./]\d{1,2}[./]\d{2,4}",
    re.IGNORECASE,
)


def attribution_verb(text: str) -> tuple[int, int] | None:
    """Return how many characters stand before and behind the first such verb, None without one."""
    lower = text.lower()  # six times faster than to ignore the case
    verb = _ATTRIBUTION_VERB.search(lower)
    return (verb.start(), len(lower) - verb.end()) if verb else None


# An attribution that follows our correspondent's words on the same line.
ATTRIBUTION_WITHIN = re.compile(
    r"(?<=[^\s-])(?:\s*-{2,})?\s+"
    r"(?=(?:On|Am|Le|El|Il|Op|Em|Den|W dniu)\s(?:\w{2,12}[.,]?\s){0,2}\d{1,2}\b)"
)
SEPARATOR = re.compile(
    r"[-_*=— ]{2,}\s*(?:"
    + _any_of(
        "original|original message|original appointment|forwarded message|forwarded by .{0,60}|reply message",
        "ursprüngliche nachricht|ursprüngliche mail|mail original|originalnachricht|ursprünglicher termin|weitergeleitete nachricht",
        "message d'origine|message d’origine|message original|message transféré|mensaje original|mensaje reenviado",
        "mensagem original|mensagem encaminhada|messaggio originale|messaggio inoltrato",
        "oorspronkelijk bericht|doorgestuurd bericht|originalmeddelande|ursprungligt meddelande|vidarebefordrat meddelande",
        "oprindelig meddelelse|oprindelig besked|videresendt besked|opprinnelig melding|videresendt melding",
        "alkuperäinen viesti|wiadomość oryginalna",
        "oryginalna wiadomość|původní zpráva|eredeti üzenet|mesaj original|orijinal mesaj|исходное сообщение",
        "元のメッセージ|転送メッセージ|原始邮件|原始郵件|원본 메일|원본 메시지",
    )
    + r")\s*[-_*=— ]*",
    re.IGNORECASE,
)
RULE = re.compile(r"[_\u2500\u2501]{10,}")
FORWARD_START = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)"
    r"|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht)\s*:?",
    re.IGNORECASE,
)
# Labels of the sender's line in a block of headers above a quote.
FROM_LABELS = frozenset(
    _any_of(
        "from|von|de|da|van|från|fra|lähettäjä|od|feladó|de la|kimden|gönderen|от|від|από",
        "差出人|送信者|发件人|寄件者|寄件人|보낸 사람|מאת|من",
    ).split("|")
)

# Lines a phone or an app puts under a mail, as a whole line.
MOBILE_SIGNATURE = re.compile(
    r"(?:"
    r"sent (?:from|via|with|using) (?:my )?(?:iphone|ipad|apple watch|android|samsung|galaxy|huawei|pixel|blackberry"
    r"|mobile|phone|smartphone|tablet|outlook|mail|yahoo|gmail|proton|hey|spark|superhuman|windows|nokia|xiaomi"
    r"|fairphone|web\.de|gmx|aol|tutanota|airmail|thunderbird)\b.{0,60}"
    r"|sent from my(?: [^\s.,;:!?]+){1,5}"
    r"|(?:get|hol(?:en sie sich)?|obtenez|télécharger|obtener|obtén|ottieni|download|scarica|haal)\s.{0,20}outlook\b.{0,80}"
    r"|(?:gesendet|verschickt|versendet)\s(?:von|mit|über|aus)\s.{3,60}|von meinem .{2,40}(?:gesendet|geschickt)"
    r"|(?:obter|hämta|pobierz|скачать|скачайте|загрузите|获取|下載|下载)\s?.{0,20}outlook\b.{0,80}"
    r"|outlook (?:voor|für|for) (?:ios|android) (?:downloaden|herunterladen|laden).{0,60}"
    r"|(?:ios|android) ?(?:版 ?outlook|için outlook).{0,80}"
    r"|envoy[ée]e?\s(?:de(?:puis)?|à partir de|avec|via)\s.{3,60}|enviado (?:desde|do|a partir do|con|com|via)\s.{3,60}"
    r"|.{2,30}(?:ımdan|imdan|umdan|ümdan|den|dan) gönderildi|verstuurd (?:vanaf|met|via|vanuit)\s.{3,60}"
    r"|inviato (?:da|dal|con|tramite)\s.{3,60}|verzonden (?:vanaf|met|via|vanuit)\s.{3,60}"
    r"|skickat (?:från|med)\s.{3,60}|sendt fra\s.{3,60}|wysłane? z\s.{3,60}|lähetetty\s.{3,60}"
    r"|отправлено (?:с|из)\s.{3,60}|iphone ?から送信.{0,20}|发自我的.{2,20}"
    r")",
    re.IGNORECASE,
)
_NOT_A_DEVICE = re.compile(r"\b(?:is|was|ist|war|est|es|so|but|and)\b", re.IGNORECASE)


# Somebody's own joke on it, which goes on after a comma: the last line of a mail only.
_A_SENTENCE = re.compile(r"\b(?:is|was|are|were|has|had|it|i|we|she|he|so|but)\b", re.IGNORECASE)
_OWN_SIGNATURE = re.compile(r"sent from my [^.;:!?]{2,60}[.!]?", re.IGNORECASE)


def is_mobile_signature(line: str, *, last: bool = False) -> bool:
    """Return whether a line is an app's signature; "Sent from my desk is easier" is a sentence."""
    if MOBILE_SIGNATURE.fullmatch(line) and not _NOT_A_DEVICE.search(line):
        return True
    return last and bool(_OWN_SIGNATURE.fullmatch(line)) and not _A_SENTENCE.search(line)


# Closing words, as a whole line up to a comma. Thanks close a mail only above a name.
SIGN_OFF = re.compile(
    r"(?:(?:with|mit|avec)\s)?(?:"
    + _any_of(
        "best|all the best|best wishes|warm wishes|kind regards|warm regards|warmest regards|best regards|regards",
        "have a (?:good|great|nice|lovely) (?:day|week|weekend|evening)|enjoy your (?:day|weekend|evening)|you too",
        "many regards|cheers|sincerely|yours|yours sincerely|sincerely yours|yours truly|take care|talk soon|speak soon|rgds|br|kr",
        "viele grüße|viele gruesse|viele grüsse|liebe grüße|liebe grüsse|beste grüße|beste grüsse|herzliche grüße",
        "freundliche grüße|freundlichen grüßen|freundlichen gruessen|freundlichen grüssen|freundliche grüsse",
        "schöne grüße|grüße|gruß|lg|vg|mfg|bis bald|besten gruß|herzlichst|herzlich|viele grüße aus .{2,30}|hochachtungsvoll",
        "schönes wochenende|schönen (?:tag noch|abend(?: noch)?)|schöne woche|gleichfalls|ebenso",
        "bon week-end|bonne semaine|bonne fin de journée|buen fin de semana|bom fim de semana",
        "buona giornata|buon fine settimana|buon weekend|fijn weekend|fijne dag|prettig weekend",
        "trevlig helg|ha en bra dag|ha det bra|miłego dnia|miłego weekendu|dobrego dnia",
        "cordialement|bien cordialement|bien à vous|bien à toi|amicalement|cdlt|meilleures salutations",
        "salutations distinguées|sincères salutations|bonne journée|bonne soirée|à bientôt|sincèrement",
        "um abraço|um grande abraço|com os melhores cumprimentos|cordialmente|cordialement vôtre|distinti saluti",
        "un saludo|saludos|saludos cordiales|un cordial saludo|atentamente|un abrazo|abrazo",
        "atenciosamente|cumprimentos|melhores cumprimentos|com os melhores cumprimentos|abraço|abraços|abs",
        "cordiali saluti|un cordiale saluto|saluti|distinti saluti|a presto|un saluto",
        "met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|groet|groeten|groetjes|mvg|hartelijke groet|hartelijke groeten|hartelijk groetend|hoogachtend",
        "med vänliga hälsningar|med vänlig hälsning|vänlig hälsning|bästa hälsningar|vänliga hälsningar|mvh|hälsningar|med venlig hilsen|venlig hilsen|hilsen|vennlig hilsen",
        "saygılarımla|saygılar|sevgiler|iyi günler|selamlar|此致|敬礼|祝好|谢谢|顺祝商祺|с уважением|всего доброго|с наилучшими пожеланиями",
        "pozdrawiam|z poważaniem|serdecznie pozdrawiam|pozdrowienia|z wyrazami szacunku|łączę pozdrowienia|敬具|以上",
        "(?:以上、?)?(?:どうぞ|何卒)?(?:よろしく|宜しく)お願い(?:します|いたします|致します|申し上げます)",
    )
    + r")",
    re.IGNORECASE,
)
THANKS = re.compile(
    r"(?:"
    + _any_of(
        "thanks|thank you|thanks a lot|many thanks|thank you very much|thank you so much|thx|ty|great, thanks|ok|okay",
        "great|perfect|noted|got it|received|all good|all well|looks good|sounds good|fine|cheers|thanks again",
        "danke|vielen dank|danke schön|dankeschön|besten dank|herzlichen dank|super|super, danke|passt|alles klar|perfekt",
        "danke dir|danke euch|danke ihnen|prima",
        "(?:thanks|thank you) for (?:organi[sz]ing(?: (?:this|it|that))?|asking|the (?:reminder|mail)|your (?:mail|help|work))",
        "danke für die (?:erinnerung|mail|nachricht|organisation|nachfrage)|merci pour (?:le rappel|le message|l'organisation)",
        "merci|merci beaucoup|un grand merci|mille mercis|parfait|c'est noté|c’est noté|bien reçu|d'accord|merci bien",
        "gracias|muchas gracias|perfecto|recibido|vale|obrigado|obrigada|muito obrigado|muito obrigada|perfeito",
        "grazie|grazie mille|perfetto|ricevuto|va bene|bedankt|dank je|dank u|dank|dankjewel|dank je wel|dank u wel|prima, dank|hartelijk dank",
        "tack|tack så mycket|stort tack|tusen tack|dziękuję|dzięki|bardzo dziękuję|dziękuję bardzo|serdecznie dziękuję",
        "(?:どうも|誠に)?ありがとう(?:ございます|ございました)?|了解です|了解しました|承知しました|承知いたしました|かしこまりました",
    )
    + r")",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|servus|grüezi"
    r"|liebes?|lieber?|sehr geehrte[rs]?|bonjour|bonsoir|salut|chère?s?|cher|hola|buenos días|buenas tardes|estimad[oa]s?"
    r"|olá|oi|bom dia|boa tarde|caro|cara|ciao|buongiorno|salve|gentile|beste|goedemorgen|goedemiddag|hoi|dag"
    r"|hej|hejsan|god morgon|cześć|dzień dobry|witam|こんにちは|お世話になっております)\b[^.:;?]{0,40}[,!.]?",
    re.IGNORECASE,
)
CONFIDENTIAL = re.compile(
    r"confidential|privileged|vertraulich|confidentiel|confidencial|riservat[oie]|vertrouwelijk|konfidentiell|poufn",
    re.IGNORECASE,
)
ADDRESSEE = re.compile(
    r"intended|recipient|unauthori[sz]ed|empfänger|adressat|irrtümlich|destinataire|destinatari|ontvanger|bestemd|mottagare"
    r"|adresat|disclaimer",
    re.IGNORECASE,
)
# What the law wants below a company's mails. One of these is a word, two beside a number are not.
REGISTER = re.compile(
    r"\b(?:"
    + _any_of(
        "registered (?:office|in|number|no)|company (?:number|no|registration)|vat (?:no|number|reg|id)",
        "sitz(?: der gesellschaft)?:|registergericht|amtsgericht|handelsregister|hr[ab] ?\\d+|ust-?id(?:-?nr)?|steuernummer",
        "geschäftsführ(?:er|erin|ung):|vorstand:|aufsichtsrats?|siège social|rcs|siret|siren|capital de",
        "domicilio social|registro mercantil|cif|nif|sede social|nipc|cnpj|capital social",
        "sede legale|codice fiscale|partita iva|p\\.? ?iva|capitale sociale|kvk|btw-?(?:nr|nummer)|statutaire zetel",
        "org\\.? ?nr|organisationsnummer|styrelsens säte|krs|nip|regon|kapitał zakładowy",
    )
    + r")(?!\w)",
    re.IGNORECASE,
)
# What gateways write: warnings above mail from outside, assurances below it.
BANNER = re.compile(
    r"\[?(?:"
    r"(?:this|the) (?:e-?mail|message|mail)\b.{0,40}\b(?:scanned|checked)\b|virus-free\b|virenfrei\b"
    r"|diese (?:e-?mail|nachricht)\b.{0,40}\bgeprüft|(?:cet|ce) (?:e-?mail|courriel|message) a été (?:vérifié|analysé)|"
    r"(?:caution|warning|attention|achtung|vorsicht|external|extern|externe|security notice)\b\W.{0,40}"
    r"(?:external|outside|extern|außerhalb|extérieur|expéditeur|organi[sz]ation|sender|absender)"
    r"|external e-?mail\b|externe e-?mail\b|externer absender\b|email externe\b"
    r"|this (?:e-?mail|message) (?:originated|was sent|came) from (?:outside|an external)"
    r"|diese (?:e-?mail|nachricht) (?:stammt|kommt|wurde) von (?:einem externen|außerhalb)"
    r"|you don['’]t often get (?:e-?mail|mail) from|sie erhalten nicht (?:häufig|oft) (?:e-?mails?|mails?) von"
    r"|(?:vous n['’]obtenez|vous ne recevez) pas souvent"
    r")",
    re.IGNORECASE,
)
EXTERNAL_TAG = re.compile(r"\[(?:external|extern|ext|externe)\]", re.IGNORECASE)
