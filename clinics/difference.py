"""What applying a file would change, as a person reads it; and what it must not change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinics import rules
from clinics.contents import LISTS, ClinicFile
from clinics.current import content, current, given_out
from clinics.reading import Path
from loyalty import terms
from models.clinics import Clinic
from models.customers import Customer
from models.rewards import Redemption, Reward

LONGEST_SAID = 60
_NAMED = {
    "branches": "code",
    "services": "code",
    "rewards": "code",
    "achievements": "code",
    "answers": "code",
    "followup_rules": "code",
    "steps": "name",
}
"""Lists whose items are known by a name."""


_GOES = {
    "steps": "",
    "followup_rules": "it rests, and speaks again when the file has it as `active: true`; only the API deletes it",
}
"""What becomes of an item that the file has no more, where that is not what becomes of most."""


@dataclass(frozen=True)
class Change:
    """`before` None: it is new; `after` None: it goes."""

    where: str
    before: str | None
    after: str | None
    note: str = ""

    def __str__(self) -> str:
        if self.before is None:
            said = f"new: {self.after}" if self.after else "new"
        else:
            said = f"{self.before} → {self.after}" if self.after is not None else f"{self.before} → nothing"
        return f"{self.where}: {said}{f' ({self.note})' if self.note else ''}"


@dataclass(frozen=True)
class Difference:
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    """What follows for people."""

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.changes, *self.notes)))


def difference(session: Session, clinic: Clinic, file: ClinicFile, now: datetime) -> Difference:
    """Between the clinic as it is now and the file."""
    before, after = current(session, clinic), content(file)
    before = {key: value for key, value in before.items() if key in after or key not in LISTS}
    _leave_resting(before, after)
    changes = tuple(_changes(before, after, _codes_out(session, clinic)))
    notes = [*_unspoken(session, clinic, file)]
    if before.get("tiers") != after.get("tiers"):
        notes += _notes(session, clinic, file, now)
    return Difference(changes, tuple(notes))


def _leave_resting(before: dict[str, Any], after: Mapping[str, Any]) -> None:
    """A rule that rests already stays as it is where the file does not name it."""
    if "followup_rules" in before:
        named = {rule["code"] for rule in after["followup_rules"]}
        kept = [rule for rule in before["followup_rules"] if rule["code"] in named or rule["active"]]
        before["followup_rules"] = kept


def refused(session: Session, clinic: Clinic, file: ClinicFile) -> Iterator[tuple[Path, str]]:
    """What would take something away that customers have already, or cannot be of what there is, and where it stands in
    the file."""
    yield from rules.refused(session, clinic, file.followup_rules or ())
    known = {row.code: row for row in session.scalars(select(Reward).where(Reward.clinic_id == clinic.id))}
    taken, out = given_out(session, clinic), _codes_out(session, clinic)
    for place, item in enumerate(file.rewards or ()):
        row = known.get(item.code)
        if row is None:
            continue
        had = taken.get(row.id, 0) if row.stock is not None else _had(session, row)
        if item.stock is not None and item.stock < had:
            says = f"rewards.{item.code}: customers have taken {had} already, so stock cannot be less"
            yield ("rewards", place, "stock"), says
        if row.refund_unused and not item.refund_unused and (codes := out.get(item.code)):
            says = (
                f"rewards.{item.code}: {codes} codes are out whose points come back if nobody uses them; refund_unused "
                "can become false when they are used or over, or give the reward a new code"
            )
            yield ("rewards", place, "refund_unused"), says


def _codes_out(session: Session, clinic: Clinic) -> dict[str, int]:
    """By reward: codes that customers hold and have not used."""
    counted = (
        select(Reward.code, func.count().label("codes"))
        .join(Redemption, (Redemption.reward_id == Reward.id) & (Redemption.clinic_id == Reward.clinic_id))
        .where(Redemption.clinic_id == clinic.id, Redemption.state == "issued")
        .group_by(Reward.code)
    )
    return {row.code: row.codes for row in session.execute(counted)}


def _had(session: Session, reward: Reward) -> int:
    counted = select(func.count()).where(
        Redemption.reward_id == reward.id,
        Redemption.clinic_id == reward.clinic_id,
        Redemption.state.in_(("issued", "used")),
    )
    return session.scalar(counted) or 0


def _changes(before: Any, after: Any, out: Mapping[str, int], path: tuple[str, ...] = ()) -> Iterator[Change]:
    where = ".".join(path)
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            yield from _changes(before.get(key), after.get(key), out, (*path, key))
    elif path and (name := _NAMED.get(path[-1])) and isinstance(before or after, list):
        yield from _items(before or [], after or [], name, out, path)
    elif isinstance(before or after, dict):
        yield from _changes(before or {}, after or {}, out, path)
    else:
        yield Change(where, _said(before), _said(after), _note(path))


def _items(
    before: list[dict[str, Any]], after: list[dict[str, Any]], name: str, out: Mapping[str, int], path: tuple[str, ...]
) -> Iterator[Change]:
    had, has = ({str(item[name]): item for item in items} for items in (before, after))
    for code in (code for code in had if code not in has):
        held = out.get(code, 0) if path == ("rewards",) else 0
        note = f"{held} codes that customers hold stay good" if held else _GOES.get(path[-1], "what has been is kept")
        yield Change(".".join((*path, code)), _title(had[code]), None, note)
    for code, item in has.items():
        if code in had:
            yield from _changes(had[code], item, out, (*path, code))
        else:
            yield Change(".".join((*path, code)), None, _title(item))
    stay = [[code for code in codes if code in had and code in has] for codes in (had, has)]
    if stay[0] != stay[1]:
        yield Change(f"{'.'.join(path)}: order", ", ".join(stay[0]), ", ".join(stay[1]))


def _title(item: Mapping[str, Any]) -> str:
    """What a new or ending item is, in a line."""
    kept = {key: value for key, value in item.items() if key not in ("code", "conditions", "template")}
    return ", ".join(
        f"{key} {_said(next(iter(one.values())) if isinstance(one, dict) else one)}" for key, one in kept.items()
    )


def _note(path: tuple[str, ...]) -> str:
    if path == ("points", "life_months"):
        return "points that are earned already keep their day"
    if path[0] == "followup_rules" and ("conditions" in path or path[-1] == "reentry"):
        return "what is ahead is planned anew"
    if path[0] == "rewards" and path[-1] in ("points", "percent", "code_days"):
        return "codes that are out stay as they are"
    return ""


def _said(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, value)))
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}…"


def _unspoken(session: Session, clinic: Clinic, file: ClinicFile) -> Iterator[str]:
    """Of languages that end: who speaks them."""
    known = Customer.clinic_id == clinic.id, Customer.data_key.is_not(None), Customer.merged_into.is_(None)
    first = file.voice.languages[0]
    for code in (one for one in clinic.settings.voice.languages if one not in file.voice.languages):
        if people := session.scalar(select(func.count()).where(*known, Customer.language == code)):
            who = "1 person is" if people == 1 else f"{people:,} people are"
            yield f"{who} spoken to in {code}, and will be in {first}. Their choice is kept, should {code} come back."


def _notes(session: Session, clinic: Clinic, file: ClinicFile, now: datetime) -> Iterator[str]:
    if clinic.next_tiers is not None:
        yield f"What was announced for {clinic.next_tiers_on} is withdrawn."
    if not terms.worse(clinic.settings.tiers, file.tiers):
        return
    people, on = terms.concerned(session, clinic, file.tiers), terms.begins_on(clinic, now)
    who = {0: "no member has less by it", 1: "1 member has less by it, and is told now"}
    said = who.get(people, f"{people:,} members have less by it, and are told now")
    yield f"What is worse in these tiers begins on {on}: {said}. What is better holds at once."
