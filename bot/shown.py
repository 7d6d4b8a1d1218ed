"""Whose cards stand in a text of the staff's group: numbers, codes, or the five signs of a code alone."""

from bot import amounts
from bot.chat import GroupChat
from bot.words import plain
from customers import cards
from customers.cards import Card


def shown(group: GroupChat, words: str | None = None) -> tuple[list[Card], str]:
    """The cards, and the words without them; of a part of the text, where it is given.

    Five signs may stand in talk (`ห้อง B2345`): there they are a card only where somebody was shown them. Alone, or
    with nothing but an amount, they are meant as one: who types a code that is over is told so.
    """
    words = group.heard.words if words is None else words
    if found := cards.among(words):
        return found, cards.without(words)
    may_be, rest = [Card("", code) for code in cards.alone(words)], cards.without_alone(words)
    if len(may_be) == 1 and not plain(amounts.without(rest)):
        return may_be, rest
    known = [one for one in may_be if cards.holder(group.session, group.clinic, one, group.now) is not None]
    return (known, rest) if known else ([], words)
