"""Calls that the staff are asked for, as their group is shown them: who, why, until when, and a button for done."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.cards.frame import palette_of
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_SMALL, Flex, badge, bubble, button, carousel, key_value, message, title
from channels.line.messages import Card
from channels.message import aloud
from customers import cards, contacts
from models.clinics import Clinic
from models.tasks import Task
from runtime.language import Language

SHOWN = 10


def why(t: Language, kind: str) -> str:
    """What the call is for. Without the treatment: a group is read on locked phones too."""
    reasons = {
        "post_treatment": t("ask how they feel after their visit"),
        "satisfaction_survey": t("ask how content they were"),
        "upsell_opportunity": t("tell them what would go well with their last visit"),
        "birthday_special": t("wish them a happy birthday"),
        "inactive_reactivation": t("invite them: they have not come for long"),
        "course_ended_call": t("their course has ended with sessions left, ask what they wish"),
    }
    return reasons.get(kind, t("call them"))


def said(t: Language, task: Task) -> str:
    return t("Please call {name}: {why}", name=who_is(t, task.customer), why=why(t, task.kind))


def asked(session: Session, clinic: Clinic, t: Language, task: Task) -> tuple[str, Flex]:
    """One task: in words, and as a card whose button speaks for whoever taps it, or is typed."""
    palette, number = palette_of(clinic), task.customer.member_number
    digits = contacts.last_digits(session, task.customer)
    urgent = task.priority == "high"
    label = t("Urgent")
    return aloud(*([label] if urgent else []), said(t, task)), bubble(
        *([badge(label, background=palette.accent, color=palette.surface)] if urgent else []),
        title(said(t, task), **({"margin": GAP} if urgent else {})),
        *([key_value(t("Number"), cards.spaced(number), margin=GAP)] if number else []),
        *([key_value(t("Phone"), f"…{digits}", margin=GAP_SMALL)] if digits else []),
        key_value(t("Until"), f"{t.date(task.until)} {t.time(task.until)}", margin=GAP_SMALL),
        buttons=[button(t("Done"), message(wording(t, "task_done", task.code)), palette)],
    )


def listed(session: Session, clinic: Clinic, t: Language, waiting: Sequence[Task]) -> Card:
    drawn = [asked(session, clinic, t, one) for one in waiting[:SHOWN]]
    alt = t.n("{count} call is open.", "{count} calls are open.", len(waiting))
    return Card(aloud(alt, *(words for words, _ in drawn)), carousel([card for _, card in drawn]))


def none(t: Language) -> str:
    return t("No call is open.")


def noted(t: Language, task: Task, names: Mapping[str, str]) -> str:
    """For everybody who reads along."""
    who = names.get(task.done_by or "") or t("a member whose name LINE has not told yet")
    return t("Noted: {who} has called {name}.", who=who, name=who_is(t, task.customer))


def noted_before(t: Language, task: Task, names: Mapping[str, str]) -> str:
    who = names.get(task.done_by or "") or t("a member whose name LINE has not told yet")
    at = f"{t.date(task.done_at)} {t.time(task.done_at)}" if task.done_at else ""
    return t("{who} has called {name} already ({at}).", who=who, name=who_is(t, task.customer), at=at)


def unknown(t: Language, code: str) -> str:
    return t(
        "No call has the code {code}. “{tasks}” lists the open ones.", code=code.upper(), tasks=wording(t, "tasks")
    )
