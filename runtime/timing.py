"""How long everything waits that waits for another process: one object, so that a test can divide all of it.

Real time throughout, never business time. What a provider decides and what is a last resort only is never divided;
what must answer a webhook within LINE's two seconds stands where it is used, because nobody may stretch or divide it.
"""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

KEPT = frozenset({"token_life", "key_life", "job", "daily_job"})
"""A token that dies ten times as early, or a job killed ten times as early, would be another product."""


def _seconds(*numbers: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=number) for number in numbers)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Durations are `timedelta`; a tuple is the wait after the first, second … failure, its last one repeats."""

    tick: timedelta = timedelta(seconds=15)
    """Every worker looks for itself this often, and the calendar too: a wake-up may be lost, late or doubled."""
    tick_without_redis: timedelta = timedelta(seconds=1)
    """The same while the last word to Redis failed and for one tick after, so that nobody waits a tick for each answer;
    also between a worker's own words to Redis, and between its tries to begin RQ's loop again."""

    wake_flag: timedelta = timedelta(seconds=5)
    """A flag set by a process that died before it enqueued keeps others from waking this long at most."""
    wake_pause: timedelta = timedelta(milliseconds=20)
    """Wake-ups that come faster than this are gathered: it is what one may wait for the next."""
    wake_rest: timedelta = timedelta(seconds=5)
    """After a failure of Redis wake-ups and the counting of requests are skipped this long, then one caller tries: a
    hung Redis costs one time-out, not one a request. A wake-up that was lost is made up as late."""
    wake_life: timedelta = timedelta(seconds=60)
    """A wake-up nobody took in this time is worthless: workers have looked since."""

    drain: timedelta = timedelta(seconds=8)
    """A drain stops after this long and wakes its successor: RQ ends it after `job`, and a fresh one proves health."""
    linger: timedelta = timedelta(seconds=1)
    """A drain of answers that finds nothing more waits this long for the next one: what comes then costs no job."""
    job: timedelta = timedelta(seconds=20)
    """RQ's limit for a drain: a last resort, every database wait and every call has a shorter one of its own."""
    daily_job: timedelta = timedelta(minutes=10)
    """RQ's limit for a look at the calendar."""
    calendar: timedelta = timedelta(minutes=5)
    """A look at the calendar stops after this long; the next tick goes on where it stood."""
    calendar_turn: timedelta = timedelta(seconds=5)
    """Of one clinic at the calendar, before the next one's; a batch that has begun is ended."""
    calendar_backoff: tuple[timedelta, ...] = _seconds(60, 300, 900, 3_600)
    """After each failure of one row of a daily job, or of its whole day."""
    aside: tuple[timedelta, ...] = _seconds(15, 30, 60, 120, 300)
    """Between the looks at a clinic that could not be read."""

    call_connect: timedelta = timedelta(seconds=2)
    call_read: timedelta = timedelta(seconds=5)
    """The two limits of one call of a provider; together they are shorter than every lease."""
    call_once: timedelta = timedelta(seconds=15)
    """The second limit of one that cannot be said again: what is given up too early nobody knows the fate of."""
    mail_connect: timedelta = timedelta(seconds=5)
    """To a mail server: some let everybody wait before their first word."""
    mail: timedelta = timedelta(seconds=20)
    """One mail, from connecting to the server's last word; shorter than `send_lease`."""
    call_patience: timedelta = timedelta(seconds=1)
    """A drain waits this long for calls of which none lands, then leaves them to the next one."""
    breaker_rest: timedelta = timedelta(seconds=1)
    """Between the calls that probe whether a provider is back: what waited goes out at most this much later."""

    event_retries: tuple[timedelta, ...] = _seconds(2, 10)
    """After the first and second failure of an event; the third is the last, still inside the reply token's minute."""
    reply_lease: timedelta = timedelta(seconds=8)
    """Longer than one call's two limits together: who carried it until then has ended."""
    reply_backoff: tuple[timedelta, ...] = _seconds(1, 2, 5)
    """After a try that is known to have failed; one that nobody has recorded waits for its lease."""
    token_life: timedelta = timedelta(seconds=55)
    """LINE allows a minute from the webhook's arrival; the rest is for the way there."""

    send_lease: timedelta = timedelta(seconds=30)
    send_backoff: tuple[timedelta, ...] = _seconds(1, 5, 15, 60, 300, 900)
    key_life: timedelta = timedelta(hours=23)
    """LINE knows a retry key for 24 hours; after that the same key would be a new message."""

    menu_lease: timedelta = timedelta(seconds=30)
    menu_again: timedelta = timedelta(seconds=2)
    """A row that somebody touched while it was carried is looked at once more, this much later."""
    menu_backoff: tuple[timedelta, ...] = _seconds(2, 15, 60, 300, 900)

    greeting: timedelta = timedelta(seconds=3)
    """From the webhook's arrival: how long a greeting waits for the new friend's language."""
    profile_lease: timedelta = timedelta(seconds=30)
    profile_backoff: tuple[timedelta, ...] = _seconds(2, 30, 60, 120, 180)

    body: timedelta = timedelta(seconds=10)
    """For the whole body of a request, from the end of its headers: a byte a second does not extend it."""
    reader: timedelta = timedelta(seconds=30)
    """How long a reader may take nothing of a long answer."""
    stuck: timedelta = timedelta(seconds=30)
    """A kind of request whose threads have finished nothing for so long while more came: only a restart helps."""

    def scaled(self, divisor: float) -> "Timing":
        """The same, everything but `KEPT` that many times as short. Raises `ValueError` for a divisor below 1."""
        if divisor < 1:
            raise ValueError(f"a divisor of at least 1, not {divisor}")
        shorter = {field.name: _divided(getattr(self, field.name), divisor) for field in fields(self)}
        return replace(self, **{name: value for name, value in shorter.items() if name not in KEPT})


def _divided(value: Any, divisor: float) -> Any:
    return tuple(part / divisor for part in value) if isinstance(value, tuple) else value / divisor


TRIES = 100
"""Of what cannot be opened or composed: a day at the longest back-off. Then it is dead, and waits for a person."""


def after_failure(backoff: tuple[timedelta, ...], attempts: int) -> timedelta:
    """How long to wait after this many failed tries; one at least."""
    return backoff[min(max(attempts, 1), len(backoff)) - 1]
