"""The gates of the one door out: each may let go, hold until, or end an execution, always with a reason.

They are asked in this order, when it is due and not when it was planned: what holds at that moment decides. What
depends on the channel, on an address or on the words is asked for each of them (`not_over`, `suppressed`, `repeated`).
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from customers import branches, meters, public_holidays
from customers.appointments import UNDO
from customers.people import vault_of
from followups import answers, had, hours, preferences, reentry, together
from followups.asked import Asked, End, Gate, Hold, Verdict
from followups.kind import CALL, kinds
from models.appointments import Appointment
from models.followups import RESTS, TRIAL
from privacy import consent, suppressions
from privacy.consent import Decisions

ONE_DAY = timedelta(days=1)
CAPS: tuple[tuple[timedelta, int], ...] = ((timedelta(hours=24), 1), (timedelta(days=7), 2), (timedelta(days=30), 4))
"""Of marketing, over all rules and channels: windows that roll, not days of the calendar."""
SAME_WORDS = timedelta(hours=24)
"""Within it nobody is told the same twice."""
HURRY, QUEUE = timedelta(minutes=1), 200
"""While so many messages of the clinic wait to leave, offers let others pass, and are looked at again."""
BASIS_POINTS = 10_000


def of_use(asked: Asked) -> Verdict:
    return End("missed", "too_late") if asked.now > asked.execution.not_after else None


def rule_active(asked: Asked) -> Verdict:
    """A rule that rests consumes nothing; going on, it takes up what is still of use (`followups/plan.py`)."""
    if asked.rule.ended_at is not None:
        return End("superseded", "rule_deleted")
    if asked.rule.active or _tried(asked):
        return None
    return Hold(asked.execution.not_after + timedelta(microseconds=1), RESTS)


def known(asked: Asked) -> Verdict:
    return End("skipped", "erased") if asked.customer.data_key is None else None


def world(asked: Asked) -> Verdict:
    if _tried(asked):
        return None
    why = asked.kind.why_not(asked.session, asked.execution, asked.now)
    return End("cancelled", why) if why else None


def not_again(asked: Asked) -> Verdict:
    """A rule speaks to the same customer no more often than it says."""
    why = None if _tried(asked) else reentry.spoken(asked.session, asked.execution, asked.now)
    return End("skipped", why) if why else None


def wanted(asked: Asked) -> Verdict:
    """Not by who has stopped all that they did not ask for."""
    return End("skipped", "stopped") if _decisions(asked).stopped() else None


def agreed(asked: Asked) -> Verdict:
    """Over for whom no channel of the rule is left: marketing needs a consent to each, the rest that nobody objects."""
    if all(refused(asked, channel) for channel in asked.rule.channels):
        return End("skipped", refused(asked, asked.rule.channels[0]) or "no_channel")
    return None


def agreed_to_health(asked: Asked) -> Verdict:
    """What a treatment chooses or words needs a consent of its own."""
    health = asked.sells and asked.kind.by_health
    if health and not _decisions(asked).allowed(consent.HEALTH, "line", asked.now):
        return End("skipped", "no_health_consent")
    return None


def unpaused(asked: Asked) -> Verdict:
    """Marketing rests while a complaint is open or somebody is not well; looked at again on the next day."""
    open_ = answers.paused(asked.session, asked.execution, asked.now) if asked.sells else ()
    return Hold(asked.now + ONE_DAY, f"paused:{open_[0].reason}") if open_ else None


def not_withheld(asked: Asked) -> Verdict:
    """Marketing is withheld from a share of the customers, by rule and for good, to learn what it brings."""
    share = asked.clinic.settings.followups.holdout_percent
    if not asked.sells or not share:
        return None
    drawn = hashlib.blake2b(asked.rule.id.bytes + asked.customer.id.bytes, digest_size=8).digest()
    return End("skipped", "holdout") if int.from_bytes(drawn) % BASIS_POINTS < share * 100 else None


def awake(asked: Asked) -> Verdict:
    """Held to the end of the quiet hours of the purpose, the clinic and the customer, whichever is later; offers also
    over days on which the clinic is closed and over public holidays. Not all at one moment, but never into hours that
    are quiet again."""
    zone, own = asked.clinic.settings.voice.zone, preferences.quiet(asked.preferences)
    quiet = hours.windows(asked.clinic, asked.kind.purpose, own)
    awake_from = hours.opens(asked.now, zone, quiet)
    off = _days_off(asked) if asked.sells else frozenset[date]()
    until = hours.opens(asked.now, zone, quiet, off.__contains__)
    if until is None:
        return End("skipped", "never_open")  # the hours leave none of the day, or the days none of the month
    if until == asked.now:
        return None
    later = until + hours.spread(asked.customer.id, until)
    fits = later <= asked.execution.not_after and hours.opens(later, zone, quiet, off.__contains__) == later
    return Hold(later if fits else until, "quiet_hours" if until == awake_from else "closed_day")


def _days_off(asked: Asked) -> frozenset[date]:
    zone = asked.clinic.settings.voice.zone
    first = asked.now.astimezone(zone).date()
    days = [first + timedelta(days=ahead) for ahead in range(hours.AHEAD.days + 2)]
    together_, rests = together.of(asked.session, asked.execution), public_holidays.holds(asked.clinic)
    return together_.once(first, lambda: branches.closed_days(asked.session, asked.clinic, days, rests))


def seldom(asked: Asked) -> Verdict:
    """Held until the oldest of what fills a window has left it."""
    if not asked.sells:
        return None
    told = had.lately(asked.session, asked.execution, asked.now - CAPS[-1][0])
    offers = [one.at for one in told if one.purpose == "marketing"]
    free = [
        at + window for window, most in CAPS if len(offers) >= most and (at := offers[most - 1]) > asked.now - window
    ]
    return Hold(max(free), "frequency_cap") if free else None


def in_reserve(asked: Asked) -> Verdict:
    """Marketing waits where what LINE has left of this month is kept for others; anything, where nothing is left and
    no other channel may carry it. It is tried again on each day: more may have been bought."""
    spent = _spent_for_all(asked)
    waits = spent is not None and "line" in asked.rule.channels
    return Hold(asked.now + ONE_DAY, spent) if spent and waits and (asked.sells or _line_alone(asked)) else None


def unhurried(asked: Asked) -> Verdict:
    """A flood of offers would have a reminder wait behind it: each provider takes only so much at a time."""
    if not asked.sells or asked.in_answer:
        return None
    if answers.queued(asked.session, asked.execution, QUEUE) >= QUEUE:
        return Hold(asked.now + HURRY, "rate_limit")
    return None


def settled_down(asked: Asked) -> Verdict:
    """While a change of an appointment may be taken back, everything planned about it waits."""
    one = together.about(asked.session, asked.execution, Appointment)
    if one is None or one.changed_at is None or asked.now >= one.changed_at + UNDO:
        return None
    return Hold(one.changed_at + UNDO, "just_changed")


GATES: tuple[Gate, ...] = (
    of_use, rule_active, known, world, not_again, settled_down, wanted, agreed, agreed_to_health, unpaused,
    not_withheld, awake, seldom, in_reserve, unhurried,
)  # fmt: skip


def verdict(asked: Asked) -> Verdict:
    """What the first gate says that does not let it pass; None: it may go."""
    return next((said for gate in GATES if (said := gate(asked)) is not None), None)


def not_over(asked: Asked, channel: str) -> str | None:
    """Why not over this channel, wherever the customer is reached by it."""
    return refused(asked, channel) or (_spent_for_all(asked) if channel == "line" else None)


def refused(asked: Asked, channel: str) -> str | None:
    """Why the customer does not want it over this channel."""
    if asked.sells:
        return None if _decisions(asked).may_send_offers(channel, asked.now) else "no_consent"
    return "opted_out" if _decisions(asked).decision(asked.kind.purpose, channel) is False else None


def suppressed(asked: Asked, channel: str, address: str) -> str | None:
    """Why nothing is sent to this phone or mail address, whosever it is now."""
    return "suppressed" if suppressions.holds(asked.session, asked.clinic, channel, address) else None


def repeated(asked: Asked, words: Sequence[str]) -> Verdict:
    """The same words within a day are said once, but by the steps of one rule of one thing: somebody who wants to be
    reminded a day and two hours before hears the same words twice. What is said is kept with it, as a keyed hash."""
    if asked.rule.channels == [CALL]:
        return None  # the customer reads none of its words
    said, mine = vault_of(asked.session).index(asked.clinic.id, "said", "\n".join(words)), asked.execution
    mine.said_index = said
    told = [one for one in had.lately(asked.session, mine, asked.now - SAME_WORDS) if one.said_index == said]
    again = [
        one for one in told if (one.rule_id, one.about_id) != (mine.rule_id, mine.about_id) or one.step == mine.step
    ]
    return End("skipped", "said_before") if again else None


def _tried(asked: Asked) -> bool:
    """Said to somebody of the staff, to see how it is (`followups/trial.py`)."""
    return asked.execution.anchor.startswith(TRIAL)


def _spent(asked: Asked) -> str | None:
    """Why nothing of this purpose is pushed in LINE today."""
    if meters.used_up(asked.session, asked.clinic, asked.now):
        return "line_quota"
    offers = [name for name in kinds if kinds[name].purpose == "marketing"]
    if asked.sells and not meters.enough_for_offers(asked.session, asked.clinic, asked.now, offers):
        return "line_reserve"
    return None


def _spent_for_all(asked: Asked) -> str | None:
    """The same, worked out once for all that are judged together. An answer costs nothing."""
    if asked.in_answer:
        return None
    question = _spent, asked.sells, asked.now.astimezone(asked.clinic.settings.voice.zone).date()
    return together.of(asked.session, asked.execution).once(question, lambda: _spent(asked))


def _decisions(asked: Asked) -> Decisions:
    return answers.decisions(asked.session, asked.execution)


def _line_alone(asked: Asked) -> bool:
    return all(channel == "line" or refused(asked, channel) for channel in asked.rule.channels)
