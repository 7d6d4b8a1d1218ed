"""What is said where somebody earns and already has the most points that one customer can have."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from bot.cards.frame import ways_on
from bot.chat import Chat
from channels.line.messages import Reply, say
from loyalty.errors import LimitReached

Arguments = ParamSpec("Arguments")
Handler = Callable[Concatenate[Chat, Arguments], Reply]


def unless_full(handler: Handler[Arguments]) -> Handler[Arguments]:
    """The handler as it is; what it had written when it met the limit is taken back, at the price of a savepoint."""

    @wraps(handler)
    def guarded(chat: Chat, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Reply:
        try:
            with chat.session.begin_nested():
                return handler(chat, *args, **kwargs)
        except LimitReached:
            said = chat.t(
                "You already have the most points that one customer can have, so this could not be noted. "
                "Please tell our team here in the chat."
            )
            return say(said, choices=ways_on(chat.t, member=chat.member))

    return guarded
