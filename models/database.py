"""The way to the database: one engine a process, and sessions that can open sealed columns."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from crypto import Vault
from settings import Settings

CONNECT_SECONDS = 2
POOL_SECONDS = 2.0
"""A webhook has two seconds to answer; waiting longer for a connection only makes LINE send it again."""


def connect(settings: Settings, vault: Vault, *, connections: int = 8) -> tuple[Engine, sessionmaker[Session]]:
    """Nothing is contacted yet. Objects stay readable after commit: answers are sent when the transaction is over."""
    engine = create_engine(
        settings.database_url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )
    return engine, sessionmaker(engine, expire_on_commit=False, info={"vault": vault, "settings": settings})
