"""The day as the staff's group sees it, and what can be asked there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.cards import staff_waiting
from bot.cards.frame import palette_of
from bot.cards.staff_waiting import Waiting
from channels.line.flex import CLOSE, GAP_SMALL, SMALL, bubble, key_value, text, title
from channels.line.messages import Card
from models.clinics import Clinic
from models.staff import ActKind, StaffAct
from runtime.language import Language

SHOWN = 10
OF_VALUE: tuple[ActKind, ...] = ("payment", "adjust", "use", "share")
"""The kinds of acts that give somebody something."""


def day(
    clinic: Clinic, t: Language, heading: str, acts: Sequence[StaffAct], names: Mapping[str, str], waiting: Waiting
) -> Card:
    """How much was recorded, what of it by one member without another, what limits stopped and in whose hands, and what
    waits for somebody."""
    done = [one for one in acts if one.state == "done"]
    paid = [one.amount or Decimal(0) for one in done if one.kind == "payment"]
    adjusted = [one for one in done if one.kind == "adjust"]
    answers = sum(one.kind == "answer" for one in done)
    stopped = [one for one in acts if one.state == "stopped"]
    alone = [one for one in done if one.kind in OF_VALUE and one.asked_by == one.done_by]
    counts = [
        (t("Payments"), f"{t.number(len(paid))} · {t.baht(sum(paid, Decimal(0)))}"),
        (t("Visits"), t.number(sum(one.visit_id is not None for one in done))),
        (t("Codes used"), t.number(sum(one.kind == "use" for one in done))),
        *([(t("Adjusted points"), t.number(len(adjusted)))] if adjusted else []),
        *([(t("Answers to customers"), t.number(answers))] if answers else []),
        (t("Taken back"), t.number(sum(one.state == "undone" for one in acts))),
        (t("Stopped by a limit"), t.number(len(stopped))),
        *staff_waiting.counts(t, waiting),
    ]
    unnamed = t("a member whose name LINE has not told yet")
    said = [f"{names.get(who) or unnamed}: {what}" for who, what in _alone(t, alone)[:SHOWN]]
    each = Counter(f"{names.get(one.asked_by) or unnamed}: {_limit(t, one)}" for one in reversed(stopped))
    said += [f"{what} × {t.number(count)}" if count > 1 else what for what, count in each.items()][:SHOWN][::-1]
    said += staff_waiting.lines(t, waiting)[:SHOWN]
    lines = [key_value(label, value, margin=GAP_SMALL) for label, value in counts]
    lines += [text(each, size=SMALL, margin=GAP_SMALL) for each in said]
    alt = ", ".join(f"{label} {value}" for label, value in counts)
    buttons = staff_waiting.buttons(t, waiting, palette_of(clinic)) or None
    return Card(alt, bubble(title(heading), *lines, padding=CLOSE, buttons=buttons))


def _alone(t: Language, acts: Sequence[StaffAct]) -> list[tuple[str, str]]:
    """Who has recorded what without another's yes, most money first."""
    of: dict[str, list[StaffAct]] = {}
    for one in acts:
        of.setdefault(one.asked_by, []).append(one)
    baht = {who: sum((one.amount or Decimal(0) for one in theirs), Decimal(0)) for who, theirs in of.items()}
    payments = t("Payments")
    labels: dict[ActKind, str] = {
        "adjust": t("Adjusted points"), "use": t("Codes used"), "share": t("Course shared")
    }  # fmt: skip
    found = []
    for who, theirs in sorted(of.items(), key=lambda each: (-baht[each[0]], each[0])):
        counted = Counter(one.kind for one in theirs)
        paid = [f"{payments} {t.number(counted['payment'])} · {t.baht(baht[who])}"] if counted["payment"] else []
        others = [f"{label} {t.number(counted[kind])}" for kind, label in labels.items() if counted[kind]]
        found.append((who, t("alone: {what}", what=", ".join((*paid, *others)))))
    return found


def _limit(t: Language, act: StaffAct) -> str:
    kinds = {
        "too_small": t("an amount below the least"),
        "too_large": t("an amount above the largest"),
        "daily_payments": t("too many payments in a day"),
        "daily_baht": t("too much money in a day"),
        "unknown_card": t("a number that is nobody's"),
        "unknown_code": t("a code that is nobody's"),
        "finds_an_hour": t("too many searches"),
        "asker_left": t("asked for before leaving, and not recorded"),
        "family": t("two who are a family, and stay two people"),
        "blocked": t("an answer to somebody who has blocked the clinic"),
        "quota": t("an answer for which no message of the month was left"),
        "taken_back": t("an answer whose words were taken back"),
    }
    amount = f" ({t.baht(act.amount)})" if act.amount is not None else ""
    return f"{kinds.get(act.reason or '', act.reason or '')}{amount}"
