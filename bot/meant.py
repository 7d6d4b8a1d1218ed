"""The answer to a sentence that is no phrase: what it is about, or the question what it is about."""

from collections.abc import Sequence

from bot import own_words
from bot.cards import meant as cards
from bot.chat import Chat
from bot.chats import health, prices
from bot.chats.answers import approved
from bot.offered import on
from bot.routes import Route, Table
from bot.subjects import SOUGHT
from bot.understand import Understood
from channels.line.limits import MESSAGES
from channels.line.messages import Reply, say
from models.clinic_words import Answer

STILL_HEARD = frozenset({"stop_offers", "stop_all", "copy_data", "correct_data", "delete_data", "human"})
"""What a sentence is about that is answered also while people answer, and whatever was asked before: nobody has to say
twice that they want to go."""


def of(table: Table, chat: Chat) -> Understood:
    """What a sentence is about, in words of the clinic's, too."""
    return table.understand(chat.heard.text, own_words.understanding(table, chat.clinic))


def answer(table: Table, chat: Chat, understood: Understood) -> Reply | None:
    """None where it is about nothing that is heard here: people read it. Of somebody's health they are told, too.

    What the clinic has approved to be said of a subject comes before what the product shows of it. Two subjects are
    both answered, with the choices of the second one.
    """
    understanding = own_words.understanding(table, chat.clinic)
    if understood.health and not chat.with_people:
        return health.left_to_people(chat, urgent=False)
    if understood.health:
        health.tell(chat, urgent=False)  # who answers may be somebody who is not asked such things
    if chat.with_people and (not understood.sure or not STILL_HEARD.issuperset(understood.subjects)):
        return None
    wanted = understood.sure and SOUGHT in understood.subjects
    price = None if wanted else prices.of_named(chat, understanding, understood)
    if price is not None:
        chat.answered.add(prices.SUBJECT)
    if price is not None and (not understood.sure or prices.SUBJECT not in understood.subjects):
        return price
    found = {subject: table.subject(subject) for subject in understood.subjects}
    own = {subject: own_words.answer_to(chat.clinic, subject) for subject in found}
    subjects = tuple(each for each, route in found.items() if route is None or own[each] or on(chat, route))
    texts = {subject: one for subject in subjects if (one := own[subject])}
    if not understood.sure:
        choices = cards.choices(chat.t, subjects, texts)
        return say(chat.t("Do you mean one of these?"), choices=choices) if choices else None
    replies = []
    for subject in subjects:
        replies += (
            [price] if price is not None and subject == prices.SUBJECT else _of(chat, found[subject], own[subject])
        )
    return _one_after_another(replies) if replies else None


def _of(chat: Chat, route: Route | None, own: Answer | None) -> list[Reply]:
    """The clinic's own text, and what the product shows beside it, which is nothing where it is a list of prices."""
    shown = route is not None and not (own is not None and route.handler is prices.prices)
    return [*([approved(chat, own)] if own else []), *([route.answer(chat)] if route and shown else [])]


def phrase(table: Table, chat: Chat, route: Route) -> Reply:
    """The answer to a phrase of the book, with what the clinic has approved to be said of its subject before it."""
    if not any(one.subject for one in chat.clinic.settings.answers):
        return route.answer(chat)
    subject = table.understand(chat.heard.text).subjects[0]
    own = own_words.answer_to(chat.clinic, subject)
    return _one_after_another([*([approved(chat, own)] if own else []), route.answer(chat)])


def _one_after_another(replies: Sequence[Reply]) -> Reply:
    if len(replies) == 1:
        return replies[0]
    return Reply(tuple(message for reply in replies for message in reply.messages)[:MESSAGES], replies[-1].choices)
