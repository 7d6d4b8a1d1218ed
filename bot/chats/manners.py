"""What people say to each other: a greeting is answered, and thanks are."""

from bot.cards.frame import ways_on
from bot.chat import Chat
from bot.routes import hear
from channels.line.messages import Reply, say


@hear.text("greeting")
@hear.subject("greeting")
def greet(chat: Chat) -> Reply:
    t, name = chat.t, chat.name
    said = t("Hello {name}. What can we do for you?", name=name) if name else t("Hello. What can we do for you?")
    return say(said, choices=ways_on(t, member=chat.member))


@hear.text("thanks")
@hear.subject("thanks")
def welcome(chat: Chat) -> Reply:
    return say(chat.t("You are welcome."))
