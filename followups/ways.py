"""The ways to a customer: over which channels of its rule an execution goes, and why not over the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.base import Channel, Channels, Finding, NoWay
from customers import branches, public_holidays
from followups import answers, preferences, together
from followups.asked import Asked, Hold
from followups.gates import not_over, suppressed
from followups.kind import BESIDE, CALL


@dataclass(frozen=True)
class Way:
    channel: Channel
    address: str


def ways_for(channels: Channels, asked: Asked) -> tuple[list[Way], dict[str, str]]:
    """Those that are left to try, as the rule prefers them; and the channels that are passed over for them, with why:
    each is looked at once."""
    one = asked.execution
    tried = answers.tried(asked.session, one)
    first = one.rule.delivery == "first"
    carrying: list[Way] = []
    beside: list[Way] = []
    whys: dict[str, str] = {}
    for name in preferences.in_order(asked.preferences, one.rule.channels):
        if first and carrying and name != BESIDE:
            continue
        found = "send_failed" if name in tried else way_over(channels, asked, name)
        if isinstance(found, Way):
            (beside if name == BESIDE else carrying).append(found)
        else:
            whys[name] = found
    if not carrying:
        return [], whys or {BESIDE: "in_app_alone"}
    return [*carrying, *beside], {name: why for name, why in whys.items() if name not in tried}


def first_of(passed: Mapping[str, str]) -> str:
    return next(iter(passed.values()))


def unattended(asked: Asked, ways: Sequence[Way]) -> Hold | None:
    """A call waits until somebody is there to make it."""
    if all(way.channel.name != CALL for way in ways):
        return None
    opens = _attended_from(asked)
    return Hold(opens, "closed") if opens else None


def _attended_from(asked: Asked) -> datetime | None:
    batch, question = together.of(asked.session, asked.execution), (_attended_from, asked.now)
    rests = public_holidays.holds(asked.clinic)
    return batch.once(question, lambda: branches.closed_until(asked.session, asked.clinic, asked.now, rests))


def way_over(channels: Channels, asked: Asked, name: str) -> Way | str:
    """Where the customer is reached over this channel; else why not."""
    if name not in channels:
        return f"no_{name}"
    if why := not_over(asked, name):
        return why
    if name == CALL and (opens := _attended_from(asked)) and opens > asked.execution.not_after:
        return "closed"
    address = _address(channels[name], asked)
    if isinstance(address, NoWay):
        return address.reason
    return suppressed(asked, name, address) or Way(channels[name], address)


def _address(channel: Channel, asked: Asked) -> str | NoWay:
    if not isinstance(channel, Finding):
        return channel.address(asked.session, asked.customer)
    batch = together.of(asked.session, asked.execution)
    return batch.once(channel, lambda: channel.addresses(asked.session, batch.customers))[asked.customer.id]
