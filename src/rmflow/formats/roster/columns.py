"""The columns of a roster: what people call them, in which row they are named, what they mean.

Words are compared squeezed: without case, accents, blanks and punctuation.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rmflow.formats.roster.cells import squeezed, tidy
from rmflow.formats.table import Table

# A title, a note and a blank line may stand above the header.
_HEADER_ROWS = 10

_PEOPLE_SHEETS = """people, persons, participants, staff, employees, team members, personen, teilnehmer,
    teilnehmende, mitarbeiter, mitarbeitende, leute, personnes, collaborateurs, personas,
    participantes, empleados"""
_PAIRS_SHEETS = """pairs, pairings, matches, tandems, paare, paarungen, paires, binômes, parejas,
    emparejamientos"""

_PEOPLE = {
    "email": """email, e-mail, mail, address, mail address, email address, work email, business email,
        primary email, user principal name, upn, e-mail-adresse, mailadresse, adresse, courriel,
        adresse e-mail, adresse mail, adresse électronique, correo, correo electrónico,
        dirección de correo, dirección de correo electrónico""",
    "name": """name, full name, display name, employee, employee name, person, participant,
        vollständiger name, anzeigename, mitarbeiter, mitarbeiterin, mitarbeitende, teilnehmer, nom,
        nom complet, nom et prénom, nombre, nombre completo, nombre y apellidos""",
    "given_name": "first name, given name, vorname, rufname, prénom, nombre de pila",
    "family_name": """last name, surname, family name, nachname, familienname, nom de famille,
        apellido, apellidos""",
    "manager": """manager, boss, line manager, direct manager, supervisor, reports to, manager email,
        manager mail, vorgesetzte, vorgesetzter, vorgesetzte(r), führungskraft, chef, chefin,
        responsable, supérieur, supérieur hiérarchique, supérieure hiérarchique, jefe, jefa,
        superior, responsable directo, reporta a""",
    "timezone": """timezone, time zone, tz, zeitzone, fuseau, fuseau horaire, zona horaria,
        huso horario""",
    "locale": "locale, language, lang, preferred language, sprache, langue, idioma, lengua",
    "location": """location, office, room, place, site, workplace, ort, standort, büro, raum,
        arbeitsort, lieu, bureau, salle, ubicación, oficina, lugar, sala""",
    "region": """region, country, holidays, public holidays, holiday region, land, bundesland,
        feiertage, feiertagsregion, pays, jours fériés, país, región, festivos""",
    "team": """team, department, unit, org unit, business unit, abteilung, bereich, équipe, service,
        département, equipo, departamento, área""",
    "assistant": """assistant, executive assistant, ea, pa, secretary, assistenz, assistentin,
        sekretariat, assistante, assistant(e), secrétaire, secrétariat, asistente, asistenta,
        secretaria, secretario""",
    "aliases": """aliases, alias, other addresses, other emails, further addresses, secondary email,
        alternative email, weitere adressen, andere adressen, aliasadressen, autres adresses,
        otras direcciones, otros correos""",
    "employee_id": """employee id, employee number, employee no, staff id, personnel number,
        personalnummer, personal-nr, mitarbeiternummer, mitarbeiter-id, matricule,
        numéro d'employé, id de empleado, número de empleado""",
    "start_date": """start date, joined, joining date, hire date, entry date, eintritt,
        eintrittsdatum, date d'entrée, date d'embauche, fecha de ingreso,
        fecha de incorporación""",
    "avoid": """avoid, not with, do not pair with, conflicts, nicht mit, vermeiden, éviter, pas avec,
        evitar, no con""",
    "interests": """interests, topics, interessen, themen, intérêts, centres d'intérêt, sujets,
        intereses, temas""",
}
_PAIRS = {
    "mentor": """mentor, mentor email, mentor e-mail, mentor mail, mentor address, mentor id, junior,
        mentorin, mentor:in, mentor/in, mentor(in), mentorat par, mentora""",
    "mentee": """mentee, mentee email, mentee e-mail, mentee mail, mentee address, mentee id, leader,
        senior, mentoré, mentorée, mentoré(e), mentorado, mentorada""",
    "cadence": """cadence, rhythm, frequency, rhythmus, turnus, takt, häufigkeit, fréquence, rythme,
        cadencia, frecuencia, ritmo""",
    "start": """start, start date, starts, from, first meeting, beginn, startdatum, ab,
        erstes treffen, début, date de début, à partir de, inicio, fecha de inicio, desde""",
    "slot": """slot, time, day and time, weekday, weekday and time, meeting time, termin, zeit,
        uhrzeit, wochentag, tag und uhrzeit, créneau, horaire, jour et heure, horario, franja,
        día y hora""",
    "location": _PEOPLE["location"],
    "status": "status, state, stand, zustand, statut, état, estado, estatus",
    # No bare "id", here or for people: often it is a running number, and moves with the rows.
    "pair_id": """pair id, pairing id, pair number, paar-id, paarnummer, id paire, id de la paire,
        id binôme, id pareja, id de la pareja""",
}
# "mentor name", "name of the mentor", "Vorname Mentor": a role before or after a column of People.
_ROLES = {
    "mentor": "mentor, mentorin, mentors, mentoren, mentora, junior",
    "mentee": "mentee, mentees, mentoré, mentorée, mentorado, mentorada, leader, senior",
}
_LINKS = frozenset(("of", "the", "s", "des", "der", "du", "de", "la", "del"))
_WORD = re.compile(r"[^\W_]+")


def _by_alias(fields: Mapping[str, str]) -> dict[str, str]:
    return {
        squeezed(alias): field for field, aliases in fields.items() for alias in aliases.split(",")
    }


_PEOPLE_ALIASES = _by_alias(_PEOPLE)
_PAIRS_ALIASES = _by_alias(_PAIRS)
_ROLE_ALIASES = _by_alias(_ROLES)
_SHEET_ALIASES = _by_alias({"People": _PEOPLE_SHEETS, "Pairs": _PAIRS_SHEETS})


def sheet_kind(name: str) -> str | None:
    """Return "People" or "Pairs" if the name of a sheet says so."""
    return _SHEET_ALIASES.get(squeezed(name))


def people_field(title: str) -> str | None:
    """Return the field of a person that a column title names."""
    return _PEOPLE_ALIASES.get(squeezed(title))


def pairs_field(title: str) -> str | None:
    """Return the field of a pairing that a column title names."""
    return _PAIRS_ALIASES.get(squeezed(title))


def flat_field(title: str) -> str | None:
    """Return the field that a title names in a table of pairs and people in one.

    "mentor.email" and the like for people; "mentor" and "mentee" for a role without more.
    """
    words = [squeezed(word) for word in _WORD.findall(title)]
    for role_word, others in (words[:1], words[1:]), (words[-1:], words[:-1]):
        role = _ROLE_ALIASES.get("".join(role_word))
        rest = "".join(word for word in others if word not in _LINKS)
        if role and not rest:
            return role
        if role and rest in _PEOPLE_ALIASES:
            return f"{role}.{_PEOPLE_ALIASES[rest]}"
    return _PAIRS_ALIASES.get("".join(words))


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: the index of its row, and the column of each field.

    `unknown` are columns with a title that means nothing to us; `repeated` pairs a column with
    the earlier one that means the same.
    """

    row: int
    columns: Mapping[str, int]
    unknown: tuple[int, ...]
    repeated: tuple[tuple[int, int], ...]


def find_header(table: Table, field_of: Callable[[str], str | None]) -> Header:
    """Return the header that names the most fields, of the first rows; the upper one of equals."""
    headers = [_header(table, row, field_of) for row in range(min(_HEADER_ROWS, len(table.rows)))]
    return max(headers, key=lambda header: len(header.columns), default=Header(0, {}, (), ()))


def _header(table: Table, row: int, field_of: Callable[[str], str | None]) -> Header:
    columns: dict[str, int] = {}
    unknown, repeated = [], []
    for column, cell in enumerate(table.rows[row]):
        title = tidy(cell) if isinstance(cell, str) else ""
        if not title:
            continue
        field = field_of(title)
        if field is None:
            unknown.append(column)
        elif field in columns:
            repeated.append((column, columns[field]))
        else:
            columns[field] = column
    return Header(row, columns, tuple(unknown), tuple(repeated))
