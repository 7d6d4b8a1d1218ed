"""Rich menus: made, drawn, linked, switched, and what is refused."""

from typing import Any

import httpx
import linebot.v3.messaging as line
import pytest
from linebot.v3.messaging.exceptions import ApiException

from simulator.contents import png

from .conftest import KEN, MALI, TOKEN, Product, Simulator

PICTURE = png(1200, 405, (142, 90, 109))


def menu(**changes: Any) -> dict[str, Any]:
    area = {
        "bounds": {"x": 0, "y": 0, "width": 600, "height": 405},
        "action": {"type": "postback", "data": "points", "displayText": "คะแนน"},
    }
    whole: dict[str, Any] = {
        "size": {"width": 1200, "height": 405},
        "selected": True,
        "name": "gold-th",
        "chatBarText": "เมนู",
        "areas": [area],
    }
    return whole | changes


def create(simulator: Simulator, *, picture: bytes | None = PICTURE, **changes: Any) -> str:
    answer = simulator.line.post("/v2/bot/richmenu", json=menu(**changes))
    assert answer.status_code == 200, answer.text
    menu_id = str(answer.json()["richMenuId"])
    if picture is not None:
        assert upload(simulator, menu_id, picture).status_code == 200
    return menu_id


def upload(simulator: Simulator, menu_id: str, picture: bytes, mime: str = "image/png") -> httpx.Response:
    path = f"/v2/bot/richmenu/{menu_id}/content"
    return simulator.line.post(path, content=picture, headers={"Content-Type": mime})


def shown(simulator: Simulator, who: str = KEN) -> str | None:
    there = simulator.sim("GET", f"people/{who}/chat")["rich_menu"]
    return str(there["id"]) if there else None


def test_by_line_sdk(simulator: Simulator) -> None:
    with line.ApiClient(line.Configuration(access_token=TOKEN, host=simulator.url)) as client:
        api, blob = line.MessagingApi(client), line.MessagingApiBlob(client)
        request = line.RichMenuRequest.from_dict(menu())
        api.validate_rich_menu_object(request)
        menu_id = api.create_rich_menu(request).rich_menu_id
        with pytest.raises(ApiException) as bare:
            api.set_default_rich_menu(menu_id)
        assert bare.value.status == 400
        blob.set_rich_menu_image(menu_id, body=PICTURE, _headers={"Content-Type": "image/png"})
        assert blob.get_rich_menu_image(menu_id) == PICTURE
        assert api.get_rich_menu(menu_id).chat_bar_text == "เมนู"
        api.link_rich_menu_id_to_user(KEN, menu_id)
        assert api.get_rich_menu_id_of_user(KEN).rich_menu_id == menu_id
        assert [one.rich_menu_id for one in api.get_rich_menu_list().richmenus] == [menu_id]
        api.create_rich_menu_alias(line.CreateRichMenuAliasRequest(richMenuAliasId="gold", richMenuId=menu_id))
        assert api.get_rich_menu_alias("gold").rich_menu_id == menu_id
        api.delete_rich_menu(menu_id)
        assert api.get_rich_menu_alias_list().aliases == []
    assert shown(simulator) is None


def test_own_menu_before_the_default(simulator: Simulator) -> None:
    common, own = create(simulator, name="common"), create(simulator, name="own")
    assert simulator.line.get("/v2/bot/user/all/richmenu").status_code == 404
    assert simulator.line.get(f"/v2/bot/user/{KEN}/richmenu").json() == {"message": "the user has no richmenu"}
    simulator.line.post(f"/v2/bot/user/all/richmenu/{common}")
    assert shown(simulator) == common
    simulator.line.post(f"/v2/bot/user/{KEN}/richmenu/{own}")
    assert shown(simulator) == own
    assert shown(simulator, MALI) is None  # not a friend
    simulator.line.delete(f"/v2/bot/user/{KEN}/richmenu")
    assert shown(simulator) == common
    simulator.line.delete("/v2/bot/user/all/richmenu")
    assert shown(simulator) is None


def test_what_the_phone_gets(simulator: Simulator) -> None:
    menu_id = create(simulator)
    simulator.line.post(f"/v2/bot/user/{KEN}/richmenu/{menu_id}")
    there = simulator.sim("GET", f"people/{KEN}/chat")["rich_menu"]
    assert {"id": menu_id, "name": "gold-th", "chatBarText": "เมนู"}.items() <= there.items()
    picture = simulator.http.get(there["image_url"])
    assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/png")


def test_linking_needs_a_picture_a_menu_and_a_friend(simulator: Simulator) -> None:
    bare, drawn = create(simulator, picture=None), create(simulator)
    assert simulator.line.post(f"/v2/bot/user/{KEN}/richmenu/{bare}").status_code == 400
    assert simulator.line.post(f"/v2/bot/user/{KEN}/richmenu/richmenu-0").status_code == 404
    assert simulator.line.post(f"/v2/bot/user/{MALI}/richmenu/{drawn}").status_code == 200
    assert simulator.line.get(f"/v2/bot/user/{MALI}/richmenu").status_code == 404
    bulk = "/v2/bot/richmenu/bulk"
    body: dict[str, Any] = {"richMenuId": drawn, "userIds": [KEN, MALI]}
    assert simulator.line.post(f"{bulk}/link", json=body).status_code == 202
    assert simulator.line.get(f"/v2/bot/user/{KEN}/richmenu").json() == {"richMenuId": drawn}
    assert simulator.line.get(f"/v2/bot/user/{MALI}/richmenu").status_code == 404
    assert simulator.line.post(f"{bulk}/unlink", json={"userIds": [KEN]}).status_code == 202
    assert shown(simulator) is None
    assert simulator.line.post(f"{bulk}/link", json=body | {"userIds": [KEN] * 501}).status_code == 400


def test_blocking_loses_the_own_menu(simulator: Simulator) -> None:
    simulator.line.post(f"/v2/bot/user/{KEN}/richmenu/{create(simulator)}")
    simulator.sim("POST", f"people/{KEN}/unfollow")
    simulator.sim("POST", f"people/{KEN}/follow")
    assert shown(simulator) is None


def test_a_tab_switches(simulator: Simulator, product: Product) -> None:
    first, second = create(simulator, name="first"), create(simulator, name="second")
    simulator.line.post(f"/v2/bot/user/{KEN}/richmenu/{first}")
    alias = {"richMenuAliasId": "second", "richMenuId": second}
    assert simulator.line.post("/v2/bot/richmenu/alias", json=alias).status_code == 200
    assert simulator.line.post("/v2/bot/richmenu/alias", json=alias).status_code == 400
    action = {"type": "richmenuswitch", "richMenuAliasId": "second", "data": "tab"}
    assert simulator.act(KEN, action)["rich_menu"]["id"] == second
    told = {"newRichMenuAliasId": "second", "status": "SUCCESS"}
    assert product.next().event["postback"] == {"data": "tab", "params": told}
    assert simulator.line.post("/v2/bot/richmenu/alias/second", json={"richMenuId": first}).status_code == 200
    assert simulator.act(KEN, action)["rich_menu"]["id"] == first
    product.next()
    assert simulator.line.delete("/v2/bot/richmenu/alias/second").status_code == 200
    assert simulator.act(KEN, action)["status"] == "RICHMENU_ALIAS_ID_NOTFOUND"
    assert simulator.line.post("/v2/bot/richmenu/alias", json=alias | {"richMenuAliasId": "Big"}).status_code == 400
    assert simulator.line.post("/v2/bot/richmenu/alias", json=alias | {"richMenuId": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"chatBarText": "ก" * 15}, "chatBarText"),
        ({"chatBarText": ""}, "chatBarText"),
        ({"name": "n" * 301}, "name"),
        ({"selected": "yes"}, "selected"),
        ({"size": {"width": 2501, "height": 843}}, "size.width"),
        ({"size": {"width": 800, "height": 249}}, "size.height"),
        ({"size": {"width": 1200, "height": 828}}, "size"),
        ({"areas": [*menu()["areas"] * 21]}, "areas"),
        ({"areas": [{**menu()["areas"][0], "bounds": {"x": 601, "y": 0, "width": 600, "height": 9}}]},
         "areas[0].bounds"),
        ({"areas": [{**menu()["areas"][0], "action": {"type": "camera", "label": "x"}}]}, "areas[0].action.type"),
        ({"areas": [{**menu()["areas"][0], "action": {"type": "postback"}}]}, "areas[0].action.data"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_refused(simulator: Simulator, changes: dict[str, Any], place: str) -> None:
    for path in ("/v2/bot/richmenu", "/v2/bot/richmenu/validate"):
        answer = simulator.line.post(path, json=menu(**changes))
        assert answer.status_code == 400
        assert [detail["property"] for detail in answer.json()["details"]] == [place]
    assert simulator.line.get("/v2/bot/richmenu/list").json() == {"richmenus": []}


def test_limits_are_reached_exactly(simulator: Simulator) -> None:
    create(simulator, chatBarText="น้ำ" * 7, areas=menu()["areas"] * 20, name="n" * 300)


def test_pictures(simulator: Simulator) -> None:
    menu_id = create(simulator, picture=None)
    assert simulator.line.get(f"/v2/bot/richmenu/{menu_id}/content").status_code == 404
    assert upload(simulator, menu_id, PICTURE, "image/gif").status_code == 415
    assert upload(simulator, menu_id, PICTURE, "image/jpeg").status_code == 400
    assert upload(simulator, menu_id, b"not a picture").status_code == 400
    assert upload(simulator, menu_id, png(1200, 600, (0, 0, 0))).status_code == 400
    assert upload(simulator, menu_id, PICTURE + b"\0" * 1024 * 1024).status_code == 413
    assert upload(simulator, "richmenu-0", PICTURE).status_code == 404
    assert upload(simulator, menu_id, PICTURE).status_code == 200
    assert upload(simulator, menu_id, PICTURE).status_code == 400


def test_a_hundred_an_hour(simulator: Simulator) -> None:
    for _ in range(100):
        create(simulator, picture=None)
    refused = simulator.line.post("/v2/bot/richmenu", json=menu())
    assert refused.status_code == 429
    assert refused.json()["message"] == "The API rate limit has been exceeded. Try again later."
    simulator.clock.ahead = 40
    create(simulator, picture=None)
