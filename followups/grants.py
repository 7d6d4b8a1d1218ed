"""Words for what one customer may for another: the other's first name, and what it is; never what it would show."""

from uuid import UUID

from sqlalchemy.orm import Session

from customers.voice import first_name
from models.clinics import Clinic
from models.customers import Customer
from models.grants import Grant, What
from models.loyalty import NotificationData
from runtime.language import Language


def called(t: Language, what: What) -> str:
    """As a list of what somebody may names it."""
    names: dict[What, str] = {
        "reminders": t("reminders of appointments"),
        "bookings": t("booking, moving and cancelling"),
        "billing": t("bills"),
    }
    return names[what]


def other(t: Language, customer: Customer) -> str:
    return first_name(customer) or t("a customer of ours")


def given(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> tuple[str, str]:
    grant = session.get_one(Grant, (UUID(data["grant"]), clinic.id))
    what = called(t, grant.what)
    note = t("Never what was treated, what was written, or points. To end it, open the privacy notice in this chat.")
    if data["side"] == "owner":
        return t("{name} may now have this for you: {what}", name=other(t, grant.holder), what=what), note
    return t("You may now have this for {name}: {what}", name=other(t, grant.owner), what=what), note


def ended(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> tuple[str, str]:
    grant = session.get_one(Grant, (UUID(data["grant"]), clinic.id))
    what = called(t, grant.what)
    why = t("Its end date has come.") if grant.ended_why == "end_date" else ""
    if data["side"] == "owner":
        return t("{name} has this for you no longer: {what}", name=other(t, grant.holder), what=what), why
    return t("You have this for {name} no longer: {what}", name=other(t, grant.owner), what=what), why
