"""What sending and receiving have in common: lists of messages, and their headers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from googleapiclient.errors import HttpError

_MOST_IN_A_LIST = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """A message without its body. `fields` has the wanted header fields, names in lower case."""

    id: str
    at: datetime
    labels: frozenset[str]
    fields: Mapping[str, str]

    @property
    def message_id(self) -> str:
        """The Message-ID with angle brackets, "" if there is none."""
        return self.fields.get("message-id", "")


def listed(messages: Any, **which: Any) -> Iterator[str]:
    """Yield the ids of messages, newest first, page by page (`users.messages.list`)."""
    token = None
    while True:
        page = messages.list(
            userId="me", maxResults=_MOST_IN_A_LIST, pageToken=token, **which
        ).execute()
        yield from (message["id"] for message in page.get("messages", ()))
        token = page.get("nextPageToken")
        if not token:
            return


def head(messages: Any, id: str, names: Collection[str]) -> Head | None:
    """Return the head of a message with these header fields, None when it is gone."""
    request = messages.get(userId="me", id=id, format="metadata", metadataHeaders=list(names))
    found = there(request)
    if found is None:
        return None
    fields = found.get("payload", {}).get("headers", ())
    return Head(
        id=id,
        at=arrived(found),
        labels=frozenset(found.get("labelIds", ())),
        fields={field["name"].lower(): field["value"].strip() for field in fields},
    )


def there(request: Any) -> Any:
    """Return the answer about one message, None when the message is gone."""
    try:
        return request.execute()
    except HttpError as error:
        if error.resp.status == 404:
            return None
        raise


def arrived(message: Mapping[str, Any]) -> datetime:
    """Return when Gmail got a message."""
    return _EPOCH + timedelta(milliseconds=int(message["internalDate"]))
