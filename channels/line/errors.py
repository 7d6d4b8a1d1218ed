"""What LINE did not do, in our own words: what it says of a refusal may repeat what somebody typed, and goes nowhere.

Facts: developers.line.biz/en/reference/messaging-api, as of August 2026.
"""

from datetime import timedelta
from typing import Literal

from channels.base import ChannelError, Scope

Fault = Literal[
    "refused", "token", "rate", "quota", "accepted_before", "away", "unknown", "no_picture", "not_an_id", "erased"
]


class LineError(ChannelError):
    """LINE did not do it.

    `permanent`: the same request will never succeed. `outcome_unknown`: LINE may have done it all the same (a time-out
    after the request left, a 5xx), so only an idempotent request may be repeated.
    `fault`: refused (our request is wrong), token (reply token spent or old), rate and quota (both 429),
    accepted_before (409: this retry key was accepted), away (never reached), unknown, no_picture (of a menu);
    not_an_id and erased: nobody was asked, for LINE issues no such id, or nothing is left to be said.
    `status`: the HTTP status of LINE's answer; None when there was none. `kind`: then the kind of the error that the
    HTTP library raised. The text of the error is made of these alone, so that it may be kept and logged.
    `message_ids`: of what was accepted before.
    """

    def __init__(
        self,
        fault: Fault,
        status: int | None = None,
        *,
        permanent: bool,
        outcome_unknown: bool = False,
        request_id: str | None = None,
        kind: str = "",
        message_ids: tuple[str, ...] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        text = f"{fault} {status or kind}".strip()
        super().__init__(
            text,
            permanent=permanent,
            outcome_unknown=outcome_unknown,
            request_id=request_id,
            retry_after=retry_after,
            scope=_scope(fault, status),
        )
        self.fault, self.status, self.message_ids = fault, status, message_ids


def _scope(fault: Fault, status: int | None) -> Scope:
    """LINE counts the rate by account, and a token is one account's."""
    if fault in ("away", "unknown"):
        return "channel"
    return "clinic" if fault == "rate" or status == 401 else "request"


def fault_of(status: int, says: str) -> tuple[Fault, bool]:
    """What LINE's status and words mean, and whether it will never be otherwise."""
    if status == 409:
        return "accepted_before", True
    if status == 429:
        return ("quota", True) if "monthly limit" in says else ("rate", False)
    if status == 0 or status >= 500:
        return "unknown", False
    if "reply token" in says:
        return "token", True
    if status == 400 and "upload richmenu image" in says:
        return "no_picture", True
    # 401 is ours to mend (a token revoked or expired early), so the request itself may yet succeed.
    return "refused", status != 401
