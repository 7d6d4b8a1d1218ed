"""The clinic's till beside the phone: it tells the product of money and visits as a point-of-sale system would.

It asks for the customer's card, calls the product's REST API with a key of its own and keeps its own receipts. Each
press of a button comes with a key that the screen made for it: what is pressed twice, or sent again after a time-out,
happens once.
"""

import json
import re
import time
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

import urllib3
from flask import Response

from simulator.answers import Refused
from simulator.desk import body, desk
from simulator.endpoints.base import answer, world
from simulator.store import Row
from simulator.world import World, iso

SERVICES = ("HydraFacial", "Facial treatment", "Laser hair removal", "Skin rejuvenation")
SOURCE = "till"
LATEST_RECEIPTS = 8
_PRESS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_http = urllib3.PoolManager(retries=False)


@desk.get("/sim/till")
def begin() -> Response:
    """`{key, services}`: what the till can do before it knows who stands there."""
    return answer({"key": bool(world().config.api_key), "services": SERVICES})


@desk.post("/sim/till/identify")
def find() -> Response:
    """`{card}`, a code or a number as it was scanned or typed: who shows it, in the product's words."""
    return answer(_ask("POST", "customers/identify", {"card": str(body().get("card", ""))}))


@desk.get("/sim/till/<customer>")
def look(customer: str) -> Response:
    """`{profile, receipts}` of who was found."""
    here = world()
    return answer(
        {"profile": _ask("GET", f"profile?customerId={_id(customer)}"), "receipts": _receipts(here, customer)}
    )


@desk.post("/sim/till/<customer>/quote")
def quote(customer: str) -> Response:
    """`{amount}`: what the bill would earn."""
    bill = {"customerId": _id(customer), "amount": str(_baht(body()))}
    return answer(_ask("POST", "quote", bill))


@desk.post("/sim/till/<customer>/payments")
def pay(customer: str) -> Response:
    """`{amount, service, press}`: money was taken."""
    here, wanted = world(), body()
    amount, service, press = _baht(wanted), str(wanted.get("service")), _press(wanted)
    paid = _ask(
        "POST",
        "payments",
        {
            "customerId": _id(customer),
            "id": press,
            "source": SOURCE,
            "amount": str(amount),
            "paidAt": iso(here.now()),
            "serviceCode": service,
        },
        press,
    )
    here.store.run(
        "INSERT OR IGNORE INTO bills (payment, customer, service, satang, points, at) VALUES (?,?,?,?,?,?)",
        press, customer, service, int(amount * 100), int(paid["pointsEarned"]), here.now(),
    )  # fmt: skip
    return answer(paid)


@desk.post("/sim/till/<customer>/refunds")
def refund(customer: str) -> Response:
    """`{receipt, amount, press}`: money of a receipt was given back."""
    here, wanted = world(), body()
    amount, press = _baht(wanted), _press(wanted)
    number = str(wanted.get("receipt"))
    receipt = here.store.row("SELECT * FROM bills WHERE number = ? AND customer = ?", number, customer)
    if receipt is None:
        raise Refused(404, "no such receipt", code="gone")
    told = {"id": press, "amount": str(amount), "refundedAt": iso(here.now())}
    given_back = _ask("POST", f"payments/ext:{SOURCE}:{receipt['payment']}/refunds", told, press)
    here.store.run(
        "UPDATE bills SET refunded = ? WHERE number = ?",
        int(Decimal(given_back["refunded"]) * 100), receipt["number"],
    )  # fmt: skip
    return answer(given_back)


@desk.post("/sim/till/<customer>/visits")
def visit(customer: str) -> Response:
    """`{service, press}`: the customer was here."""
    wanted = body()
    press = _press(wanted)
    told = {
        "customerId": _id(customer),
        "id": press,
        "source": SOURCE,
        "visitedAt": iso(world().now()),
        "serviceCode": str(wanted.get("service")),
    }
    return answer(_ask("POST", "visits", told, press))


@desk.post("/sim/till/codes")
def use_code() -> Response:
    """`{code, press}`: a customer showed the code of a redemption."""
    wanted = body()
    return answer(_ask("POST", "redemptions/confirm", {"code": str(wanted.get("code", ""))}, _press(wanted)))


@desk.post("/sim/till/ties")
def ask_whether() -> Response:
    """`{card, own, press}`: whether who shows this living code is whom the till knows by a number of its own."""
    wanted = body()
    told = {"externalId": f"ext:{SOURCE}:{wanted.get('own', '')}", "card": str(wanted.get("card", ""))}
    return answer(_ask("POST", "ties", told, _press(wanted)))


@desk.get("/sim/till/ties/<tie>")
def tied(tie: str) -> Response:
    """What has become of that question."""
    return answer(_ask("GET", f"ties/{_id(tie)}"))


def _id(customer: str) -> str:
    """The product's id of who was found."""
    try:
        return str(UUID(customer))
    except ValueError:
        raise Refused(404, "no such customer", code="gone") from None


def _baht(wanted: dict[str, Any]) -> Decimal:
    """Only its form: how much may be paid at once is for the product to say."""
    given = str(wanted.get("amount"))
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,2})?", given):
        raise Refused(422, "amount must be baht, such as 1200 or 1200.50", code="bad_amount")
    return Decimal(given)


def _press(wanted: dict[str, Any]) -> str:
    press = str(wanted.get("press"))
    if not _PRESS.fullmatch(press):
        raise Refused(400, "press must be a UUID")
    return press


def _receipts(here: World, customer: str) -> list[dict[str, Any]]:
    found = here.store.rows(
        "SELECT * FROM bills WHERE customer = ? ORDER BY number DESC LIMIT ?", customer, LATEST_RECEIPTS
    )
    return [_receipt(row) for row in found]


def _receipt(row: Row) -> dict[str, Any]:
    return {
        "number": row["number"],
        "service": row["service"],
        "amount": row["satang"] / 100,
        "refunded": row["refunded"] / 100,
        "points": row["points"],
        "at": iso(row["at"]),
    }


def _ask(method: str, path: str, told: dict[str, Any] | None = None, press: str = "") -> dict[str, Any]:
    """One call of the product's API; kept in the log unless it only looks. Raises Refused in the product's words."""
    here = world()
    if not here.config.api_key:
        raise Refused(503, "SIMULATOR_API_KEY is not set", code="no_key")
    headers = {"Authorization": f"Bearer {here.config.api_key}", "Content-Type": "application/json"}
    if press:
        headers["Idempotency-Key"] = press
    content, began = json.dumps(told).encode() if told is not None else None, time.monotonic()
    status, said = 0, {}
    try:
        url = f"{here.config.app_url}/api/loyalty/{path}"
        got = _http.request(method, url, body=content, headers=headers, timeout=10.0)
        status, said = got.status, json.loads(got.data)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Refused(502, f"the product's API does not answer: {error}", code="no_answer") from error
    finally:
        if method != "GET":  # the till looks at its customer all the time
            here.calls.add(
                kind="till", at=iso(here.real()), method=method, path=f"/api/loyalty/{path}", body=told, status=status,
                response=said, ms=round((time.monotonic() - began) * 1000, 1),
            )  # fmt: skip
    if status >= 400:
        _refuse(status, said)
    return dict(said)


def _refuse(status: int, said: Any) -> NoReturn:
    told = said if isinstance(said, dict) else {}
    code = str(told.get("code", "unknown"))
    raise Refused(status, str(told.get("detail", f"the product's API answered {status}")), code=code)
