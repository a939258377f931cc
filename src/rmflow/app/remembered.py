"""Names of the settings in which the worker remembers what it has seen."""

ROSTER = "roster fingerprint"
CONFIG = "config fingerprint"
CALENDAR = "calendar token"
TRACKING = "tracking fingerprint"
BOOK = "book digest"
COMPLAINTS = "complaints in the book"
