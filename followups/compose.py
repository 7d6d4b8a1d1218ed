"""Words for notifications: one message for all that happened to a customer in one moment."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from channels.base import TooMuch
from channels.line.lengths import truncate
from channels.message import Action, Button, Message, Paragraph
from customers import contacts, ties
from customers.voice import first_name
from followups import grants, moments
from loyalty.achievements import achievement_of
from loyalty.tiers import tier_name
from models.clinic_settings import Tiers
from models.clinics import Clinic
from models.loyalty import Notification, NotificationData
from models.rewards import Achievement, Redemption, Reward
from models.ties import CardTie
from runtime.language import Language, own_words
from runtime.registry import Registry

NAME = 60
"""How long a name may be that a clinic has given to something, in what people see as characters."""
Drawn = TypeVar("Drawn")
Wording = tuple[str, str]
"""What happened, and what it means."""
Words = Callable[[Session, Clinic, Language, NotificationData], Wording]

ADDED_UP = frozenset({"points_earned", "points_matured", "points_expired"})
"""Of these there is one line, with all points; what was earned comes first."""
LATEST = frozenset({"tier_upgraded", "tier_lowered"})
"""Of these the last says what holds."""
OF_COURSES = frozenset({"course_shared", "course_received"})
"""Who is told of these looks at their courses next."""
CATCHING_UP = "catching_up"
"""The reason of what has waited because days were made up that an outage, or a jump of the clock, had left out."""

kinds: Registry[Words] = Registry("notification")
"""Kind → its words."""


def fitted(
    session: Session, clinic: Clinic, t: Language, news: Sequence[Notification], draw: Callable[[Message], Drawn]
) -> Drawn:
    """All of them as `draw` draws a message, in the order they were written; points earned at once are added up.

    Where that is more than a channel takes, as many as it takes, and how many there are besides. Raises `TooMuch` when
    even one is.
    """
    if (own := moments.messages.get(news[0].kind)) is not None:
        return draw(own(session, clinic, t, news[0]))
    said = [kinds[kind](session, clinic, t, data) for kind, data in _added_up(news)]
    asked = [questions[one.kind](t, one.data) for one in news if one.kind in questions]
    buttons = asked[0] if asked else _ways_on(t, news)
    late = any(one.reason == CATCHING_UP for one in news) and len(said) > 1
    heading = [(t("What has happened meanwhile"), "")] if late else []
    shown = len(said)
    while True:
        try:
            return draw(_message(t, heading + said, len(heading) + shown, buttons))
        except TooMuch:
            if shown == 1:
                raise
            shown //= 2


def _ways_on(t: Language, news: Sequence[Notification]) -> tuple[Button, ...]:
    """Points that will expire are to be used: first comes what they are good for."""
    if all(one.kind in OF_COURSES for one in news):
        return (Button(t("My courses"), Action("courses")),)
    points = Button(t("My points"), Action("points"))
    warned = any(one.kind == "points_expiring" for one in news)
    return (Button(t("Rewards"), Action("rewards")), points) if warned else (points,)


def _message(t: Language, said: Sequence[Wording], shown: int, buttons: tuple[Button, ...]) -> Message:
    (title, meaning), *others = said[:shown]
    paragraphs = [Paragraph(text=meaning)] if meaning else []
    paragraphs += [Paragraph(lead, text) for lead, text in others]
    if more := len(said) - shown:
        rest = t.n("And {count} more piece of news.", "And {count} more pieces of news.", more)
        paragraphs.append(Paragraph(rest, t("All of it is in your history and among your rewards.")))
    return Message(title, tuple(paragraphs), buttons=buttons)


def _added_up(news: Sequence[Notification]) -> list[tuple[str, NotificationData]]:
    sums: dict[str, NotificationData] = {}
    said: list[tuple[str, NotificationData]] = []
    tiers = [one for one in news if one.kind in LATEST]
    for one in news:
        if one.kind in sums:
            added = sums[one.kind]
            added["points"] += one.data["points"]
            if "on" in one.data:
                added["since"] = min(added.get("since", added["on"]), one.data["on"])
                added["on"] = max(added["on"], one.data["on"])
        elif one not in tiers[:-1]:
            data = one.data.copy()
            if one.kind in ADDED_UP:
                sums[one.kind] = data
            said.append((one.kind, data))
    return sorted(said, key=lambda each: each[0] != "points_earned")


def _points_earned(_session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("You received {points}", points=t.n("{count} point", "{count} points", data["points"]))
    return said, t("Thank you for coming to {clinic}.", clinic=clinic.called(t.code)) if data.get(
        "source"
    ) == "treatment" else ""


def _birthday_points(_session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    """What it is, and no wishes: these come on the day."""
    said = t("A gift for your birth month: {points}", points=t.n("{count} point", "{count} points", data["points"]))
    return said, t("From all of us at {clinic}. The points are in your account already.", clinic=clinic.called(t.code))


def _points_promised(_session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("{points} are on their way", points=t.n("{count} point", "{count} points", data["points"]))
    on = t.date(datetime.fromisoformat(data["on"]).astimezone(t.zone).date())
    return said, t("Thank you for coming to {clinic}. They are yours on {date}.", clinic=clinic.called(t.code), date=on)


def _points_matured(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("{points} are yours now", points=t.n("{count} point", "{count} points", data["points"]))
    return said, t("They were promised to you, and you can use them from today.")


def _tier_upgraded(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    return t("You are {tier} now", tier=tier_name(data["tier"], t)), t("Your benefits have grown with it.")


def _tier_lowered(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("Your tier is {tier} now", tier=tier_name(data["tier"], t))
    return said, t("It follows the points of the last 12 months. We hope to see you again soon.")


def _tier_at_risk(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    points = t.n("{count} point", "{count} points", data["missing"])
    said = t("{points} to keep {tier}", points=points, tier=tier_name(data["tier"], t))
    on = t.date(datetime.fromisoformat(data["on"]).date())
    return said, t("Without them your tier becomes {tier} on {date}.", tier=tier_name(data["below"], t), date=on)


def _tier_terms(_session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("Our tiers change on {date}", date=t.date(datetime.fromisoformat(data["on"]).date()))
    coming = Tiers.model_validate(clinic.next_tiers) if clinic.next_tiers else clinic.settings.tiers
    tier = tier_name(data["tier"], t)
    step = next((one for one in coming.steps if one.name == data["tier"]), None)
    if step is None:
        meaning = t(
            "Until then nothing changes for you. From that day there is no tier {tier} any more: your points decide "
            "which one you have.",
            tier=tier,
        )
        return said, meaning
    benefits = t(
        "{discount}% off, points ×{multiplier}", discount=step.discount, multiplier=f"{step.multiplier.normalize():f}"
    )
    points = t.n("{count} point", "{count} points", step.threshold)
    return said, t(
        "Until then nothing changes for you. From that day {tier} begins with {points} and gives you: {benefits}.",
        tier=tier,
        points=points,
        benefits=benefits,
    )


def _achievement_unlocked(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    achievement = achievement_of(session, clinic, data["achievement"])
    name = _name(achievement, t) if achievement else data["achievement"]
    points = achievement.points_reward if achievement else 0
    meaning = t("It brings you {points}.", points=t.n("{count} point", "{count} points", points)) if points else ""
    return t("Achievement: {name}", name=name), meaning


def _referral_paid(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("{points} for bringing a friend", points=t.n("{count} point", "{count} points", data["points"]))
    return said, t("Thank you for recommending us.")


def _points_expiring(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    # The stored instant is the first without the points; people think of the last day with them.
    last_day = (datetime.fromisoformat(data["on"]).astimezone(t.zone) - timedelta(days=1)).date()
    said = t(
        "{points} to use by {date}",
        points=t.n("{count} point", "{count} points", data["points"]),
        date=t.date(last_day),
    )
    return said, t("After that day they expire.")


def _points_expired(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    last_day = (datetime.fromisoformat(data["on"]).astimezone(t.zone) - timedelta(days=1)).date()
    said = t("{points} have expired", points=t.n("{count} point", "{count} points", data["points"]))
    if data.get("since", data["on"]) != data["on"]:
        return said, t(
            "The last of them could be used until {date}. We are sorry that we could not remind you.",
            date=t.date(last_day),
        )
    return said, t("They could be used until {date}. We are sorry that we could not remind you.", date=t.date(last_day))


def _points_clawed_back(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("{points} were taken back", points=t.n("{count} point", "{count} points", data["points"]))
    return said, t("They belonged to a payment that was refunded.")


def _redemption_used(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    return t("Used: {reward}", reward=_reward(session, clinic, t, data)), t("We hope you enjoy it.")


def _redemption_expired(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    points = int(data.get("points", 0))
    back = t("{points} are back with you.", points=t.n("{count} point", "{count} points", points)) if points else ""
    return t("The code for {reward} has expired", reward=_reward(session, clinic, t, data)), back


def _payment_undone(_session: Session, _clinic: Clinic, t: Language, _data: NotificationData) -> Wording:
    return t("A payment that we noted by mistake was taken back"), t("What it had brought went with it.")


def _visit_undone(_session: Session, _clinic: Clinic, t: Language, _data: NotificationData) -> Wording:
    return t("A visit that was noted by mistake was taken back"), t("What it had brought went with it.")


def _use_undone(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    said = t("Your code for {reward} is good again", reward=_reward(session, clinic, t, data))
    return said, t("It had been used by mistake.")


def _tie_asked(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    """Of a record that is not proved to be theirs they are shown the first name and three digits, and no more."""
    said = t("Is this you at our counter?")
    tie = session.get(CardTie, (UUID(data["tie"]), clinic.id))
    other = ties.whose(session, clinic, tie.kind, tie.value or "") if tie else None
    name = first_name(other) if other else ""
    digits = contacts.last_digits(session, other) if other else ""
    who = ", ".join(filter(None, (name, digits and t("phone ending in {digits}", digits=digits))))
    until = t.time(tie.until) if tie else ""
    if not who:
        return said, t(
            "Your card was shown at the till of {clinic}. If that was you, what the till notes for you comes here. "
            "Please answer by {time}.",
            clinic=clinic.called(t.code),
            time=until,
        )
    return said, t(
        "Your card was shown at the till of {clinic}, which has a record of: {who}. If that is you, what stands in it "
        "becomes yours; for 30 days the clinic can take it apart again. Please answer by {time}.",
        clinic=clinic.called(t.code),
        who=who,
        time=until,
    )


def _course_shared(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    """Not of what: this stands on the screen of a locked phone."""
    many = t.n("{count} session", "{count} sessions", data["sessions"])
    return t("You have shared {sessions} of a course", sessions=many), t("Write “my courses” to see what is left.")


def _course_received(_session: Session, _clinic: Clinic, t: Language, data: NotificationData) -> Wording:
    many = t.n("{count} session", "{count} sessions", data["sessions"])
    said = t("{sessions} of a course were shared with you", sessions=many)
    return said, t("Write “my courses” to see what they are.")


def _share_undone(_session: Session, _clinic: Clinic, t: Language, _data: NotificationData) -> Wording:
    return t("Sharing a course was a mistake, and was taken back"), t("Write “my courses” to see what is left.")


def _linked(_session: Session, clinic: Clinic, t: Language, _data: NotificationData) -> Wording:
    return t("Your record is linked"), t("What {clinic} has noted for you is here now.", clinic=clinic.called(t.code))


def _not_linked(_session: Session, _clinic: Clinic, t: Language, _data: NotificationData) -> Wording:
    return t("Your record was not linked"), t("Nothing was changed. Please ask our staff at the counter.")


def _unlinked(_session: Session, _clinic: Clinic, t: Language, _data: NotificationData) -> Wording:
    why = t("It was linked with you by mistake. Please ask our staff if that is wrong.")
    return t("A record is not linked with you any more"), why


def _tie_answers(t: Language, data: NotificationData) -> tuple[Button, ...]:
    yes, no = t("Yes, that is me"), t("No, that is not me")
    return tuple(Button(said, Action("tie", tie=data["tie"], answer=word)) for said, word in ((yes, "yes"), (no, "no")))


questions: dict[str, Callable[[Language, NotificationData], tuple[Button, ...]]] = {"tie_asked": _tie_answers}
"""Kinds that ask, and their answers. Whoever is asked stands at a counter: it is a message of its own, at any hour."""
ALONE = frozenset(questions) | frozenset(moments.messages)
"""Kinds that go with nothing else."""


def _reward(session: Session, clinic: Clinic, t: Language, data: NotificationData) -> str:
    redemption = session.get(Redemption, (data["redemption"], clinic.id))
    reward = session.get(Reward, (redemption.reward_id, clinic.id)) if redemption else None
    return _name(reward, t) if reward else t("Reward")


def _name(what: Achievement | Reward, t: Language) -> str:
    return truncate(own_words(what.texts, t.code, what.name)[0], NAME)


for _kind, _words in {
    "points_earned": _points_earned,
    "birthday_points": _birthday_points,
    "points_promised": _points_promised,
    "points_matured": _points_matured,
    "points_expired": _points_expired,
    "tier_upgraded": _tier_upgraded,
    "tier_lowered": _tier_lowered,
    "tier_at_risk": _tier_at_risk,
    "tier_terms": _tier_terms,
    "achievement_unlocked": _achievement_unlocked,
    "referral_paid": _referral_paid,
    "points_expiring": _points_expiring,
    "points_clawed_back": _points_clawed_back,
    "redemption_used": _redemption_used,
    "redemption_expired": _redemption_expired,
    "payment_undone": _payment_undone,
    "visit_undone": _visit_undone,
    "use_undone": _use_undone,
    "tie_asked": _tie_asked,
    "course_shared": _course_shared,
    "course_received": _course_received,
    "share_undone": _share_undone,
    "linked": _linked,
    "not_linked": _not_linked,
    "unlinked": _unlinked,
    "grant_given": grants.given,
    "grant_ended": grants.ended,
}.items():
    kinds.add(_kind, _words)
