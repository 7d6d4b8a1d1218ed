"""What stands beside a card in the staff's group and is no payment: money that goes back, and points.

Whoever reads `M 4829 1375 -500` as a payment gives points for a refund. Nothing is recorded of it here: it is said what
takes a payment back.
"""

import re
from decimal import Decimal

from bot import amounts
from bot.cards import staff_till as till
from bot.cards import staff_undo as undo_cards
from bot.chat import GroupChat, NotMeant
from bot.chats import group_acts, group_till
from bot.chats.staff_members import acting
from bot.routes import hear
from bot.shown import shown
from bot.words import folded
from channels.line.messages import Reply, say
from customers import staff_acts
from customers.cards import Card
from facts.undone import UNDO_WITHIN
from models.customers import Customer
from models.staff import StaffAct, StaffMember
from runtime.language import LANGUAGES, hearing_words


def heard(group: GroupChat) -> Reply | None:
    """The answer to a card, or a phone, with what is no payment, and to signed points that a text begins with; None
    where it is something else."""
    given, words = shown(group)
    phones = [] if given else amounts.phones(words)
    rest = words if given else amounts.without_phones(words)
    money = amounts.amounts(rest)
    if amounts.of_points(rest) and len(money) == 1 and (given or phones or amounts.begins_with_points(rest)):
        return group_acts.adjusted(group)
    if not (given or (phones and money)) or not (amounts.goes_away(rest) or _says_so(rest)):
        return None
    who = acting(group)
    return who if isinstance(who, Reply) else _back(group, who, given, money)


@hear.opening("refund")
def refund(group: GroupChat, text: str) -> Reply:
    """Beside the code of an act it is answered; other words go on as any text of the group."""
    if group.ours is None or not group_till.is_code(text):
        raise NotMeant
    who = acting(group)
    return who if isinstance(who, Reply) else say(undo_cards.goes_back(group.t))


def _back(group: GroupChat, who: StaffMember, given: list[Card], money: list[Decimal]) -> Reply:
    if group_till.guessed_too_much(group, who):
        return say(till.too_many_guesses(group.t))
    if len(given) != 1 or len(money) != 1:
        return say(undo_cards.goes_back(group.t))
    customer = group_till.whose(group, who, given[0])
    if isinstance(customer, Reply):
        return customer
    act = _just_recorded(group, customer, money[0])
    if act is None:
        return say(undo_cards.goes_back(group.t))
    return say(undo_cards.shall_it_be_undone(group.clinic, group.t, act))


def _just_recorded(group: GroupChat, customer: Customer, amount: Decimal) -> StaffAct | None:
    """What is meant, if it was recorded in this group and can still be taken back."""
    act = staff_acts.alike(group.session, customer, amount, group.now - UNDO_WITHIN)
    return act if act is not None and group.ours is not None and act.group_id == group.ours.id else None


def _says_so(text: str) -> bool:
    """Whether words for a refund, or for taking something back, stand in a text; Latin ones whole."""
    return _BACK.search(folded(text)) is not None


def _pattern() -> re.Pattern[str]:
    book = [hearing_words(code) for code in LANGUAGES]
    words = {folded(word) for phrases in book for name in ("refund", "undo", "cancel") for word in phrases[name]}
    each = (rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word) for word in sorted(words))
    return re.compile("|".join(each))


_BACK = _pattern()
