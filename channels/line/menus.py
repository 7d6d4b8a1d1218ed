"""LINE's endpoints for rich menus. Every call raises `LineError`; none retries.

https://developers.line.biz/en/reference/messaging-api/#rich-menu; limits as of August 2026: 1,000 menus an account,
100 creations and 100 deletions an hour, one picture a menu for ever, 500 people a bulk link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.line.client import Access, Line
from channels.line.errors import LineError
from channels.line.ids import issued, part

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
        answer = self.line.call(self.access, "GET", "/v2/bot/richmenu/list", name="menus_listed")
        return [Listed(menu["richMenuId"], menu["name"]) for menu in answer.data.get("richmenus", ())]

    def create(self, definition: Mapping[str, Any]) -> str:
        """The id of the new menu, which has no picture yet and cannot be shown."""
        answer = self.line.call(self.access, "POST", "/v2/bot/richmenu", definition, name="menu_created")
        return str(answer.data["richMenuId"])

    def has_picture(self, menu_id: str) -> bool:
        path = f"/v2/bot/richmenu/{part(menu_id)}/content"
        try:
            self.line.call(self.access, "GET", path, name="menu_picture_read", files=True)
        except LineError as error:
            if error.status == 404:
                return False
            raise
        return True

    def upload(self, menu_id: str, png: bytes) -> None:
        """A menu takes one picture, once."""
        path, headers = f"/v2/bot/richmenu/{part(menu_id)}/content", {"Content-Type": "image/png"}
        self.line.call(self.access, "POST", path, png, name="menu_picture_uploaded", headers=headers, files=True)

    def delete(self, menu_id: str) -> None:
        """Also when it was gone already."""
        try:
            self.line.call(self.access, "DELETE", f"/v2/bot/richmenu/{part(menu_id)}", name="menu_deleted")
        except LineError as error:
            if error.status != 404:
                raise

    def default(self) -> str | None:
        """The menu of everybody who has none of their own."""
        try:
            answer = self.line.call(self.access, "GET", "/v2/bot/user/all/richmenu", name="default_menu_read")
            return str(answer.data["richMenuId"])
        except LineError as error:
            if error.status == 404:
                return None
            raise

    def set_default(self, menu_id: str) -> None:
        path = f"/v2/bot/user/all/richmenu/{part(menu_id)}"
        self.line.call(self.access, "POST", path, name="default_menu_set")

    def link(self, user_id: str, menu_id: str) -> None:
        """Takes effect at once. LINE says yes for people who are no friends, and links nothing."""
        path = f"/v2/bot/user/{part(issued(user_id))}/richmenu/{part(menu_id)}"
        self.line.call(self.access, "POST", path, name="menu_linked")

    def link_many(self, user_ids: Sequence[str], menu_id: str) -> None:
        """Up to 500 people. Accepted now, done by LINE within seconds."""
        body = {"richMenuId": menu_id, "userIds": [issued(user_id) for user_id in user_ids]}
        self.line.call(self.access, "POST", "/v2/bot/richmenu/bulk/link", body, name="menu_linked_to_many")


def menu_unusable(error: LineError) -> bool:
    """Whether a link failed because of the menu, gone or without its picture, and not because of the person."""
    return error.status == 404 or error.fault == "no_picture"
