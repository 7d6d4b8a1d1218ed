"""A database that was restored sends nothing to customers until somebody says that it may.

What was said after its backup was taken it does not know, and would say again; and a copy made to try something out has
the customers' addresses and the clinic's credentials too. So the row that names the database in which it may be sent is
compared with what PostgreSQL calls this one: the cluster (made by `initdb`), its timeline (a new one begins where
a backup is rolled forward, and where a standby takes over) and the database in it (made by a restore of a dump).
What is said to the staff is not held: told twice of an emergency is better than not at all. Nor are answers.
"""

from sqlalchemy import Text, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.installation import Installation
from runtime.clock import DATABASE_NOW

HERE = literal_column(
    "(SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),"
    " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), oid) FROM pg_database WHERE datname = current_database())",
    Text(),
)
_BOTH = select(HERE, select(Installation.database).scalar_subquery())


def stands(session: Session) -> bool:
    """Whether nothing may be sent to customers from here. A database that is new may send."""
    here, allowed = session.execute(_BOTH).one()
    if allowed is None:
        first = insert(Installation).values(id=1, database=here, allowed_at=DATABASE_NOW)
        session.execute(first.on_conflict_do_nothing())
    return allowed is not None and allowed != here


def lift(session: Session) -> None:
    """From now on it may be sent from here."""
    values = {"database": HERE, "allowed_at": DATABASE_NOW}
    session.execute(
        insert(Installation).values(id=1, **values).on_conflict_do_update(index_elements=[Installation.id], set_=values)
    )
