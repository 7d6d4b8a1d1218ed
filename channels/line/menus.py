"""LINE's endpoints for rich menus. Every call raises `LineError`; none retries.

https://developers.line.biz/en/reference/messaging-api/#rich-menu; limits as of August 2026: 1,000 menus an account,
100 creations and 100 deletions an hour, one picture a menu for ever, 500 people a bulk link.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.line.client import Access, Line, LineError

PEOPLE_AT_ONCE = 500


@dataclass(frozen=True)
class Listed:
    """A menu as the platform lists it."""

    id: str
    name: str


@dataclass(frozen=True)
class LineMenus:
    """The rich menus of one Official Account."""

    line: Line
    access: Access

    def listed(self) -> list[Listed]:
        """Every menu made over the API, ours or not."""
        answer = self.line.call(self.access, "GET", "/v2/bot/richmenu/list")
        return [Listed(menu["richMenuId"], menu["name"]) for menu in answer.data.get("richmenus", ())]

    def create(self, definition: Mapping[str, Any]) -> str:
        """The id of the new menu, which has no picture yet and cannot be shown."""
        return str(self.line.call(self.access, "POST", "/v2/bot/richmenu", definition).data["richMenuId"])

    def has_picture(self, menu_id: str) -> bool:
        return self._exists(f"/v2/bot/richmenu/{menu_id}/content", files=True)

    def upload(self, menu_id: str, png: bytes) -> None:
        """A menu takes one picture, once."""
        path, headers = f"/v2/bot/richmenu/{menu_id}/content", {"Content-Type": "image/png"}
        self.line.call(self.access, "POST", path, png, headers=headers, files=True)

    def delete(self, menu_id: str) -> None:
        """Also when it was gone already."""
        try:
            self.line.call(self.access, "DELETE", f"/v2/bot/richmenu/{menu_id}")
        except LineError as error:
            if status(error) != 404:
                raise

    def default(self) -> str | None:
        """The menu of everybody who has none of their own."""
        try:
            return str(self.line.call(self.access, "GET", "/v2/bot/user/all/richmenu").data["richMenuId"])
        except LineError as error:
            if status(error) == 404:
                return None
            raise

    def set_default(self, menu_id: str) -> None:
        self.line.call(self.access, "POST", f"/v2/bot/user/all/richmenu/{menu_id}")

    def link(self, user_id: str, menu_id: str) -> None:
        """Takes effect at once. LINE says yes for people who are no friends, and links nothing."""
        self.line.call(self.access, "POST", f"/v2/bot/user/{user_id}/richmenu/{menu_id}")

    def link_many(self, user_ids: Sequence[str], menu_id: str) -> None:
        """Up to 500 people. Accepted now, done by LINE within seconds."""
        body = {"richMenuId": menu_id, "userIds": list(user_ids)}
        self.line.call(self.access, "POST", "/v2/bot/richmenu/bulk/link", body)

    def _exists(self, path: str, *, files: bool) -> bool:
        try:
            self.line.call(self.access, "GET", path, files=files)
        except LineError as error:
            if status(error) == 404:
                return False
            raise
        return True


def status(error: LineError) -> int | None:
    """The HTTP status of LINE's refusal; None when LINE was not reached."""
    found = re.match(r"\w+: (\d{3})\b", str(error))
    return int(found[1]) if found else None


def menu_unusable(error: LineError) -> bool:
    """Whether a link failed because of the menu, gone or without its picture, and not because of the person."""
    return status(error) == 404 or (status(error) == 400 and "image" in str(error))
