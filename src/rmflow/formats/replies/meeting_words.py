"""Words by which people say whether a meeting took place, by language; all lower case.

They are compared without accents.
"""

from rmflow.formats.replies.words import Words, unaccented, words


def _set(*texts: str) -> frozenset[str]:
    """Return the words, as they are written and without accents."""
    said = [word for text in texts for word in text.split()]
    return frozenset((*said, *map(unaccented, said)))


def _phrases(*texts: str) -> tuple[Words, ...]:
    return tuple(words(phrase) for text in texts for phrase in text.split("|"))


# The meeting itself.
MEETING = _set(
    "meeting session conversation chat treffen gespräch termin austausch rencontre échange l'échange réunion",
    "reunión encuentro charla conversación reunião encontro conversa incontro riunione",
    "colloquio all'incontro gesprek ontmoeting samtal samtalet möte mötet spotkanie spotkaniu rozmowa rozmowie",
)
# Two people have not seen each other: nothing else is meant, unless somebody else is the subject.
NOT_MET = _phrases(
    "did not meet|didn't meet|haven't met|have not met|not met yet",
    "did not manage to meet|didn't manage to meet|nicht getroffen|noch nicht getroffen",
    "ne nous sommes pas vus|ne nous sommes pas vues|ne nous sommes pas rencontrés",
    "ne nous sommes pas rencontrées|pas pu nous voir|no nos reunimos|no nos vimos",
    "não nos encontramos|non ci siamo visti|non ci siamo viste|non ci siamo incontrati",
    "elkaar niet ontmoet|träffades inte|nie spotkaliśmy|nie spotkałyśmy|nie widzieliśmy się",
    "could not meet|couldn't meet|weren't able to meet|were not able to meet|uns nicht gesehen",
    "uns nicht treffen können|nicht treffen konnten|on ne s'est pas vus|on ne s'est pas vues",
    "n'avons pas pu nous rencontrer|no pudimos vernos|no pudimos reunirnos|no nos hemos visto",
    "no llegamos a vernos|não nos encontrámos|não nos vimos|não conseguimos encontrar nos",
    "non siamo riusciti a vederci|non ci siamo potuti vedere|elkaar niet gezien|elkaar niet gesproken",
    "sågs inte|inte setts|inte träffats|nie udało nam się spotkać",
)
# Something has not taken place; a feast as well as the meeting.
CALLED_OFF = _phrases(
    "did not take place|didn't take place|did not happen|didn't happen|was cancelled",
    "was canceled|got cancelled|had to cancel|we cancelled|was postponed|we postponed",
    "has been postponed|postponed|rescheduled|could not make it|couldn't make it",
    "could not make it in the end|couldn't make it in the end",
    "didn't manage|nicht stattgefunden|ist ausgefallen|ausgefallen|fiel aus|abgesagt|verschoben",
    "nicht geklappt|nicht zustande gekommen",
    "pas eu lieu|n'a pas eu lieu|a été annulé|a été annulée|annulé|annulée|reporté|reportée",
    "été reportée|no tuvo lugar|se canceló|se pospuso|aplazada|não aconteceu|foi cancelada",
    "foi adiada|non ha avuto luogo|annullato|rimandato|niet doorgegaan|geannuleerd|uitgesteld",
    "ställdes in|inställt|uppskjutet|nie odbyło|odwołane|przełożone|会えません|延期|中止",
    "there was no meeting|we had no meeting|no meeting took place|no meeting this month|es gab kein treffen",
    "kein treffen stattgefunden|kein treffen diesen monat|verschieben|absagen",
    "no show|fell through|called off|has been cancelled|has been canceled|got postponed|got canceled",
    "had to postpone|had to be cancelled|had to be postponed|geplatzt|entfallen",
    "hat nicht stattfinden können|nicht zustandegekommen|dû annuler|dû reporter|pas pu avoir lieu|tombée à l'eau|tombé à l'eau",
    "tuvimos que cancelar|tuve que cancelar|tuvimos que aplazar|tuve que aplazar|no se celebró|cancelada",
    "cancelado|pospuesta|tivemos de cancelar|tive de cancelar|tivemos de adiar|tive de adiar|adiada|adiado",
    "não se realizou|non c'è stato|non c'è stata|è saltato|è saltata|annullata|rimandata|non si è tenuto",
    "dovuto annullare|dovuto rimandare|ging niet door|gaat niet door|niet doorgaan|moest afzeggen",
    "moesten afzeggen|afgezegd|verzet|blev inte av|blev inställt|fick ställa in|sköts upp",
    "nie doszło do skutku|nie doszło|odwołaliśmy|przełożyliśmy|odwolane|przelozone",
    "musiałem odwołać|musiałam odwołać|実施しません|実施できません|開催しません|行いません|キャンセル|見送り",
)
# What may stand before one of these: who, and how it came. Any other word names something else.
_BESIDE_CALLED_OFF = _set(
    "i we it this that the our my had has have was is were been be on at to date today yesterday",
    "ich wir es das der den dem mussten musste müssen muss unser unsere unseren mein ist hat haben habe hatte war wurde auf am um uhr heute gestern",
    "je j'ai nous on il elle ça cela la le l'ai l'avons notre ma mon a ai avons n'a n'ai dû été est c'est hier rendez vous",
    "se lo la el nuestra nuestro nos ha han tuve tuvimos que hemos fue ayer",
    "a o as eu nós foi tive tivemos de que nossa nosso ontem",
    "lo la il l' l'incontro abbiamo ho dovuto stato stata è era nostro nostra ieri",
    "ik we wij het de ons is was hebben heb moest moeten werd er afspraak gisteren",
    "jag vi det den vårt blev har hade blivit måste igår",
    "się to nasze zostało zostały było musiałem musiałam wczoraj",
    "面 談 会 議 打 合 わ せ は が 都 に よ り 今 回 本 日 当 の",
)
BESIDE_CALLED_OFF = _BESIDE_CALLED_OFF | MEETING
# With one of these, it is the two of them who have not met.
US = _set("we uns nous nos nós ci elkaar vi spotkaliśmy")
# What follows is only where, with whom or how long they have not met; or what was put off.
NARROWING = _set(
    "the a an our my her his their your any all long in with that often mit dass oft der die das den ein eine einen unsere unseren lange im",
    "le la les un une des notre nos mon ma mes longtemps au en dans el los las una mucho con que avec",
    "o os as um uma no na em muito il lo gli i nel in molto che com met dat att med z że de het een op lang på länge w na długo",
)
# Regret and the like, which stands anywhere.
SOFTENING = _set(
    "unfortunately sadly sorry actually simply leider bedauerlicherweise malheureusement hélas finalement",
    "desgraciadamente lamentablemente desafortunadamente finalmente infelizmente purtroppo alla fine al final",
    "helaas jammer tyvärr niestety kurzfristig spontan diesmal krankheitsbedingt",
)
# After one of these another clause begins; the second kind takes back what was said before.
BREAKS = _set(
    "and so because as since therefore und weil da daher deshalb also et donc car parce y e porque así",
    "ed quindi perché en dus omdat want och så eftersom i więc bo dlatego",
)
HOWEVER = _phrases(
    "but|instead|rather|however|aber|sondern|doch|dafür|stattdessen|jedoch",
    "mais|plutôt|cependant|pero|sino|mas|ma|però|bensì|invece|maar|utan|men|däremot",
    "ale|tylko|lecz|natomiast|ましたが|でしたが|ですが|代わりに",
)
# They have talked, whatever else they say.
TALKED = _phrases(
    "talked|spoke|spoken|discussed|covered|great talk|good talk|great chat|good chat",
    "gesprochen|geredet|diskutiert|ausgetauscht|unterhalten|gutes gespräch|gute gespräch",
    "parlé|discuté|échangé|hablamos|hablado|conversamos|charlamos|falámos|conversámos",
    "parlato|discusso|chiacchierato|gesproken|gepraat|pratade|pratat|talade|diskuterade",
    "mówiliśmy|rozmawialiśmy|mówiłyśmy|rozmawiałyśmy|話しました|話した|面談し|話し合い",
)
