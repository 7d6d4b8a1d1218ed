"""LINE's endpoints for the webhook endpoint."""

import re
import time
from typing import Any

from flask import Response

from simulator.answers import Refused, bad_property, not_found
from simulator.endpoints.base import answer, channel, endpoint, json_body, line, sender, world
from simulator.sender import body_of, sign
from simulator.world import iso

_LOOPBACK = re.compile(r"http://(127(\.\d+){3}|localhost|\[::1\])([:/]|$)")


@line.get("/v2/bot/channel/webhook/endpoint")
@endpoint("webhookEndpoint")
def get_endpoint() -> Response:
    account = channel()
    return answer({"endpoint": account["webhook_url"], "active": bool(account["webhook_active"])})


@line.put("/v2/bot/channel/webhook/endpoint")
@endpoint("webhookEndpoint")
def set_endpoint() -> Response:
    url = _webhook_url(json_body())
    if url is None:
        raise bad_property("endpoint")
    world().store.run("UPDATE channels SET webhook_url = ? WHERE id = ?", url, channel()["id"])
    return answer({})


@line.post("/v2/bot/channel/webhook/test")
@endpoint("testWebhookEndpoint")
def test_endpoint() -> Response:
    """Posts an empty list of events and tells what came back."""
    account = channel()
    url = _webhook_url(json_body(optional=True)) or account["webhook_url"]
    body, began = body_of(account["bot_user_id"], []), time.monotonic()
    status, text = sender().post(url, body, sign(account["secret"], body))
    sender().log(account["id"], [], status, text, began, attempt=0)
    reason = "OK" if status == 200 else ("ERROR_STATUS_CODE" if status else "COULD_NOT_CONNECT")
    return answer(
        {
            "success": status == 200,
            "timestamp": iso(world().now()),
            "statusCode": status,
            "reason": reason,
            "detail": str(status) if status else text,
        }
    )


@line.route("/<any(v2, oauth2, bot):root>/<path:rest>", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
@endpoint("unknown")
def unknown_endpoint(root: str, rest: str) -> Response:  # noqa: ARG001
    """An endpoint that LINE does not have, or that is not imitated: refused with a request id, and seen in the log."""
    raise not_found()


def _webhook_url(body: dict[str, Any]) -> str | None:
    """The wanted address: HTTPS, or plain HTTP on this machine. Raises Refused 400."""
    url = body.get("endpoint")
    if url is None:
        return None
    if not isinstance(url, str) or len(url) > 500 or not (url.startswith("https://") or _LOOPBACK.match(url)):
        raise Refused(400, "Invalid webhook endpoint URL")
    return url
