"""What an operator says about a roster in OneDrive or SharePoint; imports nothing heavy."""

from typing import Self

from pydantic import Field, model_validator

from rmflow.adapters.graph.settings import GraphSettings


class Settings(GraphSettings):
    """The roster is a workbook in OneDrive or SharePoint, which the coordinator edits there.

    It is named by `site` and `path`, by `drive` and `path` or `item`, or by a sharing `link`;
    by `path` alone it lies in the OneDrive of `mailbox`.
    """

    site: str = Field(
        default="",
        pattern=r"^([\w-]+(\.[\w-]+)+(:/[^/:?#][^:?#]*)?)?$",
        description="The SharePoint site; the file is in its first document library.",
        examples=["contoso.sharepoint.com:/sites/mentoring"],
    )
    drive: str = Field(default="", description="The ID of a document library or OneDrive.")
    path: str = Field(
        default="",
        pattern=r"^[^:?#]*$",
        description="The file, from the top of the library.",
        examples=["Programme/roster.xlsx"],
    )
    item: str = Field(default="", description="The ID of the file in `drive`, instead of a path.")
    link: str = Field(
        default="",
        pattern="^(https://.+)?$",
        description="A sharing link of the file; it takes a right to all files, so rather use site.",
    )

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        places = [name for name in ("site", "drive", "link") if getattr(self, name)]
        if len(places) > 1:
            raise ValueError(f"give only one of {', '.join(places)}")
        if self.item and not self.drive:
            raise ValueError("item needs drive")
        if [bool(self.path), bool(self.item), bool(self.link)].count(True) != 1:
            raise ValueError("name the file once: by path, by drive and item, or by link")
        return self
