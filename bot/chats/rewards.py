"""Rewards: what points buy, redeeming, showing the code, giving back.

Buttons live for ever in a chat, so each looks again at what it refers to: whether it still holds, and whose it is.
"""

import secrets
from typing import Literal
from uuid import UUID

from bot.cards import redemptions as cards_of_mine
from bot.cards import rewards as cards
from bot.cards.frame import ways_on
from bot.chat import Chat, StaleAction
from bot.chats.join import members_only
from bot.routes import hear
from channels.line.messages import Choice, LineMessage, Reply, say
from channels.message import Action
from channels.pictures import REDEMPTION
from loyalty import redemptions, rewards
from loyalty.errors import RedemptionRefused, RewardRefused
from models.rewards import Redemption
from runtime import codes
from runtime.actors import CUSTOMER


@hear.text("rewards")
@hear.subject("rewards")
@hear.postback("rewards")
def catalogue(chat: Chat, page: int = 1) -> Reply:
    """What there is, affordable first; a button of a longer catalogue that has shrunk leads to its last page."""
    if not chat.member:
        return members_only(chat)
    offers = rewards.catalogue(chat.session, chat.customer, chat.now)
    if not offers:
        return _say(chat, chat.t("There are no rewards here yet."))
    page = min(max(page, 1), -(-len(offers) // cards.PAGE))
    return _say(chat, cards.catalogue(chat.clinic, chat.t, offers, page))


@hear.postback("reward")
def reward(chat: Chat, reward: UUID) -> Reply:
    """One reward: the question whether to redeem it, or why it cannot be."""
    if not chat.member:
        return members_only(chat)
    return _say(chat, _one(chat, reward))


@hear.postback("redeem")
def redeem(chat: Chat, reward: UUID, points: int, nonce: str) -> Reply:
    """The answer to the question. The same button again shows the same redemption, whatever has become of it."""
    if not chat.member:
        return members_only(chat)
    if not (nonce.isascii() and nonce.isalnum()):
        raise StaleAction("a nonce we have not drawn")
    try:
        redemption = rewards.redeem(
            chat.session, chat.customer, reward, chat.now, key=f"{reward}:{nonce}", at_points=points
        )
    except RewardRefused as refused:
        if refused.refusal.code == "price_changed":
            return _say(chat, chat.t("The price has changed since. Please look again:"), _one(chat, reward))
        return _say(chat, _one(chat, reward))
    return _say(chat, _shown(chat, redemption))


@hear.text("redemptions")
@hear.subject("redemptions")
@hear.postback("redemptions")
def mine(chat: Chat, before: UUID | None = None) -> Reply:
    """A page of what the customer has redeemed; `before` is the last of the page that was shown."""
    if not chat.member:
        return members_only(chat)
    page, older = redemptions.mine(chat.session, chat.customer, before=before)
    if not page:
        return _say(chat, chat.t("You have not redeemed anything yet."))
    return _say(chat, cards_of_mine.listing(chat.clinic, chat.t, page, older, chat.now))


@hear.postback("redemption")
def show(chat: Chat, redemption: UUID) -> Reply:
    return _say(chat, _shown(chat, _own(chat, redemption)))


@hear.postback("cancel_redemption")
def cancel(chat: Chat, redemption: UUID, sure: Literal["yes"] | None = None) -> Reply:
    """Asked once more, then given back. What was used or has lapsed meanwhile says so."""
    found = _own(chat, redemption)
    if redemptions.state_of(found, chat.now) != "issued":
        return _say(chat, _shown(chat, found))
    if sure is None:
        return _say(chat, cards_of_mine.cancelling(chat.clinic, chat.t, found))
    try:
        back = redemptions.cancel(chat.session, found, chat.now, actor=CUSTOMER)
    except RedemptionRefused:
        return _say(chat, _shown(chat, found))
    if not back and redemptions.all_elsewhere(chat.session, found):
        return _say(chat, chat.t("Cancelled."))
    if not back:
        return _say(chat, chat.t("Cancelled. Its points had expired already."))
    points = chat.t.n("{count} point", "{count} points", back)
    return _say(chat, chat.t("Cancelled. {points} are yours again.", points=points))


def in_a_sentence(chat: Chat) -> Reply | None:
    """The customer's own code among words that nothing else hears: it is used at the counter, not here.

    None when there is none; another customer's code is nothing that is told of.
    """
    found = redemptions.own_among(chat.session, chat.customer, codes.among(chat.heard.text))
    if len(found) != 1:
        return mine(chat) if found else None
    said = chat.t("This is the code of your reward. Please show it to our staff at the counter.")
    good = redemptions.state_of(found[0], chat.now) == "issued"
    return _say(chat, *([said] if good else []), _shown(chat, found[0]))


def _one(chat: Chat, reward: UUID) -> LineMessage:
    try:
        offer = rewards.offer(chat.session, chat.customer, reward, chat.now)
    except RewardRefused as refused:
        raise StaleAction(str(refused)) from refused
    if offer.refusal is not None:
        return cards.out_of_reach(chat.clinic, chat.t, offer)
    return cards.question(chat.clinic, chat.t, offer, secrets.token_hex(4))


def _shown(chat: Chat, redemption: Redemption) -> LineMessage | str:
    """The code, or what has become of it."""
    if redemptions.state_of(redemption, chat.now) == "issued":
        picture = chat.picture(REDEMPTION, redemption.clinic_id, redemption.id)
        return cards_of_mine.code(chat.clinic, chat.t, redemption, picture)
    fate = cards_of_mine.fate(chat.t, redemption, chat.now)
    return f"{cards.named(redemption.reward, chat.t)}: {fate}"


def _own(chat: Chat, redemption: UUID) -> Redemption:
    found = redemptions.own(chat.session, chat.customer, redemption)
    if found is None:
        raise StaleAction("no redemption of this customer")
    return found


def _say(chat: Chat, *messages: LineMessage | str) -> Reply:
    here = (
        Choice(chat.t("Rewards"), Action("rewards")),
        Choice(chat.t("My rewards"), Action("redemptions")),
    )
    others = [choice for choice in ways_on(chat.t, member=True) if choice.action not in [each.action for each in here]]
    return say(*messages, choices=[*here, *others])
