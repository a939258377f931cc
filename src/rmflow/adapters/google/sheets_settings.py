"""The options of a Google spreadsheet, as roster and as tracking; no library of Google's here."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from rmflow.adapters.google.settings import GoogleSettings

_IN_ADDRESS = re.compile(
    r"https://docs\.google\.com/(?:a/[^/]+/)?spreadsheets/(?:u/\d+/)?d/([^/]+)"
)
_ID = re.compile(r"[A-Za-z0-9_-]{10,200}")


def _spreadsheet_id(text: str) -> str:
    """Return the id of a spreadsheet: the text itself, or the id in the address of one."""
    found = _IN_ADDRESS.match(text.strip())
    id = found[1] if found else text.strip()
    if not _ID.fullmatch(id):
        raise ValueError(
            "this is not a Google spreadsheet; copy its address from the browser, "
            "like https://docs.google.com/spreadsheets/d/…/edit"
        )
    return id


class SheetsSettings(GoogleSettings):
    """A Google spreadsheet that is shared with the account rmflow logs in with."""

    spreadsheet: Annotated[str, AfterValidator(_spreadsheet_id)] = Field(
        description="The address of the spreadsheet, or its id. Share it with the account that "
        "rmflow logs in with: a service account has an address that ends in "
        "gserviceaccount.com, and needs no `subject` for this.",
        examples=["https://docs.google.com/spreadsheets/d/1mRq0vBq7nYf3L2xkT9aUcW5sHjD8pEo/edit"],
    )

    @property
    def role(self) -> str:
        """The role that the account needs in the spreadsheet, as Google's dialogue calls it."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _check(self) -> Self:
        needed = {"service-account": ("key",), "user": ("client", "token")}
        missing = [name for name in needed[self.credentials] if getattr(self, name) is None]
        if missing:
            raise ValueError(f'credentials = "{self.credentials}" needs {" and ".join(missing)}')
        return self


class RosterSettings(SheetsSettings):
    """The roster is a Google spreadsheet with the sheets People and Pairs. Share it as viewer."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """To read."""
        return ("https://www.googleapis.com/auth/spreadsheets.readonly",)

    @property
    def role(self) -> str:
        """To read."""
        return "Viewer"


class TrackingSettings(SheetsSettings):
    """The tracking is a Google spreadsheet, an empty one to begin with. Share it as editor."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """To read and write."""
        return ("https://www.googleapis.com/auth/spreadsheets",)

    @property
    def role(self) -> str:
        """To read and write."""
        return "Editor"
