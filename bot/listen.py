"""From a stored event to what is said: who is speaking, what they mean, and the route that answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import rides, texts
from bot.chat import Chat, StaleAction
from bot.chats import help as help_chat
from bot.chats import join
from bot.in_groups import in_group, stale_button
from bot.known import Known, known
from bot.newcomers import waits
from bot.offered import offered, on
from bot.routes import Table
from channels.base import Channels
from channels.line.events import IncomingEvent, NotUnderstood, group_of, read
from channels.line.limits import MESSAGES
from channels.line.messages import Reply, silence
from channels.line.replies import Replies
from channels.message import Action
from channels.pictures import PictureAddress
from customers import journey, line_accounts, profiles
from customers.people import meet_on_line, vault_of
from followups import responses
from models.conversations import InboxEvent
from runtime.work import Handled

DEEDS = frozenset({"follow", "unfollow", "join", "leave", "member_joined", "member_left"})
"""What is taken note of, without a word, also while another module of the account speaks: it will not tell us later."""


@dataclass(frozen=True)
class Outcome:
    """What to say, and the two ways there: the reply token, and the person for a push when the token is too old."""

    reply: Reply
    token: str | None = None
    recipient: str | None = None
    settle: Callable[[], None] = lambda: None
    """Writes what the answer leaves behind. Called when all of a batch are answered, so that what the next one reads
    does not flush it row by row."""


def answer(
    session: Session,
    table: Table,
    event: InboxEvent,
    known: Known,
    now: datetime,
    picture: PictureAddress,
    channels: Channels,
) -> Outcome:
    """Handle one event inside the caller's transaction.

    A silence says its reason; `event.reason` tells what is worth keeping of an event that was answered. `channels`:
    over which somebody is written to, be it in this answer or somebody else.
    """
    raw = event.raw
    if event.reason is not None:  # to write None again would have the next read flush it
        event.reason = None
    if raw is None:
        return Outcome(silence("forgotten"))
    if _taken_back(session, event, known):
        event.raw = None
        return Outcome(silence("unsent"))
    try:
        heard = read(raw)
    except NotUnderstood as reason:
        return Outcome(silence(str(reason)))
    if heard.event_type == "unsend":
        return Outcome(silence(_forget(session, event)))
    if heard.hushed and heard.event_type not in DEEDS:
        return Outcome(silence(heard.hushed))
    if heard.group_id is not None or heard.user_id is None:
        said = in_group(session, table, event, heard, now, channels["line"])
        return Outcome(_hushed(heard, said), heard.reply_token, heard.group_id)
    chat = _chat(session, event, heard, known, now, picture, channels)
    if _stale(chat, event):
        return Outcome(silence("older_than_known"))
    _keep_up(chat, event)
    said = silence(heard.hushed) if heard.hushed else offered(table, chat, _reply(table, chat, event))
    reply = said if heard.hushed else rides.ride(chat, event, said, channels)
    recipient = heard.user_id if chat.link.reachable else None
    return Outcome(reply, heard.reply_token, recipient, partial(_leave, event, chat, raw))


def _leave(event: InboxEvent, chat: Chat, raw: bytes) -> None:
    """What an answered event leaves behind, last: so that what the handler changed of the customer is locked before
    the link, as everywhere."""
    chat.link.heard_at = max(chat.link.heard_at or event.occurred_at, event.occurred_at)
    profiles.ask_again(chat.session, chat.link, event.received_at, new_friend=chat.heard.event_type == "follow")
    _hand_over(event, chat, raw)


def apology(
    session: Session,
    event: InboxEvent,
    known: Known,
    reference: str,
    now: datetime,
    picture: PictureAddress,
    channels: Channels,
) -> Outcome | None:
    """What is said when an event could not be handled at all."""
    raw = event.raw
    try:
        heard = read(raw) if raw is not None else None
    except NotUnderstood:
        return None
    if heard is None or heard.group_id is not None or heard.user_id is None:
        return None
    chat = _chat(session, event, heard, known, now, picture, channels)
    _hand_over(event, chat, raw)
    return Outcome(help_chat.failed(chat, reference), heard.reply_token, heard.user_id)


def _hand_over(event: InboxEvent, chat: Chat, raw: bytes | None) -> None:
    """From here the words belong to the customer: erasing their key forgets them too."""
    event.customer_id, event.customer = chat.customer.id, chat.customer
    event.raw = raw


def _chat(
    session: Session,
    event: InboxEvent,
    heard: IncomingEvent,
    known: Known,
    now: datetime,
    picture: PictureAddress,
    channels: Channels,
) -> Chat:
    link = known.link
    if link is None:
        link = meet_on_line(session, event.clinic, heard.user_id or "", now)
        session.flush()  # what is said of somebody points at them by their id alone
    return Chat(session, event.clinic, link.customer, link, heard, now, picture, known, channels, event.id)


def _stale(chat: Chat, event: InboxEvent) -> bool:
    """A follow or unfollow that is older than what we know: redelivery does not keep the order."""
    known = max(filter(None, (chat.link.followed_at, chat.link.unfollowed_at)), default=None)
    return chat.heard.event_type in ("follow", "unfollow") and known is not None and event.occurred_at < known


def _keep_up(chat: Chat, event: InboxEvent) -> None:
    """What any event tells about the link: it is open (or closed), and it shows a menu."""
    link, event_type = chat.link, chat.heard.event_type
    if event_type == "unfollow":
        link.unfollowed_at = event.occurred_at
        journey.write(chat.session, chat.customer, "line_unfollowed", chat.now)
        return
    if event_type == "follow" or chat.first_contact:
        link.followed_at = event.occurred_at
        journey.write(chat.session, chat.customer, "line_followed", chat.now)
        if event_type == "follow":
            # LINE forgets a person's menu when they block us.
            link.linked_menu = None
        line_accounts.menu_due(chat.session, link)


def _reply(table: Table, chat: Chat, event: InboxEvent) -> Reply:
    try:
        reply = _routed(table, chat)
    except StaleAction:
        event.reason = stale_button(table, chat.heard)
        return help_chat.stale_button(chat)
    if chat.first_contact and chat.heard.event_type not in ("follow", "unfollow") and not chat.member:
        return _with_greeting(chat, reply)
    return reply


def _routed(table: Table, chat: Chat) -> Reply:
    heard = chat.heard
    if heard.event_type == "postback":
        route, arguments = table.button(heard.data, heard.params)
        if not on(chat, route):
            raise StaleAction("a subject that the clinic has off")
        reply = route.answer(chat, **arguments)
        if (said := Action.parse(heard.data).execution_id) is not None:
            responses.answered(chat.session, chat.customer, said, route.name, chat.now)
    elif heard.event_type == "text":
        found = texts.answer(table, chat)
        if found is None:
            return help_chat.unknown(chat)
        reply = found
    else:
        return table.plain(heard.event_type).handler(chat)
    chat.understood = True
    return reply


def _with_greeting(chat: Chat, reply: Reply) -> Reply:
    """A friend from before we came: they are answered, and told what membership is, as a new friend would be."""
    greeting = join.offer(chat)
    if greeting.messages[0] in reply.messages:
        return reply
    understood = reply.messages if chat.understood else ()
    return Reply((*understood, *greeting.messages)[:MESSAGES], greeting.choices)


def _hushed(heard: IncomingEvent, reply: Reply) -> Reply:
    return silence(heard.hushed) if heard.hushed and not reply.silence else reply


def _forget(session: Session, event: InboxEvent) -> str:
    """The sender took a message back: its stored text goes, whether it was answered or still waits.

    One that has not come yet is known by this very event, as long as that is kept (`privacy/retention.py`).
    """
    if event.takes_back is None:
        return "malformed"
    named = InboxEvent.clinic_id == event.clinic_id, InboxEvent.message_id == event.takes_back
    for message in session.scalars(select(InboxEvent).where(*named)):
        if event.actor_index in _senders(session, message):
            message.raw_sealed = None
    return "unsent"


def _taken_back(session: Session, event: InboxEvent, known: Known) -> bool:
    """LINE redelivers, and keeps no order then: the message may come after it was taken back."""
    return bool(known.takers) and not known.takers.isdisjoint(_senders(session, event))


def _senders(session: Session, message: InboxEvent) -> set[bytes]:
    """By whom a message may be taken back: by who sent it, which of a group's LINE may tell as the group alone."""
    group = group_of(message.raw) if message.raw is not None else None
    theirs = {vault_of(session).index(message.clinic_id, message.source, group)} if group is not None else set()
    return {message.actor_index, *theirs}


@dataclass(frozen=True)
class Listener:
    """The handler of LINE's events: what is said goes out as a reply once the transaction is over."""

    table: Table
    replies: Replies
    picture: PictureAddress
    channels: Channels
    """Those of this process."""

    @property
    def retries(self) -> Sequence[timedelta]:
        return self.replies.timing.event_retries

    def load(self, session: Session, events: Sequence[InboxEvent]) -> Mapping[UUID, Known]:
        timing = self.replies.timing
        found, these = known(session, events, timing), {event.id: event for event in events}
        return {id_: one for id_, one in found.items() if not waits(session, these[id_], one, timing)}

    def handle(
        self, session: Session, event: InboxEvent, loaded: Known, now: datetime, real_now: datetime
    ) -> Callable[[], Handled]:
        outcome = answer(session, self.table, event, loaded, now, self.picture, self.channels)
        return partial(self._settled, session, event, loaded, outcome, real_now)

    def give_up(
        self, session: Session, event: InboxEvent, loaded: Known, reference: str, now: datetime, real_now: datetime
    ) -> Handled | None:
        outcome = apology(session, event, loaded, reference, now, self.picture, self.channels)
        return None if outcome is None else Handled(then=self._spoken(session, event, loaded, outcome, real_now))

    def _settled(
        self, session: Session, event: InboxEvent, loaded: Known, outcome: Outcome, real_now: datetime
    ) -> Handled:
        outcome.settle()
        silence = outcome.reply.silence
        unsaid = None if silence or outcome.token else "no_token"
        spoken = self._spoken(session, event, loaded, outcome, real_now)
        return Handled(silence or unsaid or event.reason, bool(silence), spoken)

    def _spoken(
        self, session: Session, event: InboxEvent, loaded: Known, outcome: Outcome, real_now: datetime
    ) -> Callable[[], None] | None:
        if not outcome.reply.messages or not outcome.token:
            return None
        prepared = self.replies.write(
            session, event, outcome.reply, outcome.token, outcome.recipient, real_now, behind=loaded.behind
        )
        return None if prepared is None else partial(self.replies.begin, prepared)
