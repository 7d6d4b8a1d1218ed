"""What a clinic is now, in the form of its file; and a file as text."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinics import rules
from clinics.contents import LISTS, ClinicFile, ServiceItem
from customers.branches import WEEKDAYS
from models.branches import Branch, Service
from models.clinic_settings import Tiers
from models.clinics import Clinic
from models.rewards import Achievement, Redemption, Reward, Texts
from runtime.language import FIRST, LANGUAGES

Row = TypeVar("Row", Branch, Service, Reward, Achievement)

HEAD = """\
# {name}: everything that this clinic chooses for itself. docs/clinic-file.md explains each key.
# Change it, see what that changes and apply it:  flask --app app clinics apply {slug} FILE
"""
COMING = """\
# The tiers below begin on {date}, as those who lose by them were told. Until then the present ones hold.
"""


def current(session: Session, clinic: Clinic) -> dict[str, Any]:
    """As the clinic wants it: tiers that have been announced stand in place of those that they will replace."""
    settings = clinic.settings
    taken = given_out(session, clinic)
    zone = settings.voice.zone
    return _written(
        {
            "name": clinic.name,
            **settings.model_dump(),
            "tiers": wanted_tiers(clinic).model_dump(),
            "channels": {
                "line": {"basic_id": clinic.line_basic_id, "channel_id": clinic.line_channel_id},
                **settings.channels.model_dump(),
            },
            "branches": [_branch(row) for row in rows(session, clinic, Branch)],
            "services": [_service(row) for row in rows(session, clinic, Service)],
            "rewards": [_reward(row, zone, taken.get(row.id, 0)) for row in rows(session, clinic, Reward)],
            "achievements": [_achievement(row) for row in rows(session, clinic, Achievement)],
            "followup_rules": rules.current(session, clinic),
        }
    )


def content(file: ClinicFile) -> dict[str, Any]:
    """A file in the form of `current`; a list that it leaves out is left out here."""
    return _written({"name": file.name, **file.model_dump()})


def wanted_tiers(clinic: Clinic) -> Tiers:
    return Tiers.model_validate(clinic.next_tiers) if clinic.next_tiers else clinic.settings.tiers


def rows(session: Session, clinic: Clinic, model: type[Row]) -> list[Row]:
    """Those that are active, in the clinic's order."""
    mine = model.clinic_id == clinic.id, model.active
    return list(session.scalars(select(model).where(*mine).order_by(model.position, model.code)))


def given_out(session: Session, clinic: Clinic) -> dict[UUID, int]:
    """How many of each reward customers hold or have used: so many fewer are left of its stock."""
    counted = (
        select(Redemption.reward_id, func.count().label("taken"))
        .join(Reward, (Reward.id == Redemption.reward_id) & (Reward.clinic_id == Redemption.clinic_id))
        .where(Reward.clinic_id == clinic.id, Reward.stock.is_not(None), Redemption.state.in_(("issued", "used")))
        .group_by(Redemption.reward_id)
    )
    return {row.reward_id: row.taken for row in session.execute(counted)}


def begins(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The first instant of a day."""
    return datetime.combine(day, time(), zone) if day is not None else None


def as_text(content: Mapping[str, Any], clinic: Clinic) -> str:
    """The text of a file, complete; what is empty or without limit is left out."""
    coming = COMING.format(date=clinic.next_tiers_on) if clinic.next_tiers_on else ""
    body = yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return HEAD.format(name=clinic.name, slug=clinic.slug) + coming + "\n" + body


def _written(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing; only a list of the file itself may be empty, which says that there is none."""
    kept = {key: _plain(value) for key, value in sections.items()}
    return {key: value for key, value in kept.items() if value not in (None, {}) and (value != [] or key in LISTS)}


def _plain(value: Any) -> Any:
    """As YAML has a way to write it."""
    if isinstance(value, Mapping):
        kept = {key: _plain(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in (None, {}, [])}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.key if isinstance(value, ZoneInfo) else value


def _branch(row: Branch) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.names or {FIRST: row.name},
        "phone": row.phone,
        "address": row.address,
        "map": row.map_url,
        "hours": {day: row.hours[day] for day in WEEKDAYS if day in row.hours},
        "holidays": [date.fromisoformat(day) for day in row.holidays],
        "staff_group": row.staff_group,
        "duty_contact": row.duty_contact,
        "booked_as": row.booked_as,
    }


def _service(row: Service) -> dict[str, Any]:
    return {name: getattr(row, "names" if name == "name" else name) for name in ServiceItem.model_fields}


def _reward(row: Reward, zone: ZoneInfo, taken: int) -> dict[str, Any]:
    last = row.valid_until - timedelta(microseconds=1) if row.valid_until else None
    return {
        "code": row.code,
        "kind": row.kind,
        **_words(row.texts, row.name),
        "points": row.points,
        "percent": row.value,
        "stock": None if row.stock is None else row.stock + taken,
        "per_customer": row.per_customer,
        "valid_from": row.valid_from.astimezone(zone).date() if row.valid_from else None,
        "valid_until": last.astimezone(zone).date() if last else None,
        "least_tier": row.least_tier,
        "code_days": row.code_days,
        "refund_unused": row.refund_unused,
    }


def _achievement(row: Achievement) -> dict[str, Any]:
    return {
        "code": row.code,
        "category": row.category,
        **_words(row.texts, row.name),
        "conditions": row.conditions,
        "points": row.points_reward,
        "icon": row.badge_icon,
        "secret": row.secret,
    }


def _words(texts: Texts, name: str) -> dict[str, dict[str, str]]:
    said = {code: texts[code] for code in LANGUAGES if code in texts}  # PostgreSQL keeps no order
    return {
        "name": {code: words["name"] for code, words in said.items() if words.get("name")} or {FIRST: name},
        "description": {code: words["description"] for code, words in said.items() if words.get("description")},
    }


class _Dumper(yaml.SafeDumper):
    """As people write it: the items of a list further in than its name, and no references."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - theirs
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - theirs
        return True
