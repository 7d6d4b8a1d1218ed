"""An event of a group: the route that answers it, and what waits to be told to the staff beside the answer."""

from datetime import datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot import staff_notices
from bot.cards import staff_members
from bot.chat import GroupChat, NotMeant, Opened, StaleAction
from bot.chats import help as help_chat
from bot.routes import IN_GROUPS, Route, Table
from channels.base import Channel
from channels.line.events import IncomingEvent
from channels.line.messages import Reply, say, silence
from customers import staff_notices as told
from models.conversations import InboxEvent
from runtime.errors import TooEarly

JUST_NOW = timedelta(minutes=1)
"""For so long LINE's answer to a message to the group may be under way: then it was lost."""


HELP = ("help", "group_help")
NOT_AGAIN = timedelta(minutes=10)
"""So long who asks for help in a group that is not the clinic's is told how it becomes so once."""
HOW_TO_BIND = "told_how_to_bind"


class NotYetKnown(TooEarly):
    """What is quoted may be what the group was just told."""


_stale_buttons = Counter("aura_stale_buttons", "Buttons tapped that no longer hold", ["action"])


def in_group(
    session: Session, table: Table, event: InboxEvent, heard: IncomingEvent, now: datetime, channel: Channel
) -> Reply:
    if heard.group_id is None:
        return silence("no_user")
    group = GroupChat(session, event.clinic, heard, now, heard.group_id, event.id, channel)
    reply = _routed(table, group, event)
    return staff_notices.ride(group, event, reply) if heard.reply_token and not heard.hushed else reply


def _routed(table: Table, group: GroupChat, event: InboxEvent) -> Reply:
    heard = group.heard
    _wait_for_name(group, event)
    try:
        found = _found(table, group)
        if found is None:
            return silence("not_for_groups")
        route, arguments = found
        if not route.unbound and not group.bound:
            return _unbound(group, route, event)
        return _answered(table, group, route, arguments)
    except StaleAction:
        if not group.bound:
            return silence("group_not_bound")
        event.reason = stale_button(table, heard)
        return help_chat.stale_button_in_group(group)


def _unbound(group: GroupChat, route: Route, event: InboxEvent) -> Reply:
    """Whoever asks for help learns how the group becomes the clinic's, and is not told it each time."""
    if route.name not in HELP or group.heard.to_us:
        return help_chat.not_linked(group)
    lately = InboxEvent.received_at.between(event.received_at - NOT_AGAIN, event.received_at)
    same = InboxEvent.clinic_id == event.clinic_id, InboxEvent.actor_index == event.actor_index
    over = InboxEvent.state.in_(["done", "ignored"]), lately
    if group.session.scalar(select(exists().where(*same, *over, InboxEvent.reason == HOW_TO_BIND))):
        return silence("group_not_bound")
    event.reason = HOW_TO_BIND
    return say(staff_members.not_linked(group.clinic, group.t))


def _answered(table: Table, group: GroupChat, route: Route, arguments: dict[str, object]) -> Reply:
    try:
        return route.handler(group, **arguments)
    except NotMeant:
        if route.event_type == "group_opening":
            group.opened = Opened(route.name, str(arguments["text"]))
        return table.plain("group_text").handler(group)


def _wait_for_name(group: GroupChat, event: InboxEvent) -> None:
    """Raises `NotYetKnown`, once, where a quote was quicker than the record of the id of what it quotes."""
    if not group.heard.quoted or group.quoted or event.attempts or group.ours is None:
        return
    if told.may_be_quoted(group.session, group.ours, event.received_at - JUST_NOW):
        raise NotYetKnown("what is quoted may have been said a moment ago: its id is not recorded yet")


def _found(table: Table, group: GroupChat) -> tuple[Route, dict[str, object]] | None:
    """The route and its arguments; None for what a customer does in their own chat and nobody answers in a group.

    Raises `StaleAction`.
    """
    heard = group.heard
    if group.quoted:
        return table.plain("group_quoted"), {}
    if heard.event_type == "postback":
        action = table.action(heard.data)
        here, elsewhere = (place in table.routes for place in (("group_postback", action), ("postback", action)))
        return None if elsewhere and not here else table.button(heard.data, heard.params, group=True)
    if heard.event_type == "text":
        if (phrase := table.phrase(heard.words, group=True)) is not None:
            return phrase, {}
        prefixed = table.prefixed(heard.words, group=True) or table.among(heard.words, group=True)
        if (found := prefixed or table.opened(heard.words)) is not None:
            return found[0], {"text": found[1]}
        return table.plain("group_text"), {}
    return (table.plain(heard.event_type), {}) if heard.event_type in IN_GROUPS else None


def stale_button(table: Table, heard: IncomingEvent) -> str:
    """The reason that is kept, and counted, when a tap was answered with regret."""
    action = table.action(heard.data)
    _stale_buttons.labels(action).inc()
    return f"stale_button:{action}"
