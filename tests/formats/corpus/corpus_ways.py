"""What people answer, language by language, and what it means; written before any of it was read.

Margaret met Priya on Tuesday 3 November 2026 and writes on Wednesday the 4th.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Says:
    """How somebody answers in one language: `values` are what the short answers mean."""

    labels: Mapping[str, str]
    met: str
    talked: str
    takeaways: tuple[str, str]
    change: str
    rating: str
    share: str
    next: str
    prose: str
    not_met: str
    intro: str
    values: Mapping[str, str]


SAYS = {
    "en": Says(
        {"met": "Date we met", "talked": "Topics", "takeaways": "Takeaways", "change": "I will", "worthwhile": "Rating", "next": "Next time", "share": "Share"},
        "yesterday", "Hiring without CVs, and why the portal scares people.",
        ("Juniors read the room better than we do", "The portal has eleven log-ins"),
        "Sit in on the onboarding in January", "4 - great", "anonymously", "How prices are made",
        "We spoke about hiring and about the tools her team uses.\nI was surprised how little anybody reads the intranet.",
        "Sorry, we did not meet, my flight was late.", "Hello,\n\ngladly, see below.",
        {"met": "2026-11-03", "worthwhile": "4", "share": "anonymously"},
    ),
    "de": Says(
        {"met": "Tag unseres Treffens", "talked": "Themen", "takeaways": "Erkenntnisse", "change": "Ich werde", "worthwhile": "Bewertung", "next": "Nächstes Mal", "share": "Teilen"},
        "am 4. November", "Einstellen ohne Lebenslauf; wie Priyas Team Werkzeuge auswählt.",
        ("Die Jüngeren lesen Stimmungen besser", "Das Portal hat elf Anmeldungen"),
        "Im Januar beim Einstieg der Neuen zusehen", "fünf", "mit Namen", "Wie Preise entstehen",
        "Wir haben über das Einstellen gesprochen und über ihre Werkzeuge.\nDas Intranet liest offenbar niemand.",
        "Leider ist das Treffen ausgefallen, ich war krank.", "Guten Tag,\n\ngern, siehe unten.",
        {"met": "2026-11-04", "worthwhile": "5", "share": "named"},
    ),
    "fr": Says(
        {"met": "Jour de notre rencontre", "talked": "Sujets abordés", "takeaways": "À retenir", "change": "Je vais", "worthwhile": "Évaluation", "next": "Prochaine fois", "share": "Partager"},
        "hier", "Recruter sans CV, et pourquoi le portail fait peur.",
        ("Les jeunes lisent mieux l'ambiance", "Le portail a onze identifiants"),
        "Assister à l'accueil des nouveaux en janvier", "4/5", "non", "Comment se font les prix",
        "Nous avons parlé du recrutement et des outils de son équipe.\nPersonne ne lit l’intranet, semble-t-il.",
        "Malheureusement la rencontre n'a pas eu lieu.", "Bonjour,\n\nvoici, ci-dessous.",
        {"met": "2026-11-03", "worthwhile": "4", "share": "no"},
    ),
    "es": Says(
        {"met": "Fecha de la reunión", "talked": "Temas tratados", "takeaways": "Ideas clave", "change": "Voy a", "worthwhile": "Valoración", "next": "Próxima vez", "share": "Compartir"},
        "el 4 de noviembre", "Contratar sin currículum y por qué el portal asusta.",
        ("Los jóvenes leen mejor el ambiente", "El portal tiene once accesos"),
        "Asistir a la acogida de enero", "cuatro", "con nombres", "Cómo se hacen los precios",
        "Hablamos de la contratación y de las herramientas de su equipo.\nMe sorprendió que nadie lea la intranet.",
        "Al final no nos vimos, tuve que viajar.", "Hola,\n\ncon gusto, ver abajo.",
        {"met": "2026-11-04", "worthwhile": "4", "share": "named"},
    ),
    "pt": Says(
        {"met": "Data do encontro", "talked": "Assuntos tratados", "takeaways": "Ideias principais", "change": "Vou", "worthwhile": "Avaliação", "next": "Da próxima vez", "share": "Partilhar"},
        "ontem", "Recrutar sem currículo e porque o portal assusta.",
        ("Os mais novos leem melhor o ambiente", "O portal tem onze acessos"),
        "Assistir ao acolhimento em janeiro", "5", "sem nomes", "Como se fazem os preços",
        "Falámos do recrutamento e das ferramentas da equipa dela.\nFiquei surpreendida por ninguém ler a intranet.",
        "Infelizmente a reunião foi cancelada.", "Olá,\n\ncom gosto, ver abaixo.",
        {"met": "2026-11-03", "worthwhile": "5", "share": "anonymously"},
    ),
    "it": Says(
        {"met": "Data dell'incontro", "talked": "Argomenti", "takeaways": "Punti chiave", "change": "Impegni", "worthwhile": "Valutazione", "next": "Prossima volta", "share": "Condividere"},
        "il 4 novembre 2026", "Assumere senza curriculum, e perché il portale spaventa.",
        ("I giovani capiscono meglio il clima", "Il portale ha undici accessi"),
        "Partecipare all'accoglienza di gennaio", "4 su 5", "in forma anonima", "Come nascono i prezzi",
        "Abbiamo parlato delle assunzioni e degli strumenti della sua squadra.\nNessuno legge la intranet, a quanto pare.",
        "Purtroppo non ci siamo visti.", "Buongiorno,\n\nvolentieri, vedi sotto.",
        {"met": "2026-11-04", "worthwhile": "4", "share": "anonymously"},
    ),
    "nl": Says(
        {"met": "Gesproken op", "talked": "Besproken", "takeaways": "Inzichten", "change": "Ik ga", "worthwhile": "Beoordeling", "next": "Volgende keer", "share": "Delen"},
        "gisteren", "Werven zonder cv, en waarom het portaal afschrikt.",
        ("Jongeren voelen de sfeer beter aan", "Het portaal heeft elf inlogs"),
        "In januari bij de introductie aanschuiven", "vijf", "met namen", "Hoe prijzen ontstaan",
        "We spraken over werving en over de hulpmiddelen van haar team.\nNiemand leest het intranet, zo blijkt.",
        "Helaas is het niet doorgegaan.", "Hallo,\n\ngraag, zie hieronder.",
        {"met": "2026-11-03", "worthwhile": "5", "share": "named"},
    ),
    "sv": Says(
        {"met": "Dag vi träffades", "talked": "Samtalsämnen", "takeaways": "Lärdomar", "change": "Jag ska", "worthwhile": "Betyg", "next": "Nästa gång", "share": "Dela"},
        "den 4 november", "Att anställa utan cv, och varför portalen skrämmer.",
        ("De unga läser av rummet bättre", "Portalen har elva inloggningar"),
        "Vara med på introduktionen i januari", "4", "nej", "Hur priser sätts",
        "Vi pratade om rekrytering och om verktygen i hennes grupp.\nIngen läser intranätet, visade det sig.",
        "Tyvärr ställdes in mötet, vi träffades inte.", "Hej,\n\ngärna, se nedan.",
        {"met": "2026-11-04", "worthwhile": "4", "share": "no"},
    ),
    "pl": Says(
        {"met": "Spotkanie w dniu", "talked": "Tematy rozmowy", "takeaways": "Wnioski", "change": "Zrobię", "worthwhile": "Ocena", "next": "Następnym razem", "share": "Udostępnić"},
        "wczoraj", "Rekrutacja bez CV i dlaczego portal odstrasza.",
        ("Młodsi lepiej wyczuwają nastrój", "Portal ma jedenaście logowań"),
        "Przyjść na wdrożenie w styczniu", "pięć", "anonimowo", "Skąd biorą się ceny",
        "Rozmawialiśmy o rekrutacji i o narzędziach jej zespołu.\nNikt nie czyta intranetu, jak się okazało.",
        "Niestety spotkanie nie odbyło się.", "Dzień dobry,\n\nchętnie, poniżej.",
        {"met": "2026-11-03", "worthwhile": "5", "share": "anonymously"},
    ),
    "ja": Says(
        {"met": "会った日", "talked": "話したこと", "takeaways": "要点", "change": "次のステップ", "worthwhile": "評価", "next": "次回", "share": "共有"},
        "11月4日", "履歴書なしの採用と、ポータルが敬遠される理由。",
        ("若手のほうが空気を読める", "ポータルにはログインが十一ある"),
        "一月の新人研修に参加する", "5", "匿名で", "価格の決まり方",
        "採用と、彼女のチームが使う道具について話しました。\n社内サイトを誰も読んでいないことに驚きました。",
        "申し訳ありません、都合により会えませんでした。", "こんにちは、\n\n下記のとおりです。",
        {"met": "2026-11-04", "worthwhile": "5", "share": "anonymously"},
    ),
}  # fmt: skip
