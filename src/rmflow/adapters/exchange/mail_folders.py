"""The folders beside the inbox into which mail is filed on Exchange."""

from typing import Any

from exchangelib import Q
from exchangelib.fields import FieldPath
from exchangelib.folders import Folder, Messages
from exchangelib.items import ID_ONLY
from exchangelib.restriction import Restriction
from exchangelib.services import CreateFolder, FindFolder

from rmflow.adapters.exchange.account import MailboxAccount, OneVersion
from rmflow.adapters.exchange.reading import without_errors
from rmflow.errors import ChangedError

_SHALLOW = "Shallow"


class MailFolders:
    """Knows each folder by its name from the first look on."""

    def __init__(self, account: MailboxAccount) -> None:
        self._account = account
        self._known: dict[str, Folder] = {}

    def there(self, name: str) -> Folder | None:
        """Return a folder, None if there is none."""
        if name not in self._known:
            found = self._looked_up(name)
            if found is None:
                return None
            self._known[name] = found
        return self._known[name]

    def made(self, name: str) -> Folder:
        """Return a folder, which is there afterwards."""
        found = self.there(name)
        if found is None:
            found = self._known[name] = self._new(name)
        return found

    def _new(self, name: str) -> Folder:
        top = self._account.top
        wanted = Messages(root=self._account.ews.root, name=name)
        wanted.folder_class = Messages.CONTAINER_CLASS
        service = _CreateFolder(account=self._account.ews)

        def step() -> list[Any]:
            return without_errors(service.call(parent_folder=top, folders=[wanted]))

        try:
            return self._account.write("make a folder", step)[0]
        except ChangedError:
            found = self._looked_up(name)  # somebody has made it this moment
            if found is None:
                raise
            return found

    def _looked_up(self, name: str) -> Folder | None:
        top = self._account.top
        restriction = Restriction(Q(name=name), [top], Restriction.FOLDERS)
        name_path = FieldPath(field=Folder.get_field_by_fieldname("name"))

        def find() -> list[Any]:
            service = FindFolder(account=self._account.ews)
            return without_errors(
                service.call(
                    folders=[top],
                    additional_fields=[name_path],
                    restriction=restriction,
                    shape=ID_ONLY,
                    depth=_SHALLOW,
                    max_items=None,
                    offset=0,
                )
            )

        return next(iter(self._account.read("look for a folder", find)), None)


class _CreateFolder(OneVersion, CreateFolder):  # type: ignore[misc]  # exchangelib has no types
    """CreateFolder, once."""
