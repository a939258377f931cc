"""Messages too large to keep whole: the beginning is read, and says so.

The text a person wrote comes before what they attached, so the first megabyte usually holds all
that matters; without it the mail would have to be dropped or block the mailbox.
"""

LARGEST_BYTES = 25 * 1024 * 1024
KEPT_BYTES = 1024 * 1024


def shortened(beginning: bytes, size: int) -> bytes:
    """Return the beginning of a message of `size` octets, marked by a header field of ours.

    A sender can write that field as well, and gains no more than to have their own mail looked
    at by a person.
    """
    mark = f"X-Rmflow-Shortened: {len(beginning)} of {size} octets\r\n"
    return mark.encode("ascii") + beginning
