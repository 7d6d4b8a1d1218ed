"""The staff's own group: binding it, and using a customer's reward by sending its code."""

import re
from functools import cache

from bot.cards import staff as cards
from bot.chat import Chat, GroupChat
from bot.routes import hear
from bot.words import plain
from channels.line.messages import Reply, say, silence
from customers import staff
from customers.people import vault_of
from loyalty import redemptions
from loyalty.errors import RedemptionRefused
from runtime import codes
from runtime.language import LANGUAGES, hearing_words


@hear.event("group_text")
def in_group(group: GroupChat) -> Reply:
    """People talk in groups: only a binding code, and in a bound group a redemption code, is answered."""
    wanted = _binding().fullmatch(plain(group.heard.text))
    if wanted is not None:
        return _bind(group, codes.read(wanted[1]))
    if not staff.is_bound(group.session, group.clinic, group.group_id):
        return silence("group_not_bound")
    code = codes.read(group.heard.text)
    return silence("group_talk") if code is None else _use(group, code)


@hear.prefix("bind")
def bind_elsewhere(chat: Chat, text: str) -> Reply:
    """In a chat of two there is no group to bind, and whether the code is good is not told."""
    del text
    return say(chat.t("Please send this in your staff's LINE group."))


def _bind(group: GroupChat, code: str | None) -> Reply:
    t = group.t
    if staff.is_bound(group.session, group.clinic, group.group_id):
        return say(t("This group is linked to {clinic} already.", clinic=group.clinic.name))
    if code is None or not staff.bind(group.session, group.clinic, code, group.group_id, group.now):
        return say(t("This code does not fit: it is mistyped, was used, or is older than a day. Ask for a new one."))
    return say(
        t(
            "This group is now linked to {clinic}. Send a customer's reward code here, and it is used.",
            clinic=group.clinic.name,
        )
    )


def _use(group: GroupChat, code: str) -> Reply:
    try:
        used = redemptions.confirm(group.session, group.clinic, code, group.now, actor=_actor(group))
    except RedemptionRefused as refused:
        return say(cards.refused(group.t, code, refused))
    return say(cards.used(group.clinic, group.t, used))


def _actor(group: GroupChat) -> str:
    """Who sent it, as the blind index of their LINE id; LINE does not always tell who it was."""
    who = group.heard.user_id
    index = vault_of(group.session).index(group.clinic.id, "line", who or group.group_id)
    return f"{'staff' if who else 'group'}:{index.hex()}"


@cache
def _binding() -> re.Pattern[str]:
    """`bind 7KQM 2XRA` in every language: the words, then letters with at least one digit among them.

    Thai needs no space between; `binder 22` is no code.
    """
    words = {plain(word) for language in LANGUAGES for word in hearing_words(language)["bind"]}
    return re.compile(
        rf"(?:{'|'.join(map(re.escape, sorted(words)))})(?:[\s:]+|(?<=[^\x00-\x7f]))((?=.*\d)[0-9a-z\s-]{{4,16}})"
    )
