"""The answer to a sentence that is no phrase: what it is about, or the question what it is about."""

from bot.cards import meant as cards
from bot.chat import Chat
from bot.offered import on
from bot.routes import Table
from channels.line.limits import MESSAGES
from channels.line.messages import Reply, say


def answer(table: Table, chat: Chat) -> Reply | None:
    """None where it is about nothing that is heard here: people read it.

    Two subjects are both answered, with the choices of the second one.
    """
    understood = table.understand(chat.heard.text)
    found = {subject: table.subject(subject) for subject in understood.subjects}
    subjects = tuple(subject for subject, route in found.items() if route is None or on(chat, route))
    if not understood.sure:
        choices = cards.choices(chat.t, subjects)
        return say(chat.t("Do you mean one of these?"), choices=choices) if choices else None
    routes = [route for subject in subjects if (route := table.subject(subject)) is not None]
    replies = [route.handler(chat) for route in routes]
    if len(replies) < 2:
        return replies[0] if replies else None
    return Reply(tuple(message for reply in replies for message in reply.messages)[:MESSAGES], replies[-1].choices)
