"""The stage of the benchmarks still fits the tables: what stands on it is measured by hand, seldom."""

from benchmarks.stage import Stage


def test_the_stage_is_set_and_emptied() -> None:
    with Stage() as stage:
        stage.empty()
        assert stage.one("SELECT count(*) FROM inbox") == 0
