"""What an operator says about a roster in OneDrive or SharePoint; imports nothing heavy."""

from typing import Self

from pydantic import Field, model_validator

from rmflow.adapters.graph.settings import GraphSettings

_SITE = r"[\w-]+(\.[\w-]+)+(:/[^/:?#][^:?#]*)?"
_DRIVE = r"drive:[\w!.-]+"
_PATH = r"[^:?#]+"
_ITEM = r"item:[\w!.-]+"
_LINK = r"https://\S+"


class Settings(GraphSettings):
    """The roster is a workbook in OneDrive or SharePoint, which the coordinator edits there."""

    library: str = Field(
        default="",
        pattern=f"^({_SITE}|{_DRIVE})?$",
        description='Where the file lies: a SharePoint site, for its first library; "drive:ID" for '
        "another library or OneDrive; nothing for the OneDrive of `mailbox`.",
        examples=["contoso.sharepoint.com:/sites/mentoring"],
    )
    file: str = Field(
        pattern=f"^({_PATH}|{_ITEM}|{_LINK})$",
        description='The file: its path in the library; with a drive also "item:ID"; or, without '
        "a library, a sharing link, for which the app needs a right to all files.",
        examples=["Programme/roster.xlsx"],
    )

    @model_validator(mode="after")
    def _check_file(self) -> Self:
        if self.file.startswith("item:") and not self.library.startswith("drive:"):
            raise ValueError('file = "item:…" needs library = "drive:…"')
        if self.file.startswith("https:") and self.library:
            raise ValueError("a sharing link says where the file is; leave library away")
        return self
