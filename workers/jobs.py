"""What RQ runs. Each job takes its work from PostgreSQL and ends soon; lost or doubled, it does no harm."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import current_app

from channels import outbox
from channels.line import replies
from customers import profiles
from followups import notifications
from richmenus import link
from runtime.clock import real
from runtime.wake import Waker
from workers import inbox
from workers.inbox import Ears

DRAIN_SECONDS = 8.0
"""A drain stops after this long and wakes its successor: RQ ends a job after 20 s, and a fresh one proves health."""
BUSY_AFTER = 50
"""A drain that has found this much wakes another worker, where there is one."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hands:
    """What jobs need from the process, made by the composition root."""

    ears: Ears
    waker: Waker


def hands() -> Hands:
    found: Hands = current_app.extensions["hands"]
    return found


def _drain(name: str, step: Callable[[], bool]) -> int:
    """Repeat `step` until it finds nothing. The flag goes first, so that work arriving meanwhile wakes anew."""
    waker = hands().waker
    waker.clear(name)
    started, done = time.monotonic(), 0
    while step():
        done += 1
        if done == BUSY_AFTER:
            waker.wake(name)
        if time.monotonic() - started > DRAIN_SECONDS:
            waker.wake(name, force=True)
            break
    return done


def drain_inbox() -> int:
    """Answer what came in, then what could not be answered before."""
    ears = hands().ears
    done = _drain("chat", lambda: inbox.drain_one(ears))
    with ears.sessions() as session:
        now = ears.clock.now(session)
        retry_in = inbox.next_retry(session, real())
    if retry_in is not None:
        hands().waker.wake_in("chat", retry_in)
    return done + replies.sweep(ears.sessions, ears.line, ears.breaker, real(), now)


def drain_sends() -> int:
    ears = hands().ears

    def step() -> bool:
        told = notifications.merge_one(ears.sessions, ears.clock)
        return outbox.send_one(ears.sessions, ears.clock, ears.line) or told

    return _drain("send", step)


def link_menus() -> int:
    ears = hands().ears
    return _drain("menus", lambda: link.link_one(ears.sessions, ears.clock, ears.line))


def fetch_profiles() -> int:
    ears = hands().ears
    return _drain("profiles", lambda: profiles.fetch_one(ears.sessions, ears.clock, ears.line))
