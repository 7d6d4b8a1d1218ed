"""Cards of referrals: the customer's code to pass on, and how far their friends have come."""

from collections.abc import Mapping, Sequence

from bot.cards.frame import palette_of, tap
from channels.line import links
from channels.line.flex import (
    CLOSE,
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    RADIUS,
    Flex,
    Palette,
    bubble,
    button,
    caption,
    clipboard,
    column,
    key_value,
    row,
    separator,
    text,
    title,
    uri,
)
from channels.line.limits import URI
from channels.line.messages import Card
from channels.message import Action, aloud
from loyalty.referrals import Friend
from models.clinic_settings import Referral
from models.clinics import Clinic
from runtime.language import Language

CODE_SIZE = "3xl"
"""Eight letters of it fill the width of a small phone."""


def code(clinic: Clinic, t: Language, own_code: str) -> Card:
    """The customer's code, large, and the ways to hand it on."""
    palette = palette_of(clinic)
    heading, lead = t("Bring a friend"), promise(t, clinic.settings.referral)
    is_yours = t("Your code is {code}.", code=own_code)
    link = share_link(clinic, t, own_code)
    return Card(
        aloud(heading, is_yours, lead),
        bubble(
            title(heading),
            text(lead, size="sm", color=palette.muted, margin=GAP),
            column(
                text(t("Your code"), size="xs", color=palette.muted, align="center"),
                text(own_code, size=CODE_SIZE, bold=True, color=palette.accent, align="center", wrap=False),
                background=palette.tint,
                radius=RADIUS,
                padding="12px",
                margin=GAP,
            ),
            padding=CLOSE,
            buttons=[
                *([button(t("Send to a friend"), uri(link), palette)] if link else []),
                row(
                    button(t("Copy code"), clipboard(own_code), palette, "secondary" if link else "primary"),
                    tap(t("My friends"), Action("friends"), palette, "secondary"),
                    spacing="8px",
                ),
            ],
        ),
    )


def share_link(clinic: Clinic, t: Language, own_code: str) -> str | None:
    """Opens the list of the customer's friends; what is sent says what the friend will have of it, and opens our chat
    with the code written already.

    None while the clinic's LINE id is not known, or when its name is so long that LINE would refuse the link; one that
    is too long only with the friend's benefit goes without it.
    """
    chat = chat_link(clinic, t, own_code)
    if chat is None:
        return None
    come = t("Come to {clinic} with me.", clinic=clinic.called(t.code))
    write = t("Write to them in LINE: {link}", link=chat)
    said = (" ".join(filter(None, (come, benefit, write))) for benefit in (_benefit(t, clinic.settings.referral), ""))
    return next((link for one in said if len(link := links.share(one)) <= URI), None)


def chat_link(clinic: Clinic, t: Language, own_code: str) -> str | None:
    """What a friend opens: our chat with the code written already. None while the clinic's LINE id is not known."""
    if not clinic.line_basic_id:
        return None
    return links.open_chat(clinic.line_basic_id, t("Referred by {code}", code=own_code))


def _benefit(t: Language, terms: Referral) -> str:
    """What a friend receives, and for what; nothing where that is nothing."""
    if not terms.points_friend:
        return ""
    points = t.n("{count} point", "{count} points", terms.points_friend)
    if not terms.least_payment:
        return t("Your first paid visit brings you {points}.", points=points)
    amount = t.baht(terms.least_payment)
    return t("Your first visit of {amount} or more brings you {points}.", amount=amount, points=points)


def promise(t: Language, terms: Referral) -> str:
    """What a friend brings, to both, and when."""
    points = t.n("{count} point", "{count} points", terms.points_referrer)
    if terms.pending_days:
        said = t.n(
            "When a friend who is new to us has come and paid, you receive {points} after {count} day.",
            "When a friend who is new to us has come and paid, you receive {points} after {count} days.",
            terms.pending_days,
            points=points,
        )
    else:
        said = t("When a friend who is new to us has come and paid, you receive {points}.", points=points)
    if terms.points_friend:
        theirs = t("Your friend receives {points}.", points=t.n("{count} point", "{count} points", terms.points_friend))
        said = f"{said} {theirs}"
    if not terms.least_payment:
        return said
    least = t("Payments of {amount} or more count.", amount=t.baht(terms.least_payment))
    return f"{said} {least}"


def friends(clinic: Clinic, t: Language, brought: Sequence[Friend], counts: Mapping[str, int]) -> Card:
    """Friends by state, the newest by themselves. Nobody's name: that they were treated is theirs to tell."""
    palette = palette_of(clinic)
    heading = t("My friends")
    if not brought:
        lead = t("Nobody has used your code yet.")
        body = [text(lead, color=palette.muted, margin=GAP)]
        said = lead
    else:
        standing = groups(t, counts)
        said = ", ".join(f"{label} {t.number(count)}" for label, count in standing)
        body = [key_value(label, t.number(count), margin=GAP_SMALL) for label, count in standing]
        body += [separator(GAP_LARGE), *(_friend(t, friend, palette) for friend in brought)]
    return Card(
        aloud(heading, said),
        bubble(title(heading), *body, buttons=[tap(t("My code"), Action("referrals"), palette, "secondary")]),
    )


def groups(t: Language, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many friends stand where, in the order in which they go through it; staff's doubts are not told apart from
    the days of waiting."""
    stages = (
        (t("Not yet come"), ("bound",)),
        (t("Points on their way"), ("qualified", "review")),
        (t("Points received"), ("paid",)),
        (t("Not counted"), ("void", "refused")),
    )
    summed = [(label, sum(counts.get(state, 0) for state in states)) for label, states in stages]
    return [(label, count) for label, count in summed if count]


def _friend(t: Language, friend: Friend, palette: Palette) -> Flex:
    who = t("Friend {number}, since {date}", number=t.number(friend.number), date=t.date(friend.bound_at))
    return column(
        text(state(t, friend), size="sm", color=palette.positive if friend.state == "paid" else palette.ink),
        caption(who),
        margin=GAP,
    )


def state(t: Language, friend: Friend) -> str:
    if friend.state == "qualified" and friend.pays_at is not None:
        return t("Points on {date}", date=t.date(friend.pays_at))
    states = {
        "bound": t("Waiting for their first visit"),
        "review": t("Points on their way"),
        "paid": t("Points received"),
    }
    return states.get(friend.state, t("Not counted"))
