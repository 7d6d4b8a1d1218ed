"""The ways to a customer: over which channels of its rule an execution goes, and why not over the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.base import Channel, Channels, Finding, NoWay
from customers import branches, people, public_holidays
from followups import answers, hours, preferences, together
from followups.asked import Asked, Hold
from followups.gates import not_over, suppressed
from followups.kind import BESIDE, CALL, SMS
from models.followups import FollowupExecution
from privacy.suppressions import REACHES


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


def out_of_hours(asked: Asked, ways: Sequence[Way]) -> Hold | None:
    """What goes at the same time over several ways waits until each of them may be gone."""
    return unattended(asked, ways) or _too_early_for_sms(asked, ways)


def _too_early_for_sms(asked: Asked, ways: Sequence[Way]) -> Hold | None:
    if not asked.sells or all(way.channel.name != SMS for way in ways):
        return None
    opens = hours.sms_opens(asked.clinic, asked.now)
    return Hold(opens, "quiet_hours") if opens is not None and opens > asked.now else None


def until_when(way: Way, one: FollowupExecution, now: datetime) -> datetime:
    """When it is not worth carrying any more this way: an SMS that sells is never left over for the night."""
    if way.channel.name != SMS or one.purpose != "marketing":
        return one.not_after
    return min(one.not_after, hours.sms_closes(one.customer.clinic, now))


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
    if name == SMS and asked.sells and hours.sms_opens(asked.clinic, asked.now) is None:
        return "never_open"
    address = _address(channels[name], asked)
    if isinstance(address, NoWay):
        return address.reason
    return suppressed(asked, name, address) or _unproved(asked, name, address) or Way(channels[name], address)


def _unproved(asked: Asked, name: str, address: str) -> str | None:
    """What somebody else has told of a customer is good for what concerns them, and for no offers."""
    if not asked.sells or name not in REACHES:
        return None
    owner = people.known_as(asked.session, asked.clinic, REACHES[name], address)
    return None if owner is not None and owner.id == asked.customer.id else "not_proved"


def _address(channel: Channel, asked: Asked) -> str | NoWay:
    if not isinstance(channel, Finding):
        return channel.address(asked.session, asked.customer)
    batch = together.of(asked.session, asked.execution)
    return batch.once(channel, lambda: channel.addresses(asked.session, batch.customers))[asked.customer.id]
