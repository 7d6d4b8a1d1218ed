"""What the staff's group is told when something is taken back, or cannot be."""

from bot.cards import staff_appointments
from bot.cards.frame import palette_of
from bot.cards.rewards import named
from bot.cards.staff_till import undo_button, who_is
from bot.words import wording
from channels.line.flex import GAP, SMALL, bubble, text, title
from channels.line.messages import Card
from channels.message import aloud
from facts.undone import NotUndone
from models.clinics import Clinic
from models.staff import StaffAct
from runtime.codes import spaced
from runtime.language import Language


def undone(t: Language, act: StaffAct) -> str:
    name = who_is(t, act.customer) if act.customer is not None else ""
    if act.kind == "use":
        return t("Taken back: the code of {name} is good again.", name=name)
    if act.kind == "adjust":
        points = t.n("{count} point", "{count} points", abs(act.points or 0))
        return t("Taken back: the adjustment of {name} by {points}.", name=name, points=points)
    if act.kind == "share":
        sessions = t.n("{count} session", "{count} sessions", act.sessions or 0)
        return t("Taken back: {sessions} are {name}'s again.", sessions=sessions, name=name)
    if act.kind in ("come", "no_show"):
        return staff_appointments.taken_back(t, act)
    if act.amount is None:
        return t("Taken back: the visit of {name}, and what it brought.", name=name)
    return t("Taken back: {amount} of {name}, and what it brought.", amount=t.baht(act.amount), name=name)


def undone_before(t: Language, act: StaffAct) -> str:
    at, undo = t.time(act.undone_at or act.created_at), wording(t, "undo")
    return t(
        "{what} was taken back already, at {time}. To take back something else, write “{undo}” and the code of it.",
        what=_what(t, act), time=at, undo=undo,
    )  # fmt: skip


def is_it_meant(clinic: Clinic, t: Language, act: StaffAct) -> Card:
    """What somebody may mean who writes `cancel` and no more."""
    what = _what(t, act)
    said = t("Take it back? Tap the button, or write “{words}”.", words=wording(t, "undo", act.code))
    return Card(
        aloud(what, said),
        bubble(title(what), text(said, size=SMALL, margin=GAP), buttons=[undo_button(t, act, palette_of(clinic))]),
    )


def _what(t: Language, act: StaffAct) -> str:
    name = who_is(t, act.customer) if act.customer is not None else ""
    if act.kind == "payment":
        return f"{t.baht(act.amount or 0)} · {name}"
    kinds = {
        "visit": t("Visit"),
        "use": t("Code used"),
        "tie": t("Tied"),
        "adjust": t("Adjusted"),
        "come": t("Came"),
        "no_show": t("Did not come"),
        "share": t("Course shared"),
    }
    return f"{kinds[act.kind]} · {name}"


def refused(t: Language, act: StaffAct, refusal: NotUndone) -> str:
    """Why nothing was changed, and what to do."""
    if refusal.why == "undone":
        return undone_before(t, act)
    bought = ", ".join(named(one.reward, t) for one in refusal.bought)
    reasons = {
        "not_done": t("There is nothing to take back: it was not recorded."),
        "too_late": t(
            "That was more than ten minutes ago. A payment is refunded at the till now; anything else stays, and a "
            "manager can correct its points."
        ),
        "not_yours": t("Only who recorded it, or a manager, can take it back."),
        "for_good": t(
            "This way nobody can undo what was tied. For 30 days a manager takes it apart: “{words}”.",
            words=wording(t, "unlink", "M…"),
        ),
        "said": t("What was sent to a customer cannot be called back. Please quote again to put it right."),
        "referral_paid": t("It has brought a friend's reward already, so it cannot be taken back. Refund it instead."),
        "refunded": t("Some of it was refunded already, so it cannot be taken back."),
        "reviewed": t("The customer has reviewed this visit already, so it cannot be taken back."),
        "used": t("Something of it was used, planned or changed since, so it cannot be taken back here."),
        "spent": t("Its points were spent already ({bought}). A manager decides.", bought=bought)
        if bought
        else t("Its points were spent already. A manager decides."),
    }
    return t("Nothing was changed. {why}", why=reasons[refusal.why])


def nothing_done(t: Language) -> str:
    """To an undo without a code, of somebody who has done nothing lately."""
    return t(
        "You have recorded nothing in this group within ten minutes. To take back what somebody else recorded, write "
        "“{undo}” and the code of it.",
        undo=wording(t, "undo"),
    )


def not_used(t: Language, code: str) -> str:
    return t("{code} has not been used, so there is nothing to take back.", code=spaced(code))


def used_elsewhere(t: Language, code: str) -> str:
    return t("{code} was used, but not in this group, so it cannot be taken back here.", code=spaced(code))


def goes_back(t: Language) -> str:
    """To what reads like money that goes back: nothing was recorded, and what takes a payment back."""
    return t(
        "Nothing was recorded: this reads like a refund or a cancellation. What was recorded here by mistake within "
        "ten minutes you take back with “{undo}”, and the code of what it was if it was not your last. Later it is a "
        "refund at the till, or a correction by a manager. If it is a payment, send the card and the amount by "
        "themselves.",
        undo=wording(t, "undo"),
    )


def shall_it_be_undone(clinic: Clinic, t: Language, act: StaffAct) -> Card:
    """The same where it was recorded a moment ago: its button takes it back in the name of who taps it."""
    name = who_is(t, act.customer) if act.customer is not None else ""
    said = t(
        "Nothing was recorded: this reads like a refund. {amount} of {name} was recorded here at {time}. Shall it be "
        "taken back? Then tap the button, or write “{words}”.",
        amount=t.baht(act.amount or 0),
        name=name,
        time=t.time(act.done_at or act.created_at),
        words=wording(t, "undo", act.code),
    )
    shown = f"{t.baht(act.amount or 0)} · {name}"
    return Card(
        said,
        bubble(title(shown), text(said, size=SMALL, margin=GAP), buttons=[undo_button(t, act, palette_of(clinic))]),
    )
