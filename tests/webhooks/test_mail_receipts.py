"""What a provider of mail tells later: what has arrived, what came back, who has complained, what was loaded."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import Aura
from channels.email.resend import SECRET
from customers.people import identify
from followups import rules
from followups.rules import Draft
from models.conversations import InboxEvent, Send
from models.customers import LineLink
from models.followups import FollowupDelivery, FollowupExecution
from models.secrets import ClinicSecret
from privacy import suppressions
from runtime.clock import database_now, real
from workers.jobs import drains

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAIL = "mali@mail.example"
ID = "56761188-7520-42d8-8898-ff6fc54ce618"


@pytest.fixture
def aura(session: Session, mali: LineLink, make_aura: Callable[..., Aura], settings: Any) -> Aura:
    clinic = mali.customer.clinic
    session.add(ClinicSecret(clinic_id=clinic.id, clinic=clinic, name=SECRET, value=KEY))
    identify(session, mali.customer, "email", MAIL, real())
    session.commit()
    return make_aura(settings)


def sent(session: Session, mali: LineLink, **columns: Any) -> Send:
    send = Send(
        clinic_id=mali.clinic_id, clinic=mali.customer.clinic, customer_id=mali.customer_id, customer=mali.customer,
        channel="email", recipient=MAIL, body=b"{}", reason="post_treatment",
        **{"state": "sent", "request_id": ID, "attempts": 1, "due_at": database_now(session),
           "created_at": database_now(session), **columns},
    )  # fmt: skip
    session.add(send)
    session.commit()
    return send


def tell(aura: Aura, kind: str, *, key: str = KEY, to: str = MAIL, id_: str = ID, **more: Any) -> int:
    body = json.dumps({"type": kind, "data": {"email_id": id_, "to": [to], **more}}).encode()
    at = str(int(real().timestamp()))
    secret = base64.b64decode(key.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.digest(secret, f"m1.{at}.".encode() + body, hashlib.sha256)).decode()
    headers = {"svix-id": "m1", "svix-timestamp": at, "svix-signature": f"v1,{mark}"}
    answer = aura.flask.test_client().post("/webhooks/receipts/aura/resend", data=body, headers=headers)
    drains["chat"](aura.context)
    return answer.status_code


def fate(session: Session, send: Send) -> tuple[str, str | None, bool]:
    session.refresh(send)
    return send.state, send.error, send.delivered_at is not None


def held(session: Session, mali: LineLink) -> str | None:
    session.expire_all()
    found = suppressions.holds(session, mali.customer.clinic, "email", MAIL)
    return "held" if found else None


def test_it_has_arrived(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    assert tell(aura, "email.delivered") == 200
    assert fate(session, send) == ("sent", None, True)
    assert held(session, mali) is None


def test_what_came_back_for_good_ends_the_address(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    tell(aura, "email.bounced", bounce={"type": "Permanent"})
    assert fate(session, send) == ("failed", "bounced", False)
    assert held(session, mali) == "held"


def test_what_may_pass_does_not(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    tell(aura, "email.bounced", bounce={"type": "Transient"})
    assert fate(session, send) == ("failed", "bounced_for_now", False)
    assert held(session, mali) is None


def test_a_complaint_comes_after_the_mail_has_arrived(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    tell(aura, "email.delivered")
    tell(aura, "email.complained")
    assert fate(session, send) == ("sent", None, True)
    assert held(session, mali) == "held"


def test_an_address_ends_also_where_the_mail_is_known_no_more(session: Session, aura: Aura, mali: LineLink) -> None:
    tell(aura, "email.bounced", bounce={"type": "Permanent"})
    assert held(session, mali) is None  # it may have come before the answer to the mail itself
    session.execute(update(InboxEvent).values(received_at=real() - timedelta(minutes=5), due_at=real()))
    session.commit()
    drains["chat"](aura.context)
    assert held(session, mali) == "held"


def test_a_provider_that_names_only_the_address_is_understood(session: Session, aura: Aura, mali: LineLink) -> None:
    older = sent(session, mali, request_id="<1@aura.example>")
    newer = sent(session, mali, request_id="<2@aura.example>")
    tell(aura, "email.delivered", id_="another-id")
    assert fate(session, older)[2] is False and fate(session, newer)[2] is True
    assert newer.request_id == "another-id"


def test_of_a_mail_without_an_answer_the_report_settles_it(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali, state="unknown", request_id=None, error="unknown")
    tell(aura, "email.delivered")
    assert fate(session, send) == ("sent", None, True)


def test_a_load_is_noted_and_concludes_nothing(session: Session, aura: Aura, mali: LineLink) -> None:
    send, at = sent(session, mali), real()
    rule = rules.make(session, mali.customer.clinic, "post_treatment", Draft(name="After", channels=["email"]), at)
    one = FollowupExecution(
        clinic_id=send.clinic_id, rule_id=rule.id, rule_version=1, customer_id=mali.customer_id, anchor="typed",
        about_id=mali.customer_id, purpose="care", status="sent", due_at=at, not_after=at, held=0, created_at=at,
    )  # fmt: skip
    session.add(one)
    session.flush()
    delivery = FollowupDelivery(
        clinic_id=send.clinic_id, execution_id=one.id, channel="email", send_id=send.id, state="sent", created_at=at,
        settled_at=at,
    )  # fmt: skip
    session.add(delivery)
    session.commit()
    tell(aura, "email.opened")
    session.expire_all()
    assert delivery.loaded_at is not None and delivery.state == "delivered"
    assert one.opened_at is None and one.clicked_at is None


def test_nobody_else_is_let_in(session: Session, aura: Aura, mali: LineLink) -> None:
    send = sent(session, mali)
    assert tell(aura, "email.bounced", key="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") == 401
    assert fate(session, send)[0] == "sent" and held(session, mali) is None


def test_a_clinic_that_shares_nothing_lets_nobody_in(session: Session, aura: Aura, mali: LineLink) -> None:
    session.delete(session.get(ClinicSecret, (mali.clinic_id, SECRET)))
    session.commit()
    assert tell(aura, "email.delivered", key="whsec_") == 401
