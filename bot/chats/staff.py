"""The staff's own group: binding it, and using a customer's reward by sending its code."""

import re

from bot.cards import staff as cards
from bot.chat import Chat, GroupChat
from bot.routes import hear
from bot.words import says_use
from channels.line.messages import Reply, say, silence
from customers import staff
from loyalty import redemptions
from loyalty.errors import RedemptionRefused
from runtime import codes

BINDING = re.compile(r"(?=.*\d)[0-9a-z\s-]{4,16}")
"""What is meant as a binding code, even if mistyped: it has a digit. `bind them` is talk."""


@hear.event("group_text")
def in_group(group: GroupChat) -> Reply:
    """People talk in groups: of what has no route, only a redemption code is answered, alone or among words."""
    code = codes.read(group.heard.words)
    return _among_words(group) if code is None else _use(group, code)


def _among_words(group: GroupChat) -> Reply:
    """A code in a sentence: used where nothing else is said, else it is asked whether to, for a use is for good."""
    t, words = group.t, group.heard.words
    among = codes.among(words)
    known = redemptions.known(group.session, group.clinic, among)
    if len(known) > 1:
        shown = ", ".join(map(codes.spaced, known))
        return say(t("There are several codes in this message: {codes}. Please send one at a time.", codes=shown))
    meant = known or [code for code, sure in among.items() if sure]
    if not meant:
        return silence("group_talk")
    code = meant[0]
    if refused := redemptions.refusal(group.session, group.clinic, code, group.now):
        return say(cards.refused(t, code, refused))
    if not group.heard.to_others and says_use(codes.without(words, code)):
        return _use(group, code)
    question = t("Shall {code} be used? Then tap the button, or send the code by itself.", code=codes.spaced(code))
    return say(question, choices=[cards.use_it(t, code)])


@hear.postback("use_code", group=True)
def use(group: GroupChat, code: str) -> Reply:
    """The answer to the question. Tapped again, or late, it says what has become of the code."""
    return _use(group, code)


@hear.prefix("bind", group=True, unbound=True)
def bind(group: GroupChat, text: str) -> Reply:
    t, code = group.t, codes.read(text)
    if code is None and BINDING.fullmatch(text) is None:
        return silence("group_talk" if group.bound else "group_not_bound")
    if group.bound:
        return say(t("This group is linked to {clinic} already.", clinic=group.clinic.name))
    if code is None or not staff.bind(group.session, group.clinic, code, group.group_id, group.now):
        return say(t("This code does not fit: it is mistyped, was used, or is older than a day. Ask for a new one."))
    return say(
        t(
            "This group is now linked to {clinic}. Send a customer's reward code here, and it is used.",
            clinic=group.clinic.name,
        )
    )


@hear.prefix("bind")
def bind_elsewhere(chat: Chat, text: str) -> Reply:
    """In a chat of two there is no group to bind, and whether the code is good is not told."""
    del text
    return say(chat.t("Please send this in your staff's LINE group."))


def _use(group: GroupChat, code: str) -> Reply:
    try:
        used = redemptions.confirm(group.session, group.clinic, code, group.now, actor=group.actor)
    except RedemptionRefused as refused:
        return say(cards.refused(group.t, code, refused))
    return say(cards.used(group.clinic, group.t, used))
