"""What production is told to start is what `make run` starts, and what the tests were run against."""

import shlex

from local.child import CHECKOUT
from local.plan import web_command


def test_the_command_for_production_is_the_one_of_make_run() -> None:
    documented = (CHECKOUT / "docs" / "operations.md").read_text().partition("```sh\ngranian ")[2].partition("```")[0]
    here = web_command(8000, host="0.0.0.0", kill_after=12)
    here[here.index("8000")] = "$PORT"
    assert ["granian", *shlex.split(documented.replace("\\\n", ""))] == here
