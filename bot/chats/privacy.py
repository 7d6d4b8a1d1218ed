"""What is kept and what is said: the notice, offers and all other messages stopped and started, one's own data."""

from typing import Literal, cast

from bot.at_joining import said_adult, said_welcome
from bot.cards import grants as grant_cards
from bot.cards import privacy as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, NotMeant
from bot.chats import messages
from bot.chats.ages import STEP, Wish, ask_age, wishes
from bot.deciding import wisher
from bot.routes import hear
from bot.words import says
from channels.line.messages import Card, Choice, Reply, say
from channels.message import Action
from customers import grants
from privacy import ages, consent, requests


@hear.text("notice")
@hear.subject("privacy")
@hear.postback("notice")
def notice(chat: Chat) -> Reply:
    """With the switches for offers and for all that is said unasked, as they stand."""
    consent.note_notice(chat.session, chat.customer, cards.notice_text(chat.clinic, chat.t), chat.t.code, chat.now)
    offers = consent.may_send_offers(chat.session, chat.customer, "line", chat.now)
    stopped = consent.stopped(chat.session, chat.customer)
    card = cards.notice(chat.clinic, chat.t, member=chat.member, offers=offers, stopped=stopped)
    standing = grants.of(chat.session, chat.customer, chat.now)
    also = (grant_cards.standing(chat.clinic, chat.t, chat.customer, standing),) if standing else ()
    return say(card, *also, choices=(*cards.requests(chat.t), *ways_on(chat.t, member=chat.member)))


def next_question(chat: Chat) -> tuple[Card, ...]:
    """What is asked of a new member, by itself: first the age, without which the other question is none."""
    if not consent.may_ask(chat.session, chat.customer, consent.MARKETING, "line", chat.now):
        return ()
    if chat.customer.adult is None:
        return (ask_age(chat),)
    return (_ask_for_offers(chat),)


def _ask_for_offers(chat: Chat) -> Card:
    chat.ask("offers")
    return cards.offers_question(chat.clinic, chat.t)


wishes.add("line", _ask_for_offers)


@hear.step(STEP)
def typed_age(chat: Chat, text: str) -> Reply:
    """Only what is written right behind the question answers it, and not where people are asked something meanwhile."""
    wish = cast("Wish", chat.state.data.get("wish", ""))
    chat.leave_step()
    if not chat.with_people and (adult := said_adult(text)) is not None:
        return age(chat, "adult" if adult else "younger", wish)
    raise NotMeant


@hear.step("offers")
def typed_offers(chat: Chat, text: str) -> Reply:
    """So it is here: a yes to anything else is no consent."""
    chat.leave_step()
    wanted = None if chat.with_people else said_welcome(text)
    if wanted is None:
        raise NotMeant
    return offers(chat, "yes" if wanted else "no")


@hear.postback("age")
def age(chat: Chat, answer: Literal["adult", "younger"], wish: Wish = "") -> Reply:
    _leave(chat, STEP)
    if (until := wisher(chat).say_age(adult=answer == "adult")) is not None:
        return say(cards.too_young(chat.t, until), choices=ways_on(chat.t, member=chat.member))
    if not chat.customer.adult:
        said = chat.t("Thank you. We send offers to nobody under 20. Everything else is yours as a member.")
        return say(said, choices=ways_on(chat.t, member=chat.member))
    wanted = wishes[wish](chat) if wish else None
    question = (wanted,) if wanted is not None else next_question(chat)
    return say(*question or (chat.t("Thank you."),), choices=() if question else ways_on(chat.t, member=chat.member))


@hear.postback("offers")
def offers(chat: Chat, answer: Literal["yes", "no"]) -> Reply:
    _leave(chat, "offers")
    return want_offers(chat) if answer == "yes" else stop_offers(chat)


@hear.subject("want_offers")
def wish_offers(chat: Chat) -> Reply:
    """In words of one's own: what is agreed to has to be before who agrees, so they are asked."""
    if not consent.may_agree(chat.session, chat.customer, chat.now):
        return want_offers(chat)
    return say(_ask_for_offers(chat))


@hear.text("want_offers")
@hear.postback("want_offers")
def want_offers(chat: Chat) -> Reply:
    """A tap on the switch, or on a question however old. Who has stopped everything wants to hear of us again."""
    why = wisher(chat).want_offers()
    if why == "age_unknown":
        return say(ask_age(chat, "line"))
    if why == "under_age":
        if (until := ages.stands_until(chat.session, chat.customer, chat.now)) is not None:
            return say(cards.too_young(chat.t, until), choices=ways_on(chat.t, member=chat.member))
        said = chat.t("We send offers to nobody under 20. Are you 20 by now? Then tell us so here:")
        return say(said, ask_age(chat, "line"))
    return _said(chat, chat.t("Thank you. We will write only when there is something worth reading."))


@hear.text("stop_offers")
@hear.subject("stop_offers")
@hear.postback("stop_offers")
def stop_offers(chat: Chat) -> Reply:
    """Whoever says so in their own words is not asked whether they mean it."""
    _leave(chat, "stop_all")
    wisher(chat).stop_offers()
    the_rest = Choice(chat.t("Stop all messages"), Action("stop_all"))
    said = chat.t("Understood. We will not send you offers.")
    rest = chat.t(
        "What is about you, such as your points and appointments, still comes. To stop that too, write “stop all "
        "messages”."
    )
    return say(f"{said} {rest}", choices=(*ways_on(chat.t, member=chat.member), the_rest))


@hear.text("all_of_it")
@hear.subject("stop_all")
def all_of_it(chat: Chat) -> Reply:
    """A yes where it has just been said what that means."""
    return stop_everything(chat) if chat.open_step == "stop_all" else stop_all(chat)


@hear.text("stop_all")
@hear.postback("stop_all")
def stop_all(chat: Chat) -> Reply:
    """It ends reminders and care too, so the card says first what that means."""
    if consent.stopped(chat.session, chat.customer):
        return _said(chat, chat.t("All messages are stopped already. To change that, write “write to me again”."))
    chat.ask("stop_all")
    return say(cards.stop_all(chat.clinic, chat.t))


@hear.step("stop_all")
def typed_stop_all(chat: Chat, text: str) -> Reply:
    """A typed yes or no; while people answer only at once, for later it may be theirs."""
    ours = not chat.with_people or chat.just_asked
    if ours and says(text, "yes"):
        return stop_everything(chat)
    if ours and says(text, "no"):
        chat.leave_step()
        return _said(chat, chat.t("All right. You hear from us as before."))
    raise NotMeant


@hear.text("stop_everything")
@hear.postback("stop_everything")
def stop_everything(chat: Chat) -> Reply:
    _leave(chat, "stop_all")
    wisher(chat).stop_everything()
    said = chat.t("Understood. We write only when you write to us. To change that, write “write to me again”.")
    return _said(chat, said)


@hear.text("write_again")
@hear.subject("write_again")
@hear.postback("write_again")
def write_again(chat: Chat) -> Reply:
    """Offers are another question, and stay as they are; who has stopped nothing sees what they hear of."""
    if not wisher(chat).write_again():
        return messages.show(chat)
    return _said(chat, chat.t("Thank you. You hear from us again when there is something about you. Offers stay off."))


@hear.text("copy_data")
@hear.subject("copy_data")
@hear.postback("copy_data")
def copy_data(chat: Chat) -> Reply:
    return _requested(chat, "copy")


@hear.text("correct_data")
@hear.subject("correct_data")
@hear.postback("correct_data")
def correct_data(chat: Chat) -> Reply:
    return _requested(chat, "correction")


@hear.step("correction")
def correction(chat: Chat, text: str) -> Reply:
    """What is wrong stays in the conversation, where the team reads it."""
    del text
    chat.leave_step()
    return _said(chat, chat.t("Thank you. Our team reads this and puts it right."))


@hear.text("erase_data")
@hear.subject("delete_data")
@hear.postback("erase_data")
def erase_data(chat: Chat) -> Reply:
    """What it takes away is said before it is asked for."""
    if requests.open_of(chat.session, chat.customer, "erasure"):
        return _requested(chat, "erasure")
    chat.ask("erasure")
    return say(cards.erase(chat.clinic, chat.t))


@hear.step("erasure")
def erasure(chat: Chat, text: str) -> Reply:
    """A typed yes or no, unless people are asked something meanwhile: it may be theirs."""
    if not chat.with_people and says(text, "yes"):
        return erase_data_yes(chat)
    if not chat.with_people and says(text, "no"):
        return keep_data(chat)
    raise NotMeant


@hear.text("erase_data_yes")
@hear.postback("erase_data_yes")
def erase_data_yes(chat: Chat) -> Reply:
    _leave(chat, "erasure")
    return _requested(chat, "erasure")


@hear.text("keep_data")
@hear.postback("keep_data")
def keep_data(chat: Chat) -> Reply:
    _leave(chat, "erasure")
    if requests.withdraw(chat.session, chat.customer, "erasure", chat.now):
        return _said(chat, chat.t("Your request is taken back. Everything stays as it is."))
    return _said(chat, chat.t("Everything stays as it is."))


def _leave(chat: Chat, step: str) -> None:
    if chat.open_step == step:
        chat.leave_step()


def _requested(chat: Chat, kind: Literal["copy", "correction", "erasure"]) -> Reply:
    request = requests.ask(chat.session, chat.customer, kind, chat.now)
    card = cards.requested(chat.clinic, chat.t, request)
    if kind == "correction":
        chat.ask("correction")
        return say(card, chat.t("What is to be corrected? Write it here, and our team reads it."))
    return say(card, choices=ways_on(chat.t, member=chat.member))


def _said(chat: Chat, words: str) -> Reply:
    return say(words, choices=ways_on(chat.t, member=chat.member))
