"""What a provider of SMS did not do, in our own words: what it says of a refusal may repeat what somebody typed.

No provider knows a key by which a repeated request would be told from a new one. So what may have been done all the
same is never asked for again.
"""

from datetime import timedelta
from typing import Literal

from channels.base import ChannelError, Scope
from channels.wire import Response

Fault = Literal["bad_number", "bad_sender", "no_credit", "credentials", "rate", "refused", "away", "unknown", "no_sms"]
"""bad_number, bad_sender, refused: this request will never succeed. no_credit: nor will any other until somebody pays,
and another channel may carry it. credentials, rate: ours to mend, or to wait. away: certainly not done. unknown."""
PERMANENT = frozenset({"bad_number", "bad_sender", "no_credit", "refused", "no_sms"})
_SCOPES: dict[str, Scope] = dict.fromkeys(("credentials", "rate", "away", "unknown"), "clinic")
"""Each clinic has a provider of its own: where one is away, others are not."""
LONGEST_WAIT = 3_600
SERVER_ERROR = 500


class SmsError(ChannelError):
    """`detail`: the provider's code, digits or a word of its own list."""

    def __init__(self, fault: Fault, detail: str = "", *, wait: timedelta | None = None) -> None:
        super().__init__(
            f"{fault} {detail}".strip(),
            permanent=fault in PERMANENT,
            outcome_unknown=fault == "unknown",
            retry_after=wait,
            scope=_SCOPES.get(fault, "request"),
        )
        self.fault = fault


def of_status(response: Response) -> SmsError | None:
    """What an answer's status alone says; None where it is a success."""
    status = response.status
    if status < 300:
        return None
    if status in (401, 403):
        return SmsError("credentials", str(status))
    if status == 402:
        return SmsError("no_credit", str(status))
    if status == 429:
        return SmsError("rate", str(status), wait=_wait(response))
    return SmsError("unknown" if status >= SERVER_ERROR or status in (408, 409) else "refused", str(status))


def _wait(response: Response) -> timedelta | None:
    seconds = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "")
    return timedelta(seconds=min(int(seconds), LONGEST_WAIT)) if seconds.isascii() and seconds.isdigit() else None
