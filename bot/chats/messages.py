"""What a customer hears from the clinic unasked: one card with a switch for each kind."""

from typing import Literal

from bot.cards import messages as cards
from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Choice, Reply, say
from channels.message import Action
from followups import preferences
from privacy import consent


@hear.text("message_settings")
@hear.subject("settings")
@hear.postback("message_settings")
def show(chat: Chat) -> Reply:
    card = cards.settings(
        chat.clinic,
        chat.t,
        offers=consent.may_send_offers(chat.session, chat.customer, "line", chat.now),
        survey=not consent.objects(chat.session, chat.customer, consent.SURVEY),
        greetings=not consent.objects(chat.session, chat.customer, consent.GREETINGS),
        stopped=consent.stopped(chat.session, chat.customer),
    )
    return say(card, choices=ways_on(chat.t, member=chat.member))


@hear.postback("hear_of")
def hear_of(chat: Chat, what: Literal["survey", "greetings"], answer: Literal["yes", "no"]) -> Reply:
    """Both come until somebody objects."""
    t, wanted = chat.t, answer == "yes"
    said = {
        ("survey", True): t("Thank you. After a visit we ask you once how it was."),
        ("survey", False): t("Understood. We do not ask you any more. You can write “review” whenever you like."),
        ("greetings", True): t("With pleasure. On your birthday you hear from us."),
        ("greetings", False): t("Understood. We let your birthday pass quietly."),
    }[what, wanted]
    consent.decide(
        chat.session, chat.customer, purpose=what, channel="line", granted=wanted, text=said, now=chat.now
    )  # fmt: skip
    return say(said, choices=ways_on(t, member=chat.member))


@hear.text("not_now")
@hear.postback("not_now")
def not_now(chat: Chat) -> Reply:
    """However old the offer is under which it was tapped: it is meant from now on."""
    until = preferences.not_now(chat.session, chat.customer, chat.now)
    said = chat.t("Of course. Until {date} we suggest no further treatments to you.", date=chat.t.date(until))
    back = Choice(chat.t("Suggest again"), Action("suggest_again"))
    return say(said, choices=(back, *ways_on(chat.t, member=chat.member)))


@hear.text("suggest_again")
@hear.postback("suggest_again")
def suggest_again(chat: Chat) -> Reply:
    """It ends what was said to offers of treatments; whether offers come at all is another question."""
    preferences.now_again(chat.session, chat.customer, chat.now)
    said = chat.t("Thank you. Where something may suit you, we suggest it again, if you receive offers.")
    return say(said, choices=ways_on(chat.t, member=chat.member))
