"""Rules: made, changed, paused and ended. What follows for what is planned is worked out by `followups/plan.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from followups import reentry, templates, texts
from followups.errors import BadRule, UnknownKind
from followups.kind import Conditions, Kind, kinds
from followups.texts import Template
from models.clinics import Clinic
from models.followups import Delivery, FollowupRule, FollowupTemplate, Priority, Reentry
from runtime import wake


@dataclass(frozen=True)
class Draft:
    """A rule as it was written; None is left as it is."""

    name: str | None = None
    conditions: Mapping[str, Any] | None = None
    channels: Sequence[str] | None = None
    priority: Priority | None = None
    delivery: Delivery | None = None
    reentry: Reentry | None = None
    active: bool | None = None
    ai_personalization: bool | None = None
    template: Template | None = None
    template_id: UUID | None = None
    """Of one that rules share; else `template` is the rule's own."""
    workflow_id: str | None = None
    whole: bool = False
    """It is all of the rule: words and a workflow that are left out are none."""


def make(session: Session, clinic: Clinic, type_: str, draft: Draft, now: datetime) -> FollowupRule:
    """A rule of this kind; a draft, until it is active. Raises `FollowupError`."""
    if type_ not in kinds:
        raise UnknownKind(type_, ", ".join(kinds))
    kind = kinds[type_]
    if not draft.channels:
        raise BadRule("channels", f"name at least one of {', '.join(kind.channels)}")
    rule = FollowupRule(
        clinic_id=clinic.id,
        name=draft.name,
        type=type_,
        version=1,
        conditions=dict(draft.conditions or {}),
        channels=list(draft.channels),
        priority=draft.priority or "normal",
        delivery=draft.delivery or "first",
        reentry=draft.reentry or reentry.EACH,
        active=False,
        ai_personalization=False,
        workflow_id=draft.workflow_id,
        created_at=now,
        changed_at=now,
    )
    _check(kind, rule, draft)
    session.add(rule)
    session.flush()
    rule.ai_personalization = bool(draft.ai_personalization)
    rule.template_id = _template(session, clinic, kind, rule, draft, now)
    _check_sms(session, clinic, rule)
    _begin(session, rule, draft.active, now)
    return rule


def change(session: Session, clinic: Clinic, rule: FollowupRule, draft: Draft, now: datetime) -> FollowupRule:
    """Another version where it changes what is planned; what is ahead is planned anew. What it is called, by whomever,
    and how it is said changes no plan. Raises `FollowupError`."""
    kind = kinds[rule.type]
    before, again = rule.conditions, rule.reentry
    rule.name = draft.name or rule.name
    rule.conditions = rule.conditions if draft.conditions is None else dict(draft.conditions)
    rule.channels = rule.channels if draft.channels is None else list(draft.channels)
    rule.priority, rule.delivery = draft.priority or rule.priority, draft.delivery or rule.delivery
    rule.reentry = draft.reentry or rule.reentry
    rule.workflow_id = draft.workflow_id or (None if draft.whole else rule.workflow_id)
    _check(kind, rule, draft)
    if draft.ai_personalization is not None:
        rule.ai_personalization = draft.ai_personalization
    rule.template_id = _template(session, clinic, kind, rule, draft, now)
    _check_sms(session, clinic, rule)
    rule.changed_at = now
    conditions = kind.conditions.model_validate(rule.conditions)
    if (conditions, rule.reentry) != (kind.conditions.model_validate(before), again):
        rule.version += 1
        _plan_anew(session, rule)
    _begin(session, rule, draft.active, now)
    return rule


def end(session: Session, rule: FollowupRule, now: datetime) -> None:
    """What it has said stays; what it had planned is not said."""
    rule.active, rule.ended_at = False, now
    _plan_anew(session, rule)


def of_clinic(session: Session, clinic: Clinic) -> Sequence[FollowupRule]:
    chosen = FollowupRule.clinic_id == clinic.id, FollowupRule.ended_at.is_(None)
    return session.scalars(select(FollowupRule).where(*chosen).order_by(FollowupRule.id)).all()


def find(session: Session, clinic: Clinic, id_: UUID) -> FollowupRule | None:
    """Locked: two that change it come after each other."""
    chosen = FollowupRule.clinic_id == clinic.id, FollowupRule.id == id_, FollowupRule.ended_at.is_(None)
    return session.scalars(select(FollowupRule).where(*chosen).with_for_update()).one_or_none()


def _begin(session: Session, rule: FollowupRule, active: bool | None, now: datetime) -> None:
    """On resuming, what was planned before is still there: what is too late has been missed."""
    if active and not rule.active:
        rule.active_since = rule.active_since or now
        _plan_anew(session, rule)
    if active is not None:
        rule.active = active


def _plan_anew(session: Session, rule: FollowupRule) -> None:
    rule.to_plan, rule.parts, rule.plan_error = True, None, None
    wake.after(session, "followups")


def _check(kind: Kind[Conditions], rule: FollowupRule, draft: Draft) -> None:
    try:
        kind.conditions.model_validate(rule.conditions)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(["triggerConditions", *(str(step) for step in first["loc"])])
        raise BadRule(place, _wrong(kind, error)) from None
    wrong = [one for one in rule.channels if one not in kind.channels]
    if wrong or not rule.channels or len(set(rule.channels)) != len(rule.channels):
        raise BadRule("channels", f"name each once, the preferred first, of {', '.join(kind.channels)}")
    if draft.ai_personalization and not kind.ai:
        raise BadRule("aiPersonalization", f"a follow-up of the kind {kind.name} is never worded by a model")


def _check_sms(session: Session, clinic: Clinic, rule: FollowupRule) -> None:
    if rule.template_id is not None:
        template = session.get_one(FollowupTemplate, (rule.template_id, clinic.id))
        templates.check_sms(session, clinic, rule.channels, template)


def _wrong(kind: Kind[Conditions], refused: ValidationError) -> str:
    """In plain words what the kind wants of a condition."""
    error = refused.errors(include_url=False)[0]
    if error["type"] == "extra_forbidden":
        there = ", ".join(one.alias or name for name, one in kind.conditions.model_fields.items())
        return f"{kind.name} has no such condition; it has {there or 'none'}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return error["msg"][:1].lower() + error["msg"][1:]


def _template(
    session: Session, clinic: Clinic, kind: Kind[Conditions], rule: FollowupRule, draft: Draft, now: datetime
) -> UUID | None:
    """The text that it says: another version of its own, one that several share, or the one before."""
    if draft.template is not None and draft.template_id is not None:
        raise BadRule("templateId", "write template or templateId, not both")
    if draft.template is not None:
        before = rule.template if rule.template is not None and rule.template.name is None else None
        return texts.keep(session, clinic, kind, draft.template, now, before=before).id
    if draft.template_id is None:
        return None if draft.whole else rule.template_id
    found = templates.find(session, clinic, draft.template_id)
    if found.type != kind.name:
        raise BadRule("templateId", f"this text is for rules of the kind {found.type}")
    return found.id
