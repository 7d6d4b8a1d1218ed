"""The ways to people of the clinic, who alone move and cancel: by telephone, and in the chat."""

from collections.abc import Sequence
from dataclasses import dataclass

from channels.line.links import open_chat
from customers.branches import dialled, in_words
from models.branches import Branch
from web.portal.visit import Visit


@dataclass(frozen=True)
class Way:
    label: str
    href: str
    icon: str


def ways(visit: Visit, places: Sequence[Branch]) -> list[Way]:
    """A call for each branch that has a number; the chat, where the clinic's account is known, with the words written
    that call the team."""
    t = visit.t
    phones = [one for one in places if one.phone]
    found = []
    for one in phones:
        name = in_words(one.names, t.code, one.name)
        label = t("Call {branch}", branch=name) if len(phones) > 1 else t("Call {phone}", phone=one.phone)
        found.append(Way(label, dialled(one.phone or ""), "phone"))
    if account := visit.clinic.line_basic_id:
        found.append(Way(t("Write to us in LINE"), open_chat(account, t("Talk to our team")), "message-circle"))
    return found
