"""What the whole product has said to its database in all the tests before: nothing whose cost follows the customers."""

from local.postgres import Postgres
from tests.fixtures.installation import Installation
from tests.fixtures.plans import Plans
from tests.fixtures.statements import complaints, logged


def test_no_process_reads_a_table_that_grows_without_end(installation: Installation, judge: Plans) -> None:
    said = logged(Postgres(installation.plan.place))
    assert any("UPDATE inbox" in one or "FROM inbox" in one for one in said)
    assert complaints(judge, said) == []
