"""What the staff's group is told about a code."""

from datetime import datetime, timedelta

from bot.cards.frame import palette_of
from bot.cards.rewards import named
from bot.words import wording
from channels.line.flex import (
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    SMALL,
    badge,
    bubble,
    button,
    key_value,
    message,
    separator,
    text,
    title,
)
from channels.line.messages import Card
from customers.voice import first_name
from loyalty.errors import RedemptionRefused
from models.clinics import Clinic
from models.rewards import Redemption, Reward
from models.staff import StaffAct
from runtime.codes import spaced
from runtime.language import Language


def used(clinic: Clinic, t: Language, redemption: Redemption, act: StaffAct) -> Card:
    """A code that has just been used: for what, by whom, for how many points."""
    palette, name = palette_of(clinic), named(redemption.reward, t)
    who = first_name(redemption.customer)
    lines = [key_value(t("Customer"), who, margin=GAP)] if who else []
    return Card(
        t("Used now: {reward} ({code})", reward=name, code=spaced(redemption.code)),
        bubble(
            badge(t("Used now"), background=palette.positive, color=palette.surface),
            title(name, margin=GAP),
            separator(GAP_LARGE),
            *lines,
            key_value(t("Points"), t.number(redemption.points), margin=GAP if not who else GAP_SMALL),
            key_value(t("Code"), spaced(redemption.code), margin=GAP_SMALL),
            buttons=[button(t("Undo"), message(wording(t, "undo", act.code)), palette, "quiet")],
        ),
    )


def shall_it_be_used(clinic: Clinic, t: Language, redemption: Redemption) -> Card:
    """Of a code in a sentence that says more: what it is for, whose it is, and a button that uses it.

    The button says words, as whoever taps it: for a button alone LINE need not tell who that was.
    """
    palette, name, code = palette_of(clinic), named(redemption.reward, t), spaced(redemption.code)
    who = first_name(redemption.customer)
    lines = [key_value(t("Customer"), who, margin=GAP)] if who else []
    question = t("Shall {code} be used? Then tap the button, or send the code by itself.", code=code)
    return Card(
        f"{name} · {who}: {question}" if who else f"{name}: {question}",
        bubble(
            title(name),
            *lines,
            key_value(t("Code"), code, margin=GAP_SMALL if who else GAP),
            separator(GAP_LARGE),
            text(question, size=SMALL, margin=GAP),
            buttons=[button(t("Use it now"), message(wording(t, "use_code", redemption.code)), palette)],
        ),
    )


def how_to_use(t: Language) -> str:
    return t("Send the code as the customer shows it, by itself, and it is used.")


def code_of_eight(t: Language) -> str:
    words = wording(t, "use_code", "7KQM 2XRA")
    return t("A reward's code has eight letters and digits, as the customer shows it: “{words}”.", words=words)


def refused(t: Language, code: str, refusal: RedemptionRefused, reward: Reward | None = None) -> str:
    """Why a code was not used, since when, and for what it was."""
    at = refusal.at
    shown = f"{spaced(code)} ({named(reward, t)})" if reward is not None else spaced(code)
    match refusal.state:
        case "used" if at is not None:
            return t("{code} was used already, on {date} at {time}.", code=shown, date=t.date(at), time=_time(t, at))
        case "cancelled" if at is not None:
            return t(
                "{code} was cancelled on {date} at {time}; its points went back to the customer.",
                code=shown,
                date=t.date(at),
                time=_time(t, at),
            )
        case "expired" if at is not None:
            return t(
                "{code} has expired. It was good until {date}.",
                code=shown,
                date=t.date(at - timedelta(microseconds=1)),
            )
    return t("{code} is not known here. Please read it again from the customer's phone.", code=shown)


def _time(t: Language, at: datetime) -> str:
    return at.astimezone(t.zone).strftime("%H:%M")
