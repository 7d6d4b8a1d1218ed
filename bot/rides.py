"""What rides in the answer to a customer: news of what they have just done, and what waits for one, since an answer
costs no message of the month."""

from bot.chat import Chat
from bot.chats import prices
from channels import fence
from channels.base import Channels
from channels.line.limits import MESSAGES
from channels.line.messages import LineMessage, Reply
from followups import news_in_answers, rides
from loyalty.notifications import take_written
from models.conversations import InboxEvent

ORDINARY = frozenset(
    {
        "achievements", "appointments", "booking", "check_in", "checkin", "clinic", "contact", "courses", "expiry",
        "friends", "friends_brought", "greeting", "help", "history", "hours", "points", prices.SUBJECT, "redemptions",
        "referral", "referrals", "rewards", "thanks", "tiers",
    }
)  # fmt: skip
"""Phrases, subjects and buttons that ask for nothing but what they show: what waits may stand below it. Nothing stands
below what somebody shows at the counter, has decided, complains of, is unwell with, or is to read first."""


def ride(chat: Chat, event: InboxEvent, reply: Reply, channels: Channels) -> Reply:
    """The answer, with what goes in it besides, as far as there is room.

    Where there is none, or it cannot be given, news is told by itself, and what waits goes on waiting.
    """
    written = take_written(chat.session, chat.customer)
    waits = _waits(chat, reply)
    if not (written or waits) or not chat.heard.reply_token or len(reply.messages) >= MESSAGES:
        return reply
    said: list[LineMessage] = list(reply.messages)
    if written and (news := news_in_answers.ride(chat.session, chat.customer, written, event)):
        said.append(news)
    if waits and not fence.stands(chat.session):  # before a restored database it may have been said
        about = chat.session, channels, chat.customer, event
        said += news_in_answers.ride_late(*about, MESSAGES - len(said), chat.now)
        said += rides.ride(*about, MESSAGES - len(said), chat.now)
    return Reply(tuple(said), reply.choices) if len(said) > len(reply.messages) else reply


def _waits(chat: Chat, reply: Reply) -> bool:
    """Whether something is due that may ride here: beside an ordinary answer to who talks to nobody of the clinic's,
    and is asked nothing. Cost: none where nothing waits."""
    from_ = chat.known.rides_from
    if from_ is None or from_ > chat.now or not (chat.understood and chat.answered and reply.messages):
        return False
    return chat.answered <= ORDINARY and not chat.with_people and chat.open_step is None
