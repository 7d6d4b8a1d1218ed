"""What every edge needs of its process, made once by `create_app` and handed down."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from runtime.clock import Clock
from runtime.keys import Vault
from runtime.settings import Settings
from runtime.timing import Timing
from runtime.wake import Waker


@dataclass(frozen=True)
class Runtime:
    """One a process. Rules never see it: they are handed a session, rows and the time."""

    settings: Settings
    vault: Vault
    sessions: sessionmaker[Session]
    clock: Clock
    waker: Waker
    timing: Timing
