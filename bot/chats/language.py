"""The language: changed by a tap or a word, kept, and followed by the menu."""

from bot.cards import help as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, StaleAction
from bot.routes import hear
from bot.words import language_meant
from channels.line.limits import QUICK_REPLIES
from channels.line.messages import Choice, Reply, say
from channels.message import Action
from customers.voice import in_language


@hear.postback("languages")
def choose(chat: Chat) -> Reply:
    """Asked in every language, for who does not read this one."""
    voices = [in_language(chat.clinic, code) for code in chat.clinic.settings.voice.languages]
    asked = "\n".join(t("In which language shall we speak?") for t in voices)
    names = [Choice(t("English"), Action("language", to=t.code)) for t in voices]
    return say(asked, choices=names[:QUICK_REPLIES])


@hear.postback("language")
def change(chat: Chat, to: str) -> Reply:
    if to not in chat.clinic.settings.voice.languages:
        raise StaleAction("a language that is not spoken here")
    chat.speak(to)
    return say(
        chat.t("From now on we speak English."),
        cards.menu(chat.clinic, chat.t, member=chat.member),
        choices=ways_on(chat.t, member=chat.member),
    )


@hear.text("speak")
@hear.subject("language")
def speak(chat: Chat) -> Reply:
    """The language that is named; asked for where a sentence leaves it open, or names one that is not spoken here."""
    try:
        meant = language_meant(chat.heard.text)
    except LookupError:
        return choose(chat)
    return change(chat, meant) if meant in chat.clinic.settings.voice.languages else choose(chat)
