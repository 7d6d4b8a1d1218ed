"""Subjects that a clinic has off, or nothing of: their words and buttons are then like those that nobody hears."""

from dataclasses import replace

from bot.chat import Chat
from bot.chats import prices, referrals
from bot.routes import Route, Table
from channels.line.messages import Reply


def on(chat: Chat, route: Route) -> bool:
    """Whether the clinic has the subject."""
    if route.handler is prices.prices:
        return prices.known(chat)
    return chat.clinic.settings.referral.enabled or route.handler.__module__ != referrals.__name__


def offered(table: Table, chat: Chat, reply: Reply) -> Reply:
    """The answer without choices that would lead nowhere."""
    routes = [table.routes.get(("postback", choice.action.name)) for choice in reply.choices]
    kept = [one for one, route in zip(reply.choices, routes, strict=True) if route is None or on(chat, route)]
    return reply if len(kept) == len(reply.choices) else replace(reply, choices=tuple(kept))
