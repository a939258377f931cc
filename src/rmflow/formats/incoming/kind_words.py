"""Words by which a mail that no person wrote is known, by language; structure comes before them."""

import re

# Beginnings of subjects of automatic answers (clients' and servers' defaults).
AUTO_REPLY_SUBJECT = re.compile(
    r"(?:(?:re|aw|antw|sv|rif|ref|vs|odp)\s*:\s*)?\[?(?:"
    r"auto(?:matic|mated)?[ -]?(?:reply|response|answer|respond)|autoreply|auto:|out[ -]of[ -](?:the[ -])?office|ooo\b|oof\b"
    r"|(?:i am|i'm) (?:currently )?(?:away|out of|on (?:leave|vacation|holiday))|away from (?:the office|my (?:mail|desk))"
    r"|on (?:annual |parental |maternity )?leave\b|vacation (?:reply|notice|response)|on vacation\b|on holiday\b"
    r"|automatische (?:antwort|rückmeldung|antwoord)|autom\. antwort|abwesen(?:d|heit)\w*|abwesenheitsnotiz|nicht im (?:büro|haus)|außer haus"
    r"|(?:ich bin )?(?:im|in) urlaub\b|urlaubsvertretung"
    r"|réponse automatique|r[ée]ponse auto|message d['’]absence|absence du bureau|absent(?:e)? du bureau|en congé"
    r"|respuesta automática|fuera de (?:la )?oficina|ausencia de la oficina|resposta automática|fora do escritório|ausência"
    r"|risposta automatica|fuori (?:ufficio|sede)|assenza dall|automatisch antwoord|afwezig|niet op kantoor"
    r"|autosvar|automatiskt svar|automatisk svar|frånvaro|fravær|ikke på kontoret|automaattinen vastaus|poissa"
    r"|automatyczna odpowiedź|autoodpowiedź|nieobecność|poza biurem|automatická odpověď|mimo kancelář"
    r"|automatikus válasz|răspuns automat|otomatik yanıt|автоответ|автоматический ответ|нет на месте|αυτόματη απάντηση"
    r"|自動(?:応答|返信)|不在(?:通知|連絡|のお知らせ)?|自动(?:答复|回复)|自動(?:答覆|回覆)|자동 ?(?:회신|응답)|부재중|תשובה אוטומטית|رد تلقائي"
    r")",
    re.IGNORECASE,
)

# Addresses that mail servers write from, and what they call themselves when they give none.
DAEMON_SENDER = re.compile(
    r"(?:mailer[-_.]?d[ae]+mon|po+st[-_.]?master|mail[-_.]?d[ae]+mon|mdaemon|bounces?|mail[-_.]?delivery(?:[-_.](?:sub)?system)?"
    r"|microsoftexchange[0-9a-f]*|e500_smtp_mail_service)(?:[+-].*)?@",
    re.IGNORECASE,
)
DAEMON_NAME = re.compile(
    r"mailer-daemon\b|post_?master\b|mail deliver[yi]?\w* (?:sub)?system|system administrator|^\s*(?:\"[^\"]{0,80}\"\s*)?<>\s*$",
    re.IGNORECASE,
)
# In lower case: a search that ignores the case takes four times as long.
BOUNCE_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|(?:non-?|mail )?delivery (?:status notification|failure|problem|warning|error|has failed|incomplete|delayed)"
    r"|mail delivery (?:failed|system)|non-delivery|failure delivery|mail failed|mail not delivered|failed mail to|delayed mail"
    r"|(?:could not|cannot|can't|has not yet been|unable to be) (?:be )?delivered|message \S+ delayed|user unknown|error sending your mail"
    r"|processing error"
    r"|returned mail|failure notice|message (?:could not|was not) (?:be )?delivered|mail (?:system )?error|delivery report"
    r"|unzustellbar|nicht zugestellt|nicht zustellbar|zustellung fehlgeschlagen|rückläufer|non remis|échec de (?:la )?remise"
    r"|non distribu[ée]|no se puede entregar|error de entrega|não foi possível entregar|falha na entrega|mancata consegna"
    r"|non recapitabile|onbestelbaar|kan niet worden bezorgd|kunde inte levereras|nie można dostarczyć|niedostarczon"
    r"|не доставлен|не удалось доставить|メールエラー|投递失败|退信|配信不能|配信できません|未送信|无法送达|無法傳遞|배달되지"
)
# What servers write below such a subject: a code of SMTP or RFC 3463, or one of their sentences.
BOUNCE_PROSE = re.compile(
    r"(?<![\d.])[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|<?[\w.-]{1,64}@)|\b[45]\.\d{1,3}\.\d{1,3}\b"
    r"|user (?:is )?unknown|unknown user|no such (?:user|recipient|address|mailbox|account)|invalid user|not our customer"
    r"|(?:could|can)(?: ?not|n't) be (?:delivered|sent|reached|found)|(?:did|has) not reach|unable to deliver|not (?:yet )?(?:been )?delivered"
    r"|delivery (?:to the following|attempt|failed|errors?)|(?:failed|undeliverable) (?:addresses|recipients?)|permanent (?:fatal )?errors?"
    r"|(?:unable|failed) to (?:deliver|send)|trouble delivering|returned to (?:the )?sender|mailbox (?:is )?full|over quota|quota exceeded"
    r"|envelope expired|message (?:has been |was )?(?:blocked|rejected|refused)|retry timeout",
    re.IGNORECASE,
)
# Hotmail's complaints are no ARF. Apple Mail and Gmail write the other when one clicks on "Unsubscribe".
COMPLAINT_SUBJECT = re.compile(r"complaint about message from\b", re.IGNORECASE)
UNSUBSCRIBE_SUBJECT = re.compile(r"unsubscribe\s*$", re.IGNORECASE)
