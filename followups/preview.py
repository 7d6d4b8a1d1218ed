"""What a rule would say to a customer, by the real way to the last step: nothing is written, and nothing counts.

A draft is looked at as if it spoke.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import Channels, TooMuch
from channels.message import Message
from customers.voice import in_language, language_of
from followups import answers, gates, plan, preferences, texts, wording
from followups.asked import Asked, End, Hold, Verdict
from followups.errors import BadRule, NothingToSay
from followups.kind import When, kinds
from followups.ways import Way, first_of, out_of_hours, way_over, ways_for
from models.clinics import Clinic
from models.customers import Customer
from models.followups import FollowupExecution, FollowupRule
from runtime.language import Language

LOOKS = 12
"""So often what is held is looked at again, at the time until which it was held."""
OF_USE = timedelta(days=1)


@dataclass(frozen=True)
class Drawn:
    """What is said over one channel in one language. `why_not`: it would not go over this one."""

    channel: str
    language: str
    chosen: bool
    why_not: str | None
    message: Message | None
    body: bytes | None
    """As the channel would carry it; None where there is no such channel here."""


@dataclass(frozen=True)
class Fate:
    """What the gates would say. `held`: each until when, and why; `end`: None where it is said, at `at`."""

    at: datetime
    held: Sequence[Hold]
    end: End | None


def pretended(session: Session, clinic: Clinic, rule: FollowupRule, customer: Customer, now: datetime) -> Any:
    """What would be planned of what is next of this customer, else of what was last. Raises `NothingToSay`."""
    kind = kinds[rule.type]
    conditions = kind.conditions.model_validate(rule.conditions)
    all_ = kind.anchors(clinic, conditions, When(now, None, None)).select.subquery()
    theirs = select(all_.c.about_id).where(all_.c.customer_id == customer.id, all_.c.holds)
    about = session.scalars(theirs.order_by(all_.c.at < now, all_.c.at, all_.c.about_id).limit(1)).one_or_none()
    if about is None and not kind.daily:
        raise NothingToSay
    if about is None or kind.daily:
        return of(rule, customer, {"anchor": "preview", "about_id": customer.id, "step": 0,
                                   "due_at": now, "not_after": now + OF_USE})  # fmt: skip
    said = plan.ahead(clinic, rule, now, [about]).subquery()
    each = session.execute(select(said).where(said.c.customer_id == customer.id).order_by(said.c.due_at)).mappings()
    steps: list[dict[str, Any]] = [dict(one) for one in each]
    return of(rule, customer, next((one for one in steps if one["due_at"] >= now), steps[-1]))


def of(rule: FollowupRule, customer: Customer, planned: Mapping[str, Any]) -> FollowupExecution:
    """One that is of no session, and so is never kept."""
    made = FollowupExecution(
        clinic_id=rule.clinic_id, rule_id=rule.id, rule_version=rule.version, customer_id=customer.id,
        anchor=planned["anchor"], about_id=planned["about_id"], purpose=kinds[rule.type].purpose, step=planned["step"],
        status="planned", due_at=planned["due_at"], not_after=planned["not_after"], held=0,
    )  # fmt: skip
    made.rule, made.customer = rule, customer
    return made


def asked(session: Session, one: FollowupExecution, now: datetime) -> Asked:
    customer, kind = one.customer, kinds[one.rule.type]
    return Asked(session, customer.clinic, customer, one.rule, kind, one, answers.chosen(session, one), now)


def fate(channels: Channels, about: Asked) -> Fate:
    """From the time at which it is looked at on: what holds today is taken to hold then."""
    held: list[Hold] = []
    for _ in range(LOOKS):
        said = next((said for gate in gates.GATES if gate is not gates.rule_active and (said := gate(about))), None)
        said = said or _left(channels, about)
        if not isinstance(said, Hold):
            return Fate(about.now, held, said)
        held = [*(one for one in held if one.reason != said.reason), said]
        about = replace(about, now=said.until)
    return Fate(about.now, held, None)


def _left(channels: Channels, about: Asked) -> Verdict:
    """What ends or holds it behind the gates: no way to the customer, no value for a variable, the same words again."""
    ways, passed = ways_for(channels, about)
    if not ways:
        return End("skipped", first_of(passed))
    if held := out_of_hours(about, ways):
        return held
    try:
        message = wording.worded(about.session, about.execution, about.kind, language_of(about.clinic, about.customer))
    except texts.Missing as missing:
        return End("skipped", f"missing_variable:{missing}")
    return gates.repeated(about, wording.plain(message))


def drawn(channels: Channels, about: Asked) -> list[Drawn]:
    """Over each channel of the rule, in each language of the clinic; the customer's order and language first. Raises
    `BadRule` for what one of them would not take."""
    clinic = about.clinic
    own = language_of(clinic, about.customer)
    languages = [own, *(in_language(clinic, code) for code in clinic.settings.voice.languages if code != own.code)]
    chosen = {way.channel.name for way in ways_for(channels, about)[0]}
    return [
        _drawn(channels, about, name, t, chosen=name in chosen and t is own)
        for name in preferences.in_order(about.preferences, about.rule.channels)
        for t in languages
    ]


def _drawn(channels: Channels, about: Asked, name: str, t: Language, *, chosen: bool) -> Drawn:
    over = way_over(channels, about, name)
    why_not = None if isinstance(over, Way) else over
    try:
        message = wording.worded(about.session, about.execution, about.kind, t)
    except texts.Missing as missing:
        return Drawn(name, t.code, chosen, f"missing_variable:{missing}", None, None)
    try:
        body = channels[name].render(message, about.clinic, t) if name in channels else None
    except TooMuch as error:
        raise BadRule("template", f"in {t.code} it does not fit into what {name} takes: {error}") from error
    return Drawn(name, t.code, chosen, why_not, message, body)
