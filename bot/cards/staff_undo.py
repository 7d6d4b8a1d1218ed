"""What the staff's group is told when something is taken back, or cannot be."""

from bot.cards.rewards import named
from bot.cards.staff_till import who_is
from facts.undone import NotUndone
from models.staff import StaffAct
from runtime.language import Language


def undone(t: Language, act: StaffAct) -> str:
    name = who_is(t, act.customer) if act.customer is not None else ""
    if act.kind == "use":
        return t("Taken back: the code of {name} is good again.", name=name)
    if act.kind == "adjust":
        points = t.n("{count} point", "{count} points", abs(act.points or 0))
        return t("Taken back: the adjustment of {name} by {points}.", name=name, points=points)
    if act.amount is None:
        return t("Taken back: the visit of {name}, and what it brought.", name=name)
    return t("Taken back: {amount} of {name}, and what it brought.", amount=t.baht(act.amount), name=name)


def refused(t: Language, refusal: NotUndone) -> str:
    """Why nothing was changed, and what to do."""
    bought = ", ".join(named(one.reward, t) for one in refusal.bought)
    reasons = {
        "not_done": t("There is nothing to take back: it was not recorded, or was taken back already."),
        "too_late": t("More than ten minutes ago: now it is a refund at the till, or a correction by a manager."),
        "not_yours": t("Only who recorded it, or a manager, can take it back."),
        "for_good": t("What was tied to a card is that person's for good. Please ask who runs the system."),
        "referral_paid": t("It has brought a friend's reward already, so it cannot be taken back. Refund it instead."),
        "refunded": t("Some of it was refunded already, so it cannot be taken back."),
        "reviewed": t("The customer has reviewed this visit already, so it cannot be taken back."),
        "spent": t("Its points were spent already ({bought}). A manager decides.", bought=bought),
    }
    return t("Nothing was changed. {why}", why=reasons[refusal.why])
