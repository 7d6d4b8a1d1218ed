"""Coming in: the greeting, the notice, joining, and the separate question about offers."""

from typing import Literal

from bot.cards import join as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.limits import unless_full
from bot.routes import hear
from channels.line.messages import Choice, Reply, say
from customers import journey
from customers.voice import other_language
from loyalty import points, standing
from privacy import consent


@hear.event("follow")
def greet(chat: Chat) -> Reply:
    """A new friend, or one who unblocked us: members are welcomed back, others are told what membership is."""
    if chat.member:
        return say(chat.t("Welcome back. It is good to see you again."), choices=ways_on(chat.t, member=True))
    return offer(chat)


@hear.event("unfollow")
def part(chat: Chat) -> Reply:
    """Blocked: nothing can be said. The link is closed by whoever read the event; consents stay as they are."""
    del chat
    return Reply(silence="unfollowed")


@hear.text("join")
@hear.subject("join")
@hear.postback("join")
@unless_full
def join(chat: Chat) -> Reply:
    """Membership rests on the agreement, so it asks no consent; the marketing question stands by itself."""
    if chat.member:
        return say(chat.t("You are a member already."), choices=ways_on(chat.t, member=True))
    consent.note_notice(chat.session, chat.customer, cards.notice_text(chat.clinic, chat.t), chat.t.code, chat.now)
    profile = points.create_loyalty_profile(chat.session, chat.customer, chat.now)
    journey.write(chat.session, chat.customer, "joined", chat.now, key=f"joined:{chat.customer.id}")
    held = standing.of(chat.session, profile, chat.now)
    welcome = cards.welcome(chat.clinic, chat.t, name=chat.name, available=held.available)
    return say(welcome, cards.offers_question(chat.clinic, chat.t))


@hear.text("notice")
@hear.subject("privacy")
@hear.postback("notice")
def notice(chat: Chat) -> Reply:
    consent.note_notice(chat.session, chat.customer, cards.notice_text(chat.clinic, chat.t), chat.t.code, chat.now)
    return say(cards.notice(chat.clinic, chat.t, member=chat.member))


@hear.text("later")
@hear.postback("later")
def later(chat: Chat) -> Reply:
    return say(
        chat.t("Of course. You can join whenever you like: just write “join”."),
        choices=ways_on(chat.t, member=chat.member),
    )


@hear.postback("offers")
def offers(chat: Chat, answer: Literal["yes", "no"]) -> Reply:
    return _decided(chat, granted=answer == "yes")


@hear.subject("stop_offers")
def stop_offers(chat: Chat) -> Reply:
    """Whoever says so in their own words is not asked whether they mean it."""
    return _decided(chat, granted=False)


def _decided(chat: Chat, *, granted: bool) -> Reply:
    consent.decide(
        chat.session,
        chat.customer,
        purpose=consent.MARKETING,
        channel="line",
        granted=granted,
        text=cards.offers_question_text(chat.clinic, chat.t),
        now=chat.now,
    )
    said = (
        chat.t("Thank you. We will write only when there is something worth reading.")
        if granted
        else chat.t("Understood. We will not send you offers.")
    )
    return say(said, choices=ways_on(chat.t, member=chat.member))


def offer(chat: Chat) -> Reply:
    """The greeting card; while the language is a guess, the other one is a tap away."""
    other = other_language(chat.t)
    points_to_start = chat.clinic.settings.points.welcome
    return say(
        cards.greeting(chat.clinic, chat.t, points_to_start),
        choices=[Choice(other.label, other.action), *ways_on(chat.t, member=False)],
    )
