"""Texts that rules share: named, in versions. A rule that says one says its newest version."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from followups import sms_rules, texts
from followups.errors import BadRule, NameTaken, TemplateInUse, UnknownKind, UnknownTemplate
from followups.kind import kinds
from followups.texts import Template
from models.clinics import Clinic
from models.followups import FollowupRule, FollowupTemplate


def make(session: Session, clinic: Clinic, type_: str, name: str, given: Template, now: datetime) -> FollowupTemplate:
    """For rules of this kind. Raises `FollowupError`."""
    if type_ not in kinds:
        raise UnknownKind(type_, ", ".join(kinds))
    if any(one.name == name for one in of_clinic(session, clinic)):
        raise NameTaken(name)
    return texts.keep(session, clinic, kinds[type_], given, now, name=name)


def change(
    session: Session, clinic: Clinic, newest: FollowupTemplate, given: Template, now: datetime
) -> FollowupTemplate:
    """Another version, which every rule that has said the one before says from now on. Raises `FollowupError`."""
    made = texts.keep(session, clinic, kinds[newest.type], given, now, before=newest)
    for rule in said_by(session, newest):
        check_sms(session, clinic, rule.channels, made)
    session.execute(
        update(FollowupRule)
        .where(FollowupRule.clinic_id == clinic.id, FollowupRule.template_id == newest.id)
        .values(template_id=made.id, changed_at=now)
    )
    return made


def check_sms(session: Session, clinic: Clinic, channels: Sequence[str], template: FollowupTemplate) -> None:
    """Raises `BadRule` for a text that no operator would carry, where it is to go as an SMS."""
    own, defaults = clinic.settings.channels.sms, session.info["clinic_defaults"]
    for language, says in sms_rules.wrong(kinds[template.type], channels, template.texts, own, defaults):
        raise BadRule(f"template.texts.{language}", says)


def end(session: Session, newest: FollowupTemplate, now: datetime) -> None:
    """No rule may say it any more; what was said by it can still be read. Raises `TemplateInUse`."""
    if saying := said_by(session, newest):
        raise TemplateInUse({str(one.id): one.name for one in saying})
    versions = _versions(newest.clinic_id, texts.called(newest))
    session.execute(update(FollowupTemplate).where(*versions).values(ended_at=now))


def of_clinic(session: Session, clinic: Clinic) -> Sequence[FollowupTemplate]:
    """The newest version of each, in the order in which they were first written."""
    table = FollowupTemplate
    shared = table.clinic_id == clinic.id, table.name.is_not(None), table.ended_at.is_(None)
    first = func.coalesce(table.first_id, table.id)
    newest = select(table).where(*shared).ext(distinct_on(first))
    return session.scalars(newest.order_by(first, table.version.desc())).all()


def find(session: Session, clinic: Clinic, id_: UUID) -> FollowupTemplate:
    """The newest version, locked: who changes it, deletes it or has a rule say it comes after each other. Raises
    `UnknownTemplate`."""
    table = FollowupTemplate
    versions = *_versions(clinic.id, id_), table.name.is_not(None), table.ended_at.is_(None)
    first = session.scalars(select(table).where(*versions, table.version == 1).with_for_update()).one_or_none()
    if first is None:
        raise UnknownTemplate
    return session.scalars(select(table).where(*versions).order_by(table.version.desc()).limit(1)).one()


def said_by(session: Session, newest: FollowupTemplate) -> Sequence[FollowupRule]:
    """The rules that say it."""
    mine = FollowupRule.clinic_id == newest.clinic_id, FollowupRule.template_id == newest.id
    return session.scalars(
        select(FollowupRule).where(*mine, FollowupRule.ended_at.is_(None)).order_by(FollowupRule.id)
    ).all()


def _versions(clinic_id: UUID, first: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    table = FollowupTemplate
    return table.clinic_id == clinic_id, or_(table.id == first, table.first_id == first)
