"""The clinic's follow-up rules in the form of its file, and made what the file says.

Those of the file are known by its code, one that was written over the API by its id. What the file leaves out of the
list rests: deleting is left to who says so, for it ends what was planned.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from clinics.reading import Path
from clinics.rule_items import LinkItem, RuleItem, TemplateItem, again, again_of, conditions_of, in_language, triggers
from followups import rules, templates
from followups.rules import Draft
from followups.texts import Template, called
from models.clinic_words import by_language
from models.clinics import Clinic
from models.followups import FollowupRule, FollowupTemplate
from runtime.language import LANGUAGES


def by_code(session: Session, clinic: Clinic) -> dict[str, FollowupRule]:
    """All that were not deleted, the oldest first."""
    return {row.code or str(row.id): row for row in rules.of_clinic(session, clinic)}


def current(session: Session, clinic: Clinic) -> list[dict[str, Any]]:
    return [_item(session, code, row).model_dump() for code, row in by_code(session, clinic).items()]


def apply(session: Session, clinic: Clinic, items: Sequence[RuleItem], now: datetime) -> None:
    """The caller has seen that nothing is `refused`."""
    known = by_code(session, clinic)
    shared = {one.name: one for one in templates.of_clinic(session, clinic)}
    for item in items:
        draft, row = _draft(item, shared), known.get(item.code)
        if row is None:
            rules.make(session, clinic, item.type, draft, now).code = item.code
        elif _item(session, item.code, row) != item:
            rules.change(session, clinic, row, draft, now)
    wanted = {item.code for item in items}
    for code, row in known.items():
        if row.active and code not in wanted:
            rules.change(session, clinic, row, Draft(active=False), now)


def refused(session: Session, clinic: Clinic, items: Sequence[RuleItem]) -> Iterator[tuple[Path, str]]:
    """What cannot become of the rules that there are, and where it stands in the file."""
    known = by_code(session, clinic)
    shared = {one.name: one for one in templates.of_clinic(session, clinic)}
    for place, item in enumerate(items):
        row, where = known.get(item.code), f"followup_rules.{item.code}"
        if row is not None and row.type != item.type:
            says = f"{where}.type: this rule is a {row.type} and stays one: give the other kind a code of its own"
            yield ("followup_rules", place, "type"), says
        text = shared.get(item.shared_text) if item.shared_text else None
        if item.shared_text and (text is None or text.type != item.type):
            fit = ", ".join(str(one.name) for one in shared.values() if one.type == item.type) or "none yet"
            says = f"{where}.shared_text: rules of this kind share no text {item.shared_text}; there are: {fit}"
            yield ("followup_rules", place, "shared_text"), says


def _item(session: Session, code: str, row: FollowupRule) -> RuleItem:
    """The rule as its file would have it, whatever the order in which it came to the database."""
    text = session.get_one(FollowupTemplate, (row.template_id, row.clinic_id)) if row.template_id else None
    return RuleItem(
        code=code,
        name=row.name,
        type=row.type,
        conditions=conditions_of(row.type, row.conditions),
        channels=tuple(row.channels),
        delivery=row.delivery,
        reentry=again_of(row.reentry),
        priority=row.priority,
        active=row.active,
        ai_personalization=row.ai_personalization,
        workflow_id=row.workflow_id,
        template=_written(text) if text is not None and text.name is None else None,
        shared_text=text.name if text is not None else None,
    )


def _written(text: FollowupTemplate) -> TemplateItem:
    said = {code: text.texts[code] for code in LANGUAGES if code in text.texts}
    below = {code: [LinkItem(**one) for one in words["links"]] for code, words in said.items() if "links" in words}
    return TemplateItem(
        subject={code: words["subject"] for code, words in said.items() if words.get("subject")},
        message={code: words["message"] for code, words in said.items()},
        sms={code: words["sms"] for code, words in said.items() if words.get("sms")},
        links={code: tuple(links) for code, links in below.items()},
        fallbacks={name: by_language(one) for name, one in text.fallbacks.items()},
    )


def _draft(item: RuleItem, shared: dict[str | None, FollowupTemplate]) -> Draft:
    return Draft(
        name=item.name,
        conditions=triggers(item),
        channels=item.channels,
        priority=item.priority,
        delivery=item.delivery,
        reentry=again(item),
        active=item.active,
        ai_personalization=item.ai_personalization,
        template=_template(item.template) if item.template else None,
        template_id=called(shared[item.shared_text]) if item.shared_text else None,
        workflow_id=item.workflow_id,
        whole=True,
    )


def _template(item: TemplateItem) -> Template:
    return Template({code: in_language(item, code) for code in item.message}, fallbacks=item.fallbacks)
