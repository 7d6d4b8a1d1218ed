"""Subjects that a clinic has off, or nothing of: their words and buttons are then like those that nobody hears."""

from dataclasses import replace

from bot.chat import Chat
from bot.chats import language, own_page, prices, referrals
from bot.routes import Route, Table
from channels.line.messages import Reply


def on(chat: Chat, route: Route) -> bool:
    """Whether the clinic has the subject: the language is none where only one is spoken."""
    if route.handler is prices.prices:
        return prices.known(chat)
    settings = chat.clinic.settings
    has = {
        referrals.__name__: settings.referral.enabled,
        language.__name__: len(settings.voice.languages) > 1,
        own_page.__name__: settings.portal.liff_id is not None,
    }
    return has.get(route.handler.__module__, True)


def offered(table: Table, chat: Chat, reply: Reply) -> Reply:
    """The answer without choices that would lead nowhere."""
    routes = [table.routes.get(("postback", choice.action.name)) for choice in reply.choices]
    kept = [one for one, route in zip(reply.choices, routes, strict=True) if route is None or on(chat, route)]
    return reply if len(kept) == len(reply.choices) else replace(reply, choices=tuple(kept))
