"""LINE's ids. They come in events, and whoever knows the channel's secret can sign one."""

import re
from urllib.parse import quote

from channels.line.errors import LineError

USER = re.compile(r"U[0-9a-f]{32}")
_ISSUED = re.compile(r"[UCR][0-9a-f]{32}")
"""A user, a group or a room: developers.line.biz/en/docs/messaging-api/getting-user-ids"""
LONGEST = 200


def issued(id_: str) -> str:
    """The id of a user, group or room. Raises `LineError` for what LINE never issues, so that nobody is asked of it."""
    if not _ISSUED.fullmatch(id_):
        raise LineError("not_an_id", permanent=True)
    return id_


def keeps(id_: str) -> bool:
    """Whether an id, of whatever form, is kept as it came: one that is not would be another id the next time."""
    return len(id_) <= LONGEST and id_.isprintable()


def part(id_: str) -> str:
    """An id as one part of a path, whatever it holds."""
    return quote(id_, safe="")
