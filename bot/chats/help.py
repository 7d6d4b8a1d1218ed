"""Help, cancel, and what is said when the bot cannot do what was meant."""

from datetime import timedelta

from bot import at_joining
from bot.cards import help as cards
from bot.cards import staff_members
from bot.cards.frame import ways_on, ways_to_earn
from bot.chat import Chat, GroupChat
from bot.routes import hear
from channels.line.messages import Choice, Reply, say, silence
from channels.message import Action
from customers import cards as cards_of_members
from customers.handover import PEOPLE_LIFE
from runtime import codes

UNKNOWN_REST = timedelta(hours=12)
"""Staff may be answering by hand in LINE's own manager, so the bot does not talk over them."""


@hear.text("help")
@hear.postback("help")
def menu(chat: Chat) -> Reply:
    """It also takes the conversation back from the people who were asked for."""
    chat.leave_people()
    choices = ways_on(chat.t, member=chat.member)
    if chat.member:
        choices = (*ways_to_earn(chat.t, birthday_known=chat.customer.birth_month_day is not None), *choices)
    choices = (*choices, Choice(chat.t("Talk to our team"), Action("human")))
    return say(cards.menu(chat.clinic, chat.t, member=chat.member), choices=choices)


@hear.text("cancel")
@hear.postback("cancel")
def cancel(chat: Chat) -> Reply:
    """Leaves an open question from anywhere. What was asked at joining the customer has not begun: called cancelled, it
    would read as if membership were."""
    begun = chat.open_step not in (None, *at_joining.STEPS)
    chat.leave_step()
    said = chat.t("Cancelled.") if begun else chat.t("There is nothing to cancel.")
    return say(said, choices=ways_on(chat.t, member=chat.member))


@hear.event("sticker")
@hear.event("location")
@hear.event("audio")
@hear.event("image")
@hear.event("video")
@hear.event("file")
def unknown(chat: Chat) -> Reply:
    """Words or things nobody has a route for: answered once, whatever else was asked meanwhile, then left to the people
    who read this chat."""
    state = chat.state
    if chat.with_people:
        state.people_until = max(state.people_until or chat.now, chat.now + PEOPLE_LIFE)
        return silence("left_to_people")
    if state.unknown_at is not None and chat.now - state.unknown_at < UNKNOWN_REST:
        return silence("unknown_answered_before")
    state.unknown_at = chat.now
    said = chat.t("Thank you for your message. Our team reads this chat. Meanwhile, I can help you with these:")
    return say(said, choices=ways_on(chat.t, member=chat.member))


def stale_button(chat: Chat) -> Reply:
    """A button that no longer holds: from an old version, for something that is gone, or made by somebody else."""
    return say(
        chat.t("This button has grown old. Here is what I can do now:"),
        cards.menu(chat.clinic, chat.t, member=chat.member),
        choices=ways_on(chat.t, member=chat.member),
    )


def stale_button_in_group(group: GroupChat) -> Reply:
    return say(group.t("This button has grown old."))


def not_linked(group: GroupChat) -> Reply:
    """In a group that is not the clinic's: who calls the account by its name, or sends what looks like a code of ours,
    learns how the group becomes so. Whether it is one is not told."""
    words = group.heard.words
    card = any(not one.mistyped for one in cards_of_members.among(words))
    meant = group.heard.to_us or card or codes.read(words) or any(codes.among(words).values())
    return say(staff_members.not_linked(group.clinic, group.t)) if meant else silence("group_not_bound")


def failed(chat: Chat, reference: str) -> Reply:
    """Our own error; the reference leads staff to the stored event."""
    return say(
        chat.t(
            "Something went wrong on our side and we are looking into it. Please try again, or tell us this "
            "reference: {reference}",
            reference=reference,
        ),
        choices=ways_on(chat.t, member=chat.member),
    )
