"""Making a clinic what its file says, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinics import rules
from clinics.contents import AchievementItem, BranchItem, ClinicFile, RewardItem, ServiceItem
from clinics.current import begins, given_out, wanted_tiers
from customers.clinics import new_clinic
from loyalty import achievements, rewards, terms
from loyalty.defaults import achievements as first_achievements
from loyalty.defaults import rewards as first_rewards
from models.branches import Branch, Service
from models.clinic_settings import ClinicSettings
from models.clinics import Clinic
from models.rewards import Achievement, Reward, Texts
from runtime.language import LANGUAGES

LINE = "line"
"""The channel that the clinic's row has by itself."""
Row = TypeVar("Row", Branch, Service, Reward, Achievement)


def create(session: Session, slug: str, file: ClinicFile, now: datetime) -> Clinic:
    """A new clinic. Of rewards and achievements that the file leaves out it has the product's.

    Raises `ValueError` for a slug that cannot be, and for a rule with a shared text, of which it has none yet.
    """
    clinic = new_clinic(session, slug, file.name, now, _chosen(file))
    for _path, says in rules.refused(session, clinic, file.followup_rules or ()):
        raise ValueError(says)
    if file.branches:
        session.scalars(select(Branch).where(Branch.clinic_id == clinic.id)).one().code = file.branches[0].code
    if file.rewards is None:
        first_rewards.seed(session, clinic)
    if file.achievements is None:
        first_achievements.seed(session, clinic)
    _fill(session, clinic, file, now)
    return clinic


def apply(session: Session, clinic: Clinic, file: ClinicFile, now: datetime) -> None:
    """What the file no longer has is retired: whoever holds or has reached it keeps it. The caller holds the clinic's
    row, and has seen that nothing is `refused`."""
    tiers = clinic.settings.tiers
    chosen = _chosen(file)
    clinic.own_settings = {**chosen, "tiers": tiers.model_dump(mode="json")}
    if file.tiers != wanted_tiers(clinic):
        terms.change(session, clinic, file.tiers, now)
    clinic.name = file.name
    _fill(session, clinic, file, now)


def _chosen(file: ClinicFile) -> dict[str, Any]:
    """Of the settings what the file says, and nothing that it leaves out."""
    said = file.model_dump(mode="json", exclude_unset=True, include=set(ClinicSettings.model_fields))
    if own := {name: one for name, one in said.pop("channels", {}).items() if name != LINE}:
        said["channels"] = own
    return said


def _fill(session: Session, clinic: Clinic, file: ClinicFile, now: datetime) -> None:
    line = file.channels.line
    clinic.line_basic_id, clinic.line_channel_id = line.basic_id, line.channel_id
    session.flush()
    if file.branches is not None:
        _branches(session, clinic, file.branches, now)
    if file.services is not None:
        _services(session, clinic, file.services)
    if file.rewards is not None:
        _rewards(session, clinic, file.rewards)
    if file.achievements is not None:
        _achievements(session, clinic, file.achievements)
    if file.followup_rules is not None:
        rules.apply(session, clinic, file.followup_rules, now)
    session.flush()


def _branches(session: Session, clinic: Clinic, items: Sequence[BranchItem], now: datetime) -> None:
    known = _retired(session, clinic, Branch, items)
    for place, item in enumerate(items):
        row = known.get(item.code) or Branch(clinic_id=clinic.id, code=item.code, created_at=now)
        row.name, row.names, row.phone, row.address = _plain_name(item.name), item.name, item.phone, item.address
        row.map_url, row.hours, row.staff_group = item.map, item.hours, item.staff_group
        row.holidays = [day.isoformat() for day in item.holidays]
        row.duty_contact = item.duty_contact.model_dump(exclude_none=True) if item.duty_contact else {}
        row.booked_as = {source: list(names) for source, names in item.booked_as.items()}
        row.active, row.position = True, place
        session.add(row)


def _services(session: Session, clinic: Clinic, items: Sequence[ServiceItem]) -> None:
    known = _retired(session, clinic, Service, items)
    for place, item in enumerate(items):
        row = known.get(item.code) or Service(clinic_id=clinic.id, code=item.code)
        for name in ServiceItem.model_fields:
            setattr(row, "names" if name == "name" else name, getattr(item, name))
        row.active, row.position = True, place
        session.add(row)


def _rewards(session: Session, clinic: Clinic, items: Sequence[RewardItem]) -> None:
    known = _retired(session, clinic, Reward, items)
    for row in sorted(known.values(), key=lambda one: one.id):
        rewards.lock(session, clinic.id, row.id)  # so that what is taken meanwhile is counted
    zone = clinic.settings.voice.zone
    for place, item in enumerate(items):
        row = known.get(item.code) or Reward(clinic_id=clinic.id, code=item.code)
        row.kind, row.points, row.value, row.per_customer = item.kind, item.points, item.percent, item.per_customer
        row.name, row.texts = _plain_name(item.name), _texts(item.name, item.description)
        _validity(row, item, zone)
        row.least_tier, row.code_days, row.refund_unused = item.least_tier, item.code_days, item.refund_unused
        row.stock = item.stock
        row.active, row.position = True, place
        session.add(row)
    session.flush()
    taken = given_out(session, clinic)
    for row in known.values():
        if row.active and row.stock is not None:
            row.stock -= taken.get(row.id, 0)


def _validity(row: Reward, item: RewardItem, zone: ZoneInfo) -> None:
    row.valid_from = begins(item.valid_from, zone)
    row.valid_until = begins(item.valid_until + timedelta(days=1) if item.valid_until else None, zone)


def _achievements(session: Session, clinic: Clinic, items: Sequence[AchievementItem]) -> None:
    known = _retired(session, clinic, Achievement, items)
    for place, item in enumerate(items):
        row = known.get(item.code) or Achievement(clinic_id=clinic.id, code=item.code)
        row.category, row.badge_icon, row.points_reward, row.secret = item.category, item.icon, item.points, item.secret
        row.name, row.texts = _plain_name(item.name), _texts(item.name, item.description)
        row.conditions = item.conditions.model_dump(exclude_none=True)  # type: ignore[assignment] # checked by the item
        row.active = True
        if item.code not in known or session.is_modified(row):  # everybody is held against goals that have changed
            achievements.save(session, row)
        row.position = place


def _retired(session: Session, clinic: Clinic, model: type[Row], items: Sequence[Any]) -> dict[str, Row]:
    """All the clinic has ever had, by code; those that are not among the items are not active any more."""
    known = {row.code: row for row in session.scalars(select(model).where(model.clinic_id == clinic.id))}
    wanted = {item.code for item in items}
    for code, row in known.items():
        row.active = row.active and code in wanted
    return known


def _texts(names: dict[str, str], described: dict[str, str]) -> Texts:
    texts: Texts = {code: {"name": name} for code, name in names.items()}
    for code, text in described.items():
        texts.setdefault(code, {"name": names.get(code) or _plain_name(names)})["description"] = text
    return texts


def _plain_name(names: dict[str, str]) -> str:
    """For whoever has no language: in the last of ours, which more of the world reads than the first."""
    return next(names[code] for code in reversed(LANGUAGES) if code in names)
