"""What the clinic has said unasked to whom stands at the desk, and what it will say: the product's own list of it."""

from datetime import datetime
from typing import Any

from flask import Response, request

from simulator import accounts, product
from simulator.answers import Refused
from simulator.desk import desk
from simulator.endpoints.base import answer, world

PATH = "/api/followup/executions"


@desk.get("/sim/people/<user_id>/followups")
def followups(user_id: str) -> Response:
    """`{known, ahead, more_ahead, past, next}`; `?before=` goes on behind the page before, of what is past alone.

    `ahead`: what is planned, the soonest first, of at most the product's page; `past`: what has come to an end, of the
    product's page, the newest end first. `known` is false of whom the clinic has not met. Raises `Refused` in the
    product's words.
    """
    accounts.person(world().store, user_id)
    if not world().config.api_key:
        raise Refused(503, "SIMULATOR_API_KEY is not set", code="no_key")
    whose = {"customerId": f"ext:line:{user_id}"}
    if before := request.args.get("before"):
        return answer(_past(_page(whose | {"before": before})))
    if (ahead := _page(whose | {"status": "planned"})) is None:
        return answer({"known": False, "ahead": [], "more_ahead": False, "past": [], "next": None})
    soonest = sorted(ahead["items"], key=lambda one: str(one["dueAt"]))
    return answer({"known": True, "ahead": soonest, "more_ahead": ahead["next"] is not None, **_past(_page(whose))})


def _page(fields: dict[str, str]) -> dict[str, Any] | None:
    return product.find(world().config, world().config.api_key, PATH, fields)


def _past(page: dict[str, Any] | None) -> dict[str, Any]:
    if page is None:
        return {"past": [], "next": None}
    past = [one for one in page["items"] if one["status"] != "planned"]
    return {"past": sorted(past, key=_over_at, reverse=True), "next": page["next"]}


def _over_at(one: dict[str, Any]) -> datetime:
    """What was known too late never was on its way, and has no end of its own."""
    return datetime.fromisoformat(one["settledAt"] or one["dueAt"])
