"""Words people use in short answers, by language: yes and no, numbers, days, wishes, excuses.

All lower case, as `words` gives them. Months and weekdays come from CLDR, through Babel.
"""

import re

from rmflow.formats.replies.words import Words, words

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "pl", "ja")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(*texts: str) -> tuple[Words, ...]:
    return tuple(words(phrase) for text in texts for phrase in text.split("|"))


YES = _set(
    "yes y yep yeah yup sure ja jo jawohl klar gern gerne oui si sí sim tak jasne はい certainly absolutely"
    " natürlich natuerlich bien claro certo zeker jazeker visst absolut はい"
)
NO = _set("no n nope nah nein nee ne non não nao nej nie いいえ never nie nunca jamais mai")
# Words that turn a choice or a number into something else than it looks like.
NEGATIONS = _set(
    "not no don't dont won't never without neither nor isn't wasn't nicht kein keine keinen ohne niemals nein"
    " pas ne sans non jamais ni aucun sin nunca tampoco não nao sem não senza mai niet geen zonder nooit"
    " inte utan aldrig ej nie bez ない"
)
# "No problem" gives leave, or does not, and "no idea" says neither: nobody can tell.
UNTROUBLED = _set(
    "problem problems objection objections issue issues worries matter bedenken einwände problème objection"
    " inconveniente problema problemas objeção obiezioni bezwaar probleem invändning problemu przeszkód 問題"
    " idea clue reason need preference opinion ahnung grund meinung idée raison préférence avis razón"
    " ideia razão opinião motivo preferenza idee reden voorkeur aning anledning pojęcia powodu zdania"
)
# Less than a name: not what "with names" gives leave for, nor without.
PART_OF_NAME = _set(
    "first initials initial vornamen vorname initialen prénom prénoms initiales pila iniciales iniciais próprio"
    " iniziali battesimo voornaam voornamen initiaal förnamn initialer imię imiona imieniem inicjały"
)
# A day "instead of" another: two days are named, one of them is meant.
INSTEAD = _set(
    "instead rather statt anstatt anstelle lieu plutôt lugar vez invece anziché plaats stället zamiast"
)
# A day beside the one that is named: "before 2 November", "should have been Monday".
BESIDE_DAY = _set(
    "before after until till between since from week weeks should would supposed planned originally meant scheduled moved"
    " nearly almost than vor nach bis zwischen seit ab woche wochen kw hätte wäre sollte eigentlich ursprünglich geplant"
    " verschoben avant après jusqu'au entre depuis dès semaine semaines devait aurait prévu déplacé antes después hasta"
    " desde semana semanas debía habría previsto depois até deveria devia teria prevista prima dopo fino dal tra settimana"
    " doveva sarebbe avrebbe spostato voor tot tussen sinds vanaf weken zou eigenlijk gepland verplaatst före efter mellan"
    " sedan från vecka veckan skulle egentligen planerat flyttades przed po między tydzień tygodniu miało miał przełożone od"
)
# The same words where they say nothing of the kind.
DAY_AS_PLANNED = _phrases(
    "as planned|as originally planned|as scheduled|wie geplant|wie ursprünglich geplant|comme prévu",
    "como estaba previsto|como previsto|come previsto|zoals gepland|som planerat",
)
# Words around a number that say it is no plain rating.
COMPARISONS = _set(
    "than least most under over below above between almost nearly about not als mindestens höchstens unter über fast"
    " moins plus presque environ menos más casi menos mais quase meno più quasi dan bijna minst nästan"
    " up max maximum maximal close near roughly around minus barely better worse wenigstens knapp maximal circa ca rund"
    " etwa besser schlechter maximum proche autour mieux minimum mínimo máximo cerca apenas perto almeno massimo circa"
    " appena minstens hoogstens ongeveer krap högst knappt ungefär drygt najmniej prawie najwyżej około niecałe ledwo 以 約"
)
# What follows a number of something: minutes, guests. It rates nothing.
COUNTED = _set(
    "second seconds minute minutes min mins hour hours h day days week weeks month months year years people persons"
    " participants colleagues guests times percent euros topics questions"
    " sekunden minuten stunde stunden std tag tage tagen woche wochen monat monate jahr jahre leute personen kollegen mal prozent"
    " euro themen fragen heure heures jour jours semaine semaines mois an ans personnes fois sujets minutos hora horas día"
    " días dia dias semana semanas mes meses años anos personas pessoas veces vezes temas minuti ora ore giorno giorni"
    " settimana settimane mese mesi anni persone volte temi minuut uur dag dagen weken maand maanden jaar mensen personen keer"
    " minuter timme timmar dagar vecka veckor månad månader år personer gånger minut minuty godzina godziny godzin dni tygodni"
    " osób osoby razy 分 時 日 週 月 年 人 回"
)
# Grades of German schools: the lower, the better.
GRADES = _set("note noten schulnote schulnoten")
# Beside a low number they praise, as such a grade does; beside the highest, they blame.
PRAISE = _set(
    "good great best excellent fantastic brilliant super superb wonderful perfect top loved eine gut sehr beste bestnote"
    " toll prima klasse hervorragend ausgezeichnet fantastisch perfekt bien bon excellent parfait génial super bueno"
    " excelente genial perfecto fantástico bom ótimo ótima perfeito buono ottimo perfetto eccellente goed uitstekend"
    " geweldig bra utmärkt toppen jättebra dobrze świetnie świetne super znakomicie"
)
BLAME = _set(
    "bad worst poor terrible awful waste schlecht schlechteste mies mangelhaft ungenügend mauvais nul pire malo peor"
    " pésimo mau ruim pior péssimo cattivo pessimo peggio slecht slechtste dålig dåligt sämst sämsta źle zły najgorzej"
)

# Words around a number that say nothing but: this one.
CHOOSING = _set(
    "number no nr option choice slot time i we take choose prefer would be is it's that this works suits fits fine good"
    " great best perfect ok okay please thanks thank you for me us the and with go let's"
    " nummer zeit termin wahl ich wir nehme nehmen wähle die der das wäre ist passt gut am besten prima super bitte danke"
    " mir uns für vielen dank gerne lieber"
    " numéro choix horaire le la je nous prends choisis serait est convient va bien parfait merci s'il vous plaît pour moi"
    " número opción opção el elijo prefiero prefiro sería seria me va bien perfecto perfeito por favor gracias obrigado"
    " obrigada para mim mí numero scelta il scelgo va bene perfetto grazie per"
    " keuze tijd de het ik kies graag past goed bedankt dank u voor mij"
    " nummer val tid jag väljer passar bra tack för mig numer wybór wybieram pasuje dobrze proszę dziękuję mi"
    " 番 番号 お願いします で が いいです"
)

NUMBERS: dict[str, int] = {
    word: number
    for number, row in enumerate(
        (
            "zero null zéro cero nul noll ゼロ",
            "one eins un une uno una um uma een één ett en jeden 一",
            "two zwei deux dos dois duas due twee två dwa 二",
            "three drei trois tres três tre drie trzy 三",
            "four vier quatre cuatro quatro quattro fyra cztery 四",
            "five fünf fuenf cinq cinco cinque vijf fem pięć 五",
            "six sechs seis sei zes sex sześć 六",
            "seven sieben sept siete sete sette zeven sju siedem 七",
            "eight acht huit ocho oito otto åtta osiem 八",
            "nine neun neuf nueve nove negen nio dziewięć 九",
            "ten zehn dix diez dez dieci tien tio dziesięć 十",
        )
    )
    for word in row.split()
}
# "4 of 5": words between a rating and the highest one.
OUT_OF = _set("of out von sur de em su van av z na på")

TWO_DAYS_AGO = _phrases(
    "the day before yesterday|day before yesterday|vorgestern|avant-hier|anteayer|anteontem",
    "l'altro ieri|eergisteren|i förrgår|przedwczoraj|一昨日",
)
# Days relative to the day of the mail: how long ago.
DAYS_AGO: dict[Words, int] = {
    **dict.fromkeys(
        _phrases(
            "today|this morning|this afternoon|heute|heute morgen|heute nachmittag|aujourd'hui",
            "ce matin|hoy|hoje|oggi|vandaag|idag|i dag|dzisiaj|dziś|今日|本日",
        ),
        0,
    ),
    **dict.fromkeys(
        _phrases("yesterday|gestern|hier|ayer|ontem|ieri|gisteren|igår|i går|wczoraj|昨日"), 1
    ),
    **dict.fromkeys(TWO_DAYS_AGO, 2),
}
LAST = _set(
    "last past previous letzten letzter letzte vergangenen dernier passé pasado passado passada último scorso scorsa afgelopen vorige förra zeszły ostatni 先週"
)
NEXT = _set(
    "next coming nächsten nächste kommenden prochain próximo próxima prossimo volgende komende nästa następny 来週"
)

UNTIL = _phrases(
    "until|till|through|thru|up to|bis|bis zum|bis einschließlich|jusqu'au|jusqu'à|hasta",
    "hasta el|até|até o|fino al|sino al|tot|tot en met|t/m|till|till och med|t.o.m|do|まで",
)
BACK_ON = _phrases(
    "back on|back in the office on|back at work on|return on|returning on",
    "returning to the office on|return to the office on|be back|back from",
    "available again on|wieder am|zurück am|wieder da am|wieder im büro am",
    "wieder erreichbar ab|wieder ab|ab dem|de retour le|serai de retour le|retour le",
    "regreso el|vuelvo el|de vuelta el|estarei de volta em|regresso a|torno il|rientro il",
    "rientrerò il|terug op|weer aanwezig op|weer terug op|tillbaka den|åter den|wracam",
    "z powrotem",
)

# Automatic answers that only their words betray; in lower case, which is quicker to search.
ABSENT = re.compile(
    r"\b(?:"
    r"out of (?:the )?office (?:until|from|till|and|with|starting|this|next)|(?:i am|i'm|i will be|i'll be) (?:currently |now )?(?:away|out|absent)\b"
    r"|(?:i am|i'm|i will be|i'll be) (?:currently |now )?on (?:\w+ )?(?:leave|vacation|holidays?)|limited access to (?:my )?e-?mails?"
    r"|(?:is|am|i'm) no longer (?:with|working|employed)|no longer works? (?:for|at|with)|(?:i have|has) left (?:the )?(?:company|organi[sz]ation)"
    r"|i have left .{1,40}\. please contact"
    r"|ich bin .{0,60}nicht (?:im (?:büro|haus|dienst)|erreichbar)|(?:ich bin|bin) .{0,60}(?:im urlaub|abwesend|außer haus|in elternzeit)"
    r"|ist .{0,40}(?:außer haus|abwesend)|nicht mehr .{1,60} (?:tätig|beschäftigt)|wird nicht (?:gelesen|weitergeleitet)"
    r"|absente? du bureau|je (?:suis|serai) .{0,30}(?:absente?|en congés?|en vacances)|ne (?:fait|fais) plus partie|ne travaille plus (?:chez|pour)"
    r"|(?:estoy|estaré) .{0,20}(?:fuera de la oficina|de vacaciones|ausente)|ya no trabaj[ao] (?:en|para|con)"
    r"|ausente do escritório|(?:estou|estarei) .{0,20}(?:ausente|fora do escritório|de férias)|já não trabalh[ao] (?:na|no|em|para)"
    r"|(?:sono|sarò) .{0,20}(?:assente|fuori ufficio|in ferie)|non lavor[ao] più (?:in|per|presso)"
    r"|ik ben .{0,30}(?:afwezig|niet op kantoor|op vakantie|met verlof)|niet meer werkzaam|werkt niet meer (?:bij|voor)"
    r"|jag är .{0,20}(?:på semester|inte på kontoret|tjänstledig|föräldraledig|ledig)|läser inte min|arbetar inte längre"
    r"|(?:jestem|będę) .{0,20}(?:nieobecn[ya]|na urlopie|poza biurem)|przebywam na urlopie|(?:nie pracuj[eę] już|już nie pracuj[eę])"
    r")|休暇をいただ|休暇中|不在にして|不在とな|不在のため|退職いたし|退職しま"
)
LATER = _phrases(
    "will do|will send|will answer|will reply|will get back|i'll send|i'll do|i'll answer",
    "i'll reply|i'll get back|get back to you|more later|will follow|to follow|coming soon",
    "give me|remind me|later today|mache ich|schicke ich|sende ich|melde mich",
    "kommt noch|reiche ich nach|erinnern sie mich|erinnere mich|je vous réponds",
    "je réponds|je vous envoie|j'envoie|je le ferai|je ferai|plus tard|je reviens vers",
    "lo haré|te lo envío|más tarde|farei|enviarei|mais tarde|lo farò|ti mando|più tardi",
    "zal ik|återkommer|skickar senare|wyślę",
    "mach ich|mach das|erledige ich|antworte morgen|antworte ihnen|répondrai|je m'en occupe",
    "contesto mañana|mañana contesto|contestaré|responderé|respondo mañana|respondo amanhã|respondo depois",
    "responderei|amanhã respondo|lo faccio|rispondo domani|risponderò|doe ik|ik antwoord|stuur ik",
    "svarar i morgon|svarar imorgon|svarar senare|gör det i morgon|odpiszę|odpowiem|zrobię to jutro",
    "明日回答|後ほど|後で|回答します|返信します|お送りします",
)
NO_ANSWER = _set("- – — . … / x n/a na n.a. k.a. tbd tba ? ?? ... -- --- _ __ ___ ____ _____")
POINTERS = _phrases(
    "see attached|attached|in the attachment|siehe anhang|im anhang|anbei|ci-joint",
    "en pièce jointe|adjunto|em anexo|in allegato|bijgevoegd|see below|see above|as above",
    "below|answers below|answers inline|inline|in red|in blue|siehe unten|siehe oben|s.u",
    "s. u|unten|im text|in rot|voir ci-dessous|ci-dessous|voir plus bas|en rouge|ver abajo",
    "vedi sotto|zie hieronder|se nedan|poniżej|same as above|ditto|wie oben|dito|voir ci-dessus|idem|véase arriba",
    "ver arriba|ver acima|vedi sopra|zie boven|zie hierboven|se ovan|patrz wyżej|jak wyżej|上記参照|上記の通り|添付参照",
)
