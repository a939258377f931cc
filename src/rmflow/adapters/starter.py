"""The empty roster of a new folder: the sheets, the headers, a line of advice for each column."""

from io import BytesIO

from xlsxwriter import Workbook

_PEOPLE = {
    "email": "Required. The address that mails and invitations go to.",
    "name": "Required. First and last name.",
    "manager": "The manager's address. With it rmflow keeps pairs out of one reporting line.",
    "timezone": "Such as Europe/Berlin. Empty: the programme's.",
    "locale": "Language of mails: en, de, fr. Empty: the programme's.",
    "region": "Public holidays: DE, DE-BY, US-NY. Empty: the programme's.",
    "location": "Where a mentor's meetings take place: building, floor, room.",
    "team": "Team or function.",
    "aliases": "Other addresses that the person writes from, separated by commas.",
    "assistant": "Address of an assistant, who may answer invitations.",
    "employee_id": "A number that stays when the address changes.",
}
_PAIRS = {
    "mentor": "Required. Address of the junior, who teaches.",
    "mentee": "Required. Address of the leader, who learns.",
    "cadence": "hour-monthly, every-3-weeks, pilot or one of your own. Empty: the programme's.",
    "start": "First day to meet. Empty: about a week from now.",
    "slot": "Such as Tue 10:00, the mentor's time. Empty: rmflow finds one that suits both.",
    "location": "Another place than the mentor's.",
    "status": "active, paused or closed. Empty: active.",
    "pair_id": "A short name of your own for the pair.",
}
_STATUSES = ["active", "paused", "closed"]
_ROWS = 500


def empty_roster() -> bytes:
    """Return an .xlsx file with the sheets People and Pairs and no rows."""
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF"})
    for name, columns in (("People", _PEOPLE), ("Pairs", _PAIRS)):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for number, (title, advice) in enumerate(columns.items()):
            sheet.write_string(0, number, title, head)
            sheet.write_comment(0, number, advice, {"x_scale": 2})
            sheet.set_column(number, number, max(14, len(title) + 4))
        if "status" in columns:
            place = list(columns).index("status")
            sheet.data_validation(1, place, _ROWS, place, {"validate": "list", "source": _STATUSES})
    book.close()
    return buffer.getvalue()
