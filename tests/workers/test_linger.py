"""A drain of answers lingers: what comes in that moment is answered without a job of its own."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import Aura
from models.conversations import InboxEvent
from runtime.settings import Settings
from tests.fixtures.waiting import eventually
from tests.workers.test_inbox import arrived
from workers.jobs import WorkerContext, drains


@pytest.fixture
def context(settings: Settings, make_aura: Callable[..., Aura], session: Session) -> WorkerContext:
    """Of a worker whose drains linger for long, without LINE."""
    assert session
    own = make_aura(settings).context
    runtime = replace(own.runtime, timing=replace(own.runtime.timing, linger=timedelta(seconds=5)))
    return replace(own, runtime=runtime, bell=runtime.waker.bell("chat"))


def done(session: Session) -> int:
    session.rollback()
    return session.scalars(select(func.count()).select_from(InboxEvent).where(InboxEvent.state == "done")).one()


def test_what_comes_while_a_drain_lingers_needs_no_job(
    session: Session, context: WorkerContext, redis_url: str
) -> None:
    drain = threading.Thread(target=drains["chat"], args=(context,))
    drain.start()
    with Redis.from_url(redis_url) as redis:
        eventually(lambda: redis.exists("wake:chat"))  # it waits
        arrived(session, timedelta(0))
        context.runtime.waker.wake("chat")
        eventually(lambda: done(session) == 1)
        assert drain.is_alive()
        assert Queue("chat", connection=redis).count == 0
    context.stopping.set()
    drain.join(15)
    assert not drain.is_alive()


def test_what_came_until_it_ends_is_found_by_its_last_look(
    session: Session, context: WorkerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its wake-up made no job, because the flag was held, and it rang when nobody listened any more."""
    quick = replace(context.runtime.timing, linger=timedelta(0))
    context = replace(context, runtime=replace(context.runtime, timing=quick))
    assert context.bell is not None
    answers = []

    def answer() -> None:
        answers.append(done(session))
        if len(answers) == 2:
            arrived(session, timedelta(0))

    monkeypatch.setattr(context.bell, "answer", answer)
    drains["chat"](context)
    assert (answers[:2], done(session)) == ([0, 0], 1)
