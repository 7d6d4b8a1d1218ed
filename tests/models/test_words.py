"""Words of the program are written into statements, so that a plan made without values sees them; nothing else is."""

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql.psycopg import dialect

from models.conversations import Send
from models.loyalty import PointLot


def said(condition: ColumnElement[bool]) -> str:
    psycopg = dialect()  # type: ignore[no-untyped-call]
    return str(select(Send.id).where(condition).compile(dialect=psycopg)).split("WHERE ")[1]


def test_states_and_nothing_left_stand_in_the_statement() -> None:
    assert said(Send.state == "queued") == "sends.state = 'queued'"
    assert said(Send.state.in_(("sent", "failed"))) == "sends.state IN ('sent', 'failed')"
    assert said(PointLot.remaining > 0) == "point_lots.remaining > 0"
    assert said(PointLot.remaining >= 50) == "point_lots.remaining >= %(remaining_1)s::BIGINT"


@pytest.mark.parametrize("given", ["x' OR true --", "", "two words", "50"])
def test_what_is_no_word_is_not_written(given: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        said(Send.state == given)
