"""The answer to a sentence that is no phrase: what it is about, or the question what it is about."""

from collections.abc import Sequence

from bot import own_words
from bot.cards import meant as cards
from bot.chat import Chat
from bot.chats.answers import approved
from bot.offered import on
from bot.routes import Route, Table
from channels.line.limits import MESSAGES
from channels.line.messages import Reply, say

STILL_HEARD = frozenset({"stop_offers", "copy_data", "delete_data", "human"})
"""What a sentence is about that is answered also while people answer: nobody has to say twice that they want to go."""


def answer(table: Table, chat: Chat) -> Reply | None:
    """None where it is about nothing that is heard here: people read it.

    What the clinic has approved to be said of a subject comes before what the product shows of it. Two subjects are
    both answered, with the choices of the second one.
    """
    understood = table.understand(chat.heard.text, own_words.understanding(table, chat.clinic))
    if chat.with_people and (not understood.sure or not STILL_HEARD.issuperset(understood.subjects)):
        return None
    found = {subject: table.subject(subject) for subject in understood.subjects}
    subjects = tuple(subject for subject, route in found.items() if route is None or on(chat, route))
    texts = {subject: one for subject in subjects if (one := own_words.answer_to(chat.clinic, subject))}
    if not understood.sure:
        choices = cards.choices(chat.t, subjects, texts)
        return say(chat.t("Do you mean one of these?"), choices=choices) if choices else None
    replies = []
    for subject in subjects:
        replies += [approved(chat, texts[subject])] if subject in texts else []
        replies += [route.handler(chat)] if (route := found[subject]) is not None else []
    return _one_after_another(replies) if replies else None


def phrase(table: Table, chat: Chat, route: Route) -> Reply:
    """The answer to a phrase of the book, with what the clinic has approved to be said of its subject before it."""
    if not any(one.subject for one in chat.clinic.settings.answers):
        return route.handler(chat)
    subject = table.understand(chat.heard.text).subjects[0]
    own = own_words.answer_to(chat.clinic, subject)
    return _one_after_another([*([approved(chat, own)] if own else []), route.handler(chat)])


def _one_after_another(replies: Sequence[Reply]) -> Reply:
    if len(replies) == 1:
        return replies[0]
    return Reply(tuple(message for reply in replies for message in reply.messages)[:MESSAGES], replies[-1].choices)
