"""LINE's endpoints for rich menus and the people they are linked to."""

import json
from typing import Any

from flask import Response, request

from simulator import menus
from simulator.answers import Refused, errors_in_body, not_found
from simulator.endpoints.base import answer, channel, endpoint, json_body, line, world
from simulator.pictures import measure
from simulator.rules.richmenu import check_image, checked_menu

USERS_AT_ONCE = 500


@line.post("/v2/bot/richmenu")
@endpoint("createRichMenu")
def create_menu() -> Response:
    return answer({"richMenuId": menus.create(world(), channel()["id"], checked_menu(json_body()))})


@line.post("/v2/bot/richmenu/validate")
@endpoint("validateRichMenu")
def validate_menu() -> Response:
    checked_menu(json_body())
    return answer({})


@line.get("/v2/bot/richmenu/list")
@endpoint("listRichMenus")
def list_menus() -> Response:
    rows = world().store.rows("SELECT * FROM menus WHERE channel_id = ? ORDER BY rowid", channel()["id"])
    return answer({"richmenus": [menus.view(row) for row in rows]})


@line.get("/v2/bot/richmenu/<menu_id>")
@endpoint("getRichMenu")
def get_menu(menu_id: str) -> Response:
    return answer(menus.view(menus.find(world(), channel()["id"], menu_id)))


@line.delete("/v2/bot/richmenu/<menu_id>")
@endpoint("deleteRichMenu")
def delete_menu(menu_id: str) -> Response:
    menus.delete(world(), channel()["id"], menu_id)
    return answer({})


@line.post("/v2/bot/richmenu/<menu_id>/content")
@endpoint("setRichMenuImage")
def set_menu_image(menu_id: str) -> Response:
    menu = menus.find(world(), channel()["id"], menu_id)
    image = request.get_data()
    if request.mimetype not in {"image/png", "image/jpeg"}:
        raise Refused(415, "Unsupported Media Type")
    measured = measure(image)
    check_image(image, measured, request.mimetype, json.loads(menu["body"])["size"])
    menus.put_image(world(), channel()["id"], menu_id, request.mimetype, image)
    return answer({})


@line.get("/v2/bot/richmenu/<menu_id>/content")
@endpoint("getRichMenuImage")
def get_menu_image(menu_id: str) -> Response:
    menu = menus.find(world(), channel()["id"], menu_id)
    if menu["mime"] is None:
        raise not_found("Not found")
    return Response(menu["image"], content_type=menu["mime"])


@line.post("/v2/bot/user/all/richmenu/<menu_id>")
@endpoint("setDefaultRichMenu")
def set_default(menu_id: str) -> Response:
    menus.linkable(world(), channel()["id"], menu_id)
    menus.set_default(world(), channel()["id"], menu_id)
    return answer({})


@line.get("/v2/bot/user/all/richmenu")
@endpoint("getDefaultRichMenu")
def get_default() -> Response:
    if channel()["default_menu"] is None:
        raise not_found("no default richmenu")
    return answer({"richMenuId": channel()["default_menu"]})


@line.delete("/v2/bot/user/all/richmenu")
@endpoint("cancelDefaultRichMenu")
def cancel_default() -> Response:
    menus.set_default(world(), channel()["id"], None)
    return answer({})


@line.get("/v2/bot/user/<user_id>/richmenu")
@endpoint("getRichMenuOfUser")
def get_linked(user_id: str) -> Response:
    menu_id = menus.linked(world(), channel()["id"], user_id)
    if menu_id is None:
        raise not_found("the user has no richmenu")
    return answer({"richMenuId": menu_id})


@line.post("/v2/bot/user/<user_id>/richmenu/<menu_id>")
@endpoint("linkRichMenu")
def link_menu(user_id: str, menu_id: str) -> Response:
    with world().store.write():
        menus.linkable(world(), channel()["id"], menu_id)
        menus.link(world(), channel()["id"], user_id, menu_id)
    return answer({})


@line.delete("/v2/bot/user/<user_id>/richmenu")
@endpoint("unlinkRichMenu")
def unlink_menu(user_id: str) -> Response:
    menus.unlink(world(), channel()["id"], user_id)
    return answer({})


@line.post("/v2/bot/richmenu/bulk/link")
@endpoint("bulkLink")
def bulk_link() -> Response:
    body = json_body()
    users, menu_id = _users(body), body.get("richMenuId")
    if not isinstance(menu_id, str) or not menu_id:
        raise errors_in_body([{"message": "May not be empty", "property": "richMenuId"}])
    with world().store.write():
        menus.linkable(world(), channel()["id"], menu_id)
        for user in users:
            menus.link(world(), channel()["id"], user, menu_id)
    return answer({}, 202)


@line.post("/v2/bot/richmenu/bulk/unlink")
@endpoint("bulkUnlink")
def bulk_unlink() -> Response:
    users = _users(json_body())
    with world().store.write():
        for user in users:
            menus.unlink(world(), channel()["id"], user)
    return answer({}, 202)


def _users(body: dict[str, Any]) -> list[str]:
    users = body.get("userIds")
    if not isinstance(users, list) or not 1 <= len(users) <= USERS_AT_ONCE:
        raise errors_in_body([{"message": "Size must be between 1 and 500", "property": "userIds"}])
    if not all(isinstance(user, str) and len(user) == 33 and user.startswith("U") for user in users):
        raise errors_in_body([{"message": "invalid user id", "property": "userIds"}])
    return users
