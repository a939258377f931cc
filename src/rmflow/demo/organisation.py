"""Contoso: an invented company, who works there, and who meets whom."""

import unicodedata
from dataclasses import dataclass
from functools import cache

DOMAIN = "contoso.example"
MAILBOX = f"mentoring@{DOMAIN}"
MAILBOX_NAME = "Reverse Mentoring"
COORDINATOR = "Johanna Lindner"
ASSISTANTS = {"Marcus Adeyemi": "Pat Morales"}


@dataclass(frozen=True, slots=True)
class Office:
    """Where people work; the region decides the public holidays."""

    city: str
    timezone: str
    region: str
    language: str = "en"


OFFICES = {
    office.city: office
    for office in (
        Office("Berlin", "Europe/Berlin", "DE-BE", "de"),
        Office("Munich", "Europe/Berlin", "DE-BY", "de"),
        Office("Zurich", "Europe/Zurich", "CH-ZH", "de"),
        Office("Paris", "Europe/Paris", "FR", "fr"),
        Office("Madrid", "Europe/Madrid", "ES-MD"),
        Office("London", "Europe/London", "GB-ENG"),
        Office("New York", "America/New_York", "US-NY"),
        Office("Chicago", "America/Chicago", "US-IL"),
        Office("Toronto", "America/Toronto", "CA-ON"),
        Office("Bangalore", "Asia/Kolkata", "IN-KA"),
    )
}
_LANGUAGES = {"Nadia Benali": "fr"}

# Name, office, team, manager, and for mentors the room that is theirs.
_STAFF = """
Astrid Holm           | Berlin    | Board             |
Eleanor Whitcombe     | London    | Sales             | Astrid Holm
Marcus Adeyemi        | New York  | Operations        | Astrid Holm
Katharina Vogt        | Munich    | Finance           | Astrid Holm
Ulrike Sommer         | Berlin    | Technology        | Astrid Holm
Gregory Haldane       | New York  | Legal             | Astrid Holm
Beatrice Osei         | London    | People            | Astrid Holm
Jean-Baptiste Moreau  | Paris     | Sales France      | Eleanor Whitcombe
Carmen Ibáñez Ruiz    | Madrid    | Sales Iberia      | Eleanor Whitcombe
Linda Kowalczyk       | Chicago   | Logistics         | Marcus Adeyemi
Nadia Benali          | Toronto   | Customer Care     | Marcus Adeyemi
Beat Zürcher          | Zurich    | Controlling       | Katharina Vogt
Rajesh Subramanian    | Bangalore | Engineering       | Ulrike Sommer
Priscilla Tan         | Bangalore | Analytics         | Ulrike Sommer
Johanna Lindner       | Berlin    | People            | Beatrice Osei
Pat Morales           | New York  | Office of the COO | Marcus Adeyemi
Henrik Dahl           | Berlin    | Software          | Ulrike Sommer
Yasmin Khalil         | Munich    | Software          | Ulrike Sommer
Robert Ellis          | Toronto   | Software          | Ulrike Sommer
Deepa Menon           | Bangalore | Engineering       | Rajesh Subramanian
Claire Dubois         | Paris     | Treasury          | Katharina Vogt
Simon Okoro           | London    | Treasury          | Katharina Vogt
Wanda Pawlak          | Berlin    | Accounting        | Katharina Vogt
Grace Lim             | Toronto   | Accounting        | Katharina Vogt
Daniel Roth           | Zurich    | Sales Alps        | Eleanor Whitcombe
Monique Jackson       | Chicago   | Sales Americas    | Eleanor Whitcombe
Pilar Navarro         | Madrid    | Warehouses        | Marcus Adeyemi
Steven Brody          | New York  | Purchasing        | Marcus Adeyemi
Teresa Wu             | New York  | Contracts         | Gregory Haldane
Aylin Demir           | Berlin    | Software          | Henrik Dahl         | Studio 3, Spreeufer 12
Tyler Nguyen          | New York  | Contracts         | Teresa Wu           | 18th floor, Harbor room
Imani Brooks          | Chicago   | Sales Americas    | Monique Jackson     | Workshop, Canal Street 40
Jonas Achterberg      | Munich    | Software          | Yasmin Khalil       | Labor 2, Isarhof
Chloé Lefèvre         | Paris     | Treasury          | Claire Dubois       | Salle Lumière, 3e étage
Devon Carter          | Toronto   | Software          | Robert Ellis        | Maple room, Front Street 9
Noah Wyss             | Zurich    | Sales Alps        | Daniel Roth         | Atelier, Limmatquai 7
Lucía Fernández       | Madrid    | Warehouses        | Pilar Navarro       | Sala 4, Calle Mayor 21
Amelia Shah           | London    | Treasury          | Simon Okoro         | Desk 2.14, Borough Yard
Mateo Rossi           | New York  | Purchasing        | Steven Brody        | 16th floor, Pier room
Felix Braun           | Berlin    | Accounting        | Wanda Pawlak        | Raum 1.07, Spreeufer 12
Sofia Petrova         | Toronto   | Accounting        | Grace Lim           | Birch room, Front Street 9
Jamal Edwards         | New York  | Purchasing        | Steven Brody        | 16th floor, Dock room
Oskar Nilsson         | Berlin    | Software          | Henrik Dahl
Mei Chen              | Munich    | Software          | Yasmin Khalil
Arjun Patel           | Bangalore | Engineering       | Deepa Menon
Lakshmi Rao           | Bangalore | Analytics         | Priscilla Tan
Hugo Bernard          | Paris     | Sales France      | Jean-Baptiste Moreau
Inès Garnier          | Paris     | Sales France      | Jean-Baptiste Moreau
Álvaro Gil            | Madrid    | Sales Iberia      | Carmen Ibáñez Ruiz
Olivia Grant          | London    | Sales             | Eleanor Whitcombe
Kwame Mensah          | London    | People            | Beatrice Osei
Rosa Delgado          | Chicago   | Logistics         | Linda Kowalczyk
Walter Novak          | Chicago   | Logistics         | Linda Kowalczyk
Emily Tremblay        | Toronto   | Customer Care     | Nadia Benali
Samuel Park           | Toronto   | Customer Care     | Nadia Benali
Lea Baumann           | Zurich    | Controlling       | Beat Zürcher
Reto Frei             | Zurich    | Controlling       | Beat Zürcher
Naomi Feldman         | New York  | Legal             | Gregory Haldane
Hannah Schuster       | Munich    | Finance           | Katharina Vogt
Bruno Keller          | Berlin    | Technology        | Ulrike Sommer
"""


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who works at Contoso. `room` is where a mentor receives; "" for others."""

    number: str
    name: str
    office: Office
    team: str
    manager: str
    room: str = ""

    @property
    def address(self) -> str:
        """The mail address they began with."""
        return address_of(self.name)

    @property
    def language(self) -> str:
        """The language they read and write."""
        return _LANGUAGES.get(self.name, self.office.language)


@dataclass(frozen=True, slots=True)
class Pair:
    """A row that the coordinator wrote. Slots are written as people write them."""

    mentor: str
    mentee: str
    cadence: str
    slot: str = ""

    @property
    def id(self) -> str:
        """What the coordinator calls the pair: "Chloe-Jean-Baptiste"."""
        return "-".join(_ascii(name.split()[0]) for name in (self.mentor, self.mentee))


PAIRS = (
    Pair("Aylin Demir", "Eleanor Whitcombe", "every-3-weeks", "Tue 11:00"),
    Pair("Tyler Nguyen", "Marcus Adeyemi", "hour-monthly"),
    Pair("Imani Brooks", "Marcus Adeyemi", "pilot"),
    Pair("Jonas Achterberg", "Katharina Vogt", "every-3-weeks"),
    Pair("Chloé Lefèvre", "Jean-Baptiste Moreau", "hour-monthly", "jeudi 14h"),
    Pair("Devon Carter", "Linda Kowalczyk", "every-3-weeks"),
    Pair("Noah Wyss", "Beat Zürcher", "hour-monthly", "Mi 10:00"),
    Pair("Lucía Fernández", "Carmen Ibáñez Ruiz", "every-3-weeks"),
    Pair("Amelia Shah", "Rajesh Subramanian", "hour-monthly"),
    Pair("Mateo Rossi", "Gregory Haldane", "pilot"),
    Pair("Felix Braun", "Ulrike Sommer", "every-3-weeks"),
    Pair("Sofia Petrova", "Nadia Benali", "pilot"),
)
# Joins later. New York and Bangalore have no hour in common, so the coordinator must choose one.
LATE_PAIR = Pair("Jamal Edwards", "Priscilla Tan", "pilot")


@cache
def staff() -> tuple[Employee, ...]:
    """Return everybody, the head of the house first."""
    rows = [[cell.strip() for cell in row.split("|")] for row in _STAFF.strip().splitlines()]
    return tuple(
        Employee(f"C{number:04}", name, OFFICES[city], team, manager, *room)
        for number, (name, city, team, manager, *room) in enumerate(rows, 1001)
    )


def employee(name: str) -> Employee:
    """Return the employee of this name. Raises KeyError."""
    return {each.name: each for each in staff()}[name]


def address_of(name: str) -> str:
    """Return the company's address for a name: "beat.zurcher@contoso.example"."""
    return f"{_ascii(name).lower().replace(' ', '.')}@{DOMAIN}"


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
