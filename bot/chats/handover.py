"""A customer wants to talk to somebody: the staff are told at once, and what is written then is left to them.

Buttons, the menu, phrases and codes are answered all the same. It ends by the menu, by a button of the staff's, or some
hours after the customer's last words.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import staff_answers as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, GroupChat, NotMeant
from bot.chats.staff_members import acting
from bot.routes import hear
from channels.line.messages import Choice, Reply, say
from channels.message import Action
from customers import branches, handover, journey, meters, public_holidays, staff, staff_notices
from customers.handover import PEOPLE_LIFE
from facts import answered
from models.customers import Customer
from models.staff_notices import StaffNotice
from runtime.language import Language


@hear.text("human")
@hear.subject("human")
@hear.postback("human")
def call(chat: Chat) -> Reply:
    """Asked again while they are called already, nobody is called twice; and who goes back and forth costs no more than
    one push in that time."""
    t, called, opens = chat.t, chat.with_people, opens_again(chat)
    # Who writes at night is promised an answer in the morning: until then, too, nothing comes between.
    chat.state.people_until = max(chat.state.people_until or chat.now, (opens or chat.now) + PEOPLE_LIFE)
    since = chat.now - PEOPLE_LIFE
    if called:
        known = t("Our team knows already, and answers you here. “Help” brings back the menu.")
        return say(known if _told(chat, since) else _read_here(chat), choices=_back(t))
    key = f"person_wanted:{chat.event_id}"
    rides = staff_notices.told_since(chat.session, chat.customer, "person_wanted", since) > 0
    staff_notices.write(
        chat.session, chat.clinic, "person_wanted", chat.now, key=key, customer=chat.customer,
        data={"event": str(chat.event_id)} if chat.heard.text else {}, rides=rides,
    )  # fmt: skip
    journey.write(chat.session, chat.customer, "person_wanted", chat.now, key=key)
    if not _told(chat, since):
        said = _read_here(chat)
    elif opens is None:
        said = t("We have called our team. They answer you here, so I keep silent when you write to them.")
    else:
        said = t(
            "Our team is back on {date} at {time}, and answers you here. What you write until then waits for them.",
            date=t.date(opens),
            time=t.time(opens),
        )
    return say(said, choices=_back(t))


def _told(chat: Chat, since: datetime) -> bool:
    return meters.told(chat.session, chat.customer, "person_wanted", since, chat.now)


def _read_here(chat: Chat) -> str:
    """Where nobody is called: that the chat is read all the same, when somebody is back, and the phone; and that the
    team hears of it later, where it waits for an answer in their group."""
    t, places, opens = chat.t, branches.active(chat.session, chat.clinic), opens_again(chat)
    if opens is None:
        said = t("Please write here what it is about: our team reads this chat, and I keep silent meanwhile.")
    else:
        said = t(
            "Please write here what it is about: our team reads this chat, and is back on {date} at {time}. I keep "
            "silent meanwhile.",
            date=t.date(opens),
            time=t.time(opens),
        )
    if staff.told_of(chat.session, chat.clinic, "person_wanted"):
        noted = t("It is noted for our team, who may see it somewhat later than usual.")
        said = f"{said} {noted}"
    numbers = [one.phone for one in places if one.phone]
    if len(numbers) > 1:
        numbers = [f"{branches.in_words(one.names, t.code, one.name)} {one.phone}" for one in places if one.phone]
    call = t("You can also call us: {phones}.", phones=", ".join(numbers))
    return f"{said} {call}" if numbers else said


@hear.opening("hand_back")
def hand_back(group: GroupChat, text: str) -> Reply:
    """What the code names, or what is quoted; without either the one who is held, if it is one."""
    if group.ours is None or (text and not cards.is_code(text)):
        raise NotMeant
    who = acting(group)
    if isinstance(who, Reply):
        return who
    told = _held(group) if not text else [staff_notices.by_code(group.session, group.ours, text)]
    about = people_of(group, told)
    if len(about) > 1:
        return say(cards.who_is_held(group.clinic, group.t, about))
    if not about:
        return say(cards.nobody_by_code(group.t) if text else cards.nobody_is_held(group.t))
    ((customer, _),) = about
    if not answered.hand_back(group.session, customer, who, group.now):
        return say(cards.answered_again_already(group.t, customer))
    return say(cards.handed_back(group.t, customer, who))


def people_of(group: GroupChat, told: Sequence[StaffNotice | None]) -> list[tuple[Customer, StaffNotice]]:
    """Whom some notices are about, once each, without those who are forgotten."""
    last = {one.customer_id: one for one in told if one is not None and one.customer_id is not None}
    found = [(group.session.get_one(Customer, (id_, group.clinic.id)), one) for id_, one in last.items() if id_]
    return [(customer, one) for customer, one in found if customer.data_key is not None]


def _held(group: GroupChat) -> Sequence[StaffNotice | None]:
    """What was told in the message that is quoted; else of those whose words are left to people, what this group was
    told last."""
    if group.quoted or group.ours is None:
        return group.quoted
    held = handover.held(group.session, group.clinic, group.now)
    return [staff_notices.last_about(group.session, group.ours, customer) for customer in held]


def _back(t: Language) -> tuple[Choice, ...]:
    help_, *_ = [choice for choice in ways_on(t, member=True) if choice.action == Action("help")]
    return (help_,)


def opens_again(chat: Chat) -> datetime | None:
    """When somebody is there again; None while a branch is open, and where none has said its hours."""
    return branches.closed_until(chat.session, chat.clinic, chat.now, public_holidays.closes(chat.clinic))
