"""Run by alembic, with the database given by `migrations.config`."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from models import Base
from runtime import database, limits

LOCK = 0x41555241
"""Any number, as long as all migrations take the same: two starting servers must not both migrate."""

url = context.config.attributes["database_url"]
engine = create_engine(
    url, poolclass=NullPool, hide_parameters=True, connect_args=database.arguments(url, limits.COMMAND)
)
with engine.connect() as connection:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()
