"""A till may call a customer by what LINE calls them; nobody can be made by it."""

from sqlalchemy.orm import Session

from models.customers import LineLink
from tests.web.api.conftest import Caller, body_of

USER_ID = "U" + "a" * 32


def test_who_was_met_on_line_is_known_by_it(aura: Caller, nobody: Caller, mali: LineLink, session: Session) -> None:
    session.commit()
    assert mali.user_id == USER_ID
    profile = body_of(aura.get("profile", customerId=f"ext:line:{USER_ID}"))
    assert profile["customerId"] == str(mali.customer_id)
    assert body_of(nobody.get("profile", customerId=f"ext:line:{USER_ID}"), 404)["code"] == "unknown_customer"


def test_nobody_is_made_by_a_line_id(aura: Caller, mali: LineLink, session: Session) -> None:
    session.commit()
    again = {"externalId": f"ext:line:{USER_ID}", "name": "Mali"}
    assert body_of(aura.post("customers", again)) == {
        "customerId": str(mali.customer_id),
        "created": False,
        "consents": [],
    }
    stranger = {"externalId": f"ext:line:U{'c' * 32}", "name": "Ken"}
    assert body_of(aura.post("customers", stranger), 404)["code"] == "unknown_customer"
    linked = {"externalId": f"ext:line:U{'c' * 32}", "customerId": str(mali.customer_id)}
    assert body_of(aura.post("customers", linked), 404)["code"] == "unknown_customer"
