"""Coming in: the greeting, and joining."""

from bot.cards import join as cards
from bot.cards import privacy as privacy_cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.chats.limits import unless_full
from bot.chats.messages import not_now
from bot.chats.privacy import next_question
from bot.routes import hear
from channels.line.messages import Choice, Reply, say
from customers.voice import other_language
from facts.joined import joined
from followups import had
from loyalty import standing


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
    if chat.member:
        return say(chat.t("You are a member already."), choices=ways_on(chat.t, member=True))
    shown = privacy_cards.notice_text(chat.clinic, chat.t)
    profile = joined(chat.session, chat.customer, shown, chat.t.code, chat.now)
    held = standing.of(chat.session, profile, chat.now)
    welcome = cards.welcome(chat.clinic, chat.t, name=chat.name, available=held.available)
    return say(welcome, *next_question(chat))


@hear.text("later")
@hear.postback("later")
def later(chat: Chat) -> Reply:
    if chat.member:
        # The label of the button under a treatment that is offered, typed: it is no answer to anything else here.
        lately = had.offered_treatment(chat.session, chat.clinic, chat.customer, chat.now)
        return not_now(chat) if lately else say(chat.t("Of course."), choices=ways_on(chat.t, member=True))
    return say(
        chat.t("Of course. You can join whenever you like: just write “join”."),
        choices=ways_on(chat.t, member=False),
    )


def members_only(chat: Chat) -> Reply:
    """To who asks for something that only members have."""
    greeting = offer(chat)
    said = chat.t("You are not a member yet. As soon as you have joined, you find your points, rewards and card here.")
    return say(said, *greeting.messages, choices=greeting.choices)


def offer(chat: Chat) -> Reply:
    """The greeting card; while the language is a guess, the other one is a tap away."""
    other = other_language(chat.clinic, chat.t)
    points_to_start = chat.clinic.settings.points.welcome
    return say(
        cards.greeting(chat.clinic, chat.t, points_to_start),
        choices=[*([Choice(other.label, other.action)] if other else []), *ways_on(chat.t, member=False)],
    )
