"""Words by which people steer their taking part, by language; all lower case, as `words` gives them."""

from rmflow.domain.signal import SignalKind
from rmflow.formats.replies.words import Words, words


def _phrases(*texts: str) -> tuple[Words, ...]:
    return tuple(words(phrase) for text in texts for phrase in text.split("|"))


# One word, or a few that can hardly mean anything else. They count as the whole message.
COMMANDS: dict[Words, SignalKind] = {
    **dict.fromkeys(
        _phrases(
            "stop|stop it|unsubscribe|opt out|opt-out|leave|leave the programme|leave the program",
            "leave programme|leave program|quit|cancel my participation|i want to stop|i want to leave",
            "i'd like to stop|i would like to stop|i would like to leave|take off the list|remove",
            "stopp|abmelden|abmeldung|austreten|aussteigen|ausstieg|beenden|aufhören|ich möchte aussteigen",
            "ich möchte aufhören|ich will aufhören|arrêter|arrêt|arrêtez|quitter|désinscription",
            "désinscrire|désabonner|se désabonner|je veux arrêter|je souhaite arrêter|darme de baja",
            "baja|salir|dejar el programa|parar|sair|sair do programa|cancelar|cancelar inscrição",
            "disiscrivimi|cancellami|uscire|lasciare|lascia|voglio smettere|afmelden|uitschrijven",
            "ik wil stoppen|stoppen|avsluta|avregistrera|sluta|jag vill sluta|wypisz|rezygnuję|rezygnacja",
            "退会|辞退|配信停止|やめます|辞めます",
        ),
        SignalKind.LEAVE,
    ),
    **dict.fromkeys(
        _phrases(
            "pause|take a break|a break|break|on hold|put on hold|pausieren|pausiere|eine pause|unterbrechen",
            "unterbrechung|une pause|mettre en pause|suspendre|interrompre|pausa|una pausa|hacer una pausa",
            "pausar|fazer uma pausa|uma pausa|sospendere|mettere in pausa|pauze|pauzeren|een pauze|paus",
            "pausa|pausera|en paus|przerwa|pauza|wstrzymać|wstrzymaj|休止|一時停止|休み",
        ),
        SignalKind.PAUSE,
    ),
    **dict.fromkeys(
        _phrases(
            "resume|continue|go on|restart|weiter|fortsetzen|weitermachen|fortfahren|reprendre|continuer",
            "reanudar|continuar|seguir|retomar|riprendere|riprendi|continuare|continua|hervatten|doorgaan",
            "verder|återuppta|fortsätt|fortsätta|wznów|wznowić|kontynuuj|再開",
        ),
        SignalKind.RESUME,
    ),
    **dict.fromkeys(
        _phrases(
            "rematch|re-match|new match|new partner|another mentor|another partner|change partner",
            "another mentee|different partner|neuer partner|neue partnerin|anderer partner|andere partnerin",
            "neu zuordnen|partnerwechsel|changer de partenaire|autre partenaire|changer de mentor",
            "nouveau partenaire|otro mentor|otra persona|cambiar de pareja|cambiar de mentor|nuevo mentor",
            "outro parceiro|trocar de parceiro|novo parceiro|outro mentor|altro mentore|nuovo partner",
            "cambiare partner|altro partner|andere partner|nieuwe partner|ny partner|byta partner|annan mentor",
            "nowy partner|zmiana partnera|inny mentor|相手変更|パートナー変更",
        ),
        SignalKind.REMATCH,
    ),
}
# The ones that also count as a first line with more below it, when they are written in capitals.
LOUD = frozenset(
    [
        "STOP",
        "STOPP",
        "LEAVE",
        "UNSUBSCRIBE",
        "PAUSE",
        "PAUSA",
        "PAUZE",
        "PAUS",
        "PRZERWA",
        "RESUME",
        "WEITER",
        "REPRENDRE",
        "REMATCH",
        "ABMELDEN",
    ]
)
BESIDE = frozenset(
    [
        "please",
        "pls",
        "bitte",
        "s'il",
        "vous",
        "plaît",
        "svp",
        "te",
        "thanks",
        "thank",
        "you",
        "danke",
        "vielen",
        "dank",
        "merci",
        "beaucoup",
        "me",
        "my",
        "mich",
        "mir",
        "por",
        "favor",
        "gracias",
        "obrigado",
        "obrigada",
        "grazie",
        "per",
        "favore",
        "graag",
        "alstublieft",
        "aub",
        "dank",
        "u",
        "bedankt",
        "tack",
        "snälla",
        "proszę",
        "dziękuję",
        "i",
        "need",
        "want",
        "would",
        "like",
        "a",
        "us",
        "our",
        "meetings",
        "it",
        "now",
        "for",
    ]
)
