"""What production is told to start is what `make run` starts, and what the tests were run against."""

import os
import shlex
import subprocess
import sys

from local.child import CHECKOUT
from local.plan import GATE, web_command


def test_the_command_for_production_is_the_one_of_make_run() -> None:
    text = (CHECKOUT / "docs" / "operations.md").read_text()
    documented = shlex.split(text.partition("```sh\n")[2].partition("```")[0].replace("\\\n", ""))
    own = ["--host", "0.0.0.0", "--port", "$PORT", "--workers-kill-timeout", "12"]
    logs = ["--log-config", "web/granian.json"]
    assert documented == ["python", "-m", "granian", *GATE, *own, *logs, web_command(8000)[-1]]


def test_a_wrong_setting_is_one_line_wherever_it_is_met() -> None:
    for module in ("local.prepare", "local.demo"):
        ended = subprocess.run(
            [sys.executable, "-m", module], cwd=CHECKOUT, env={**os.environ, "APP_ENV": "staging"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 1
        assert ended.stderr == "APP_ENV: Input should be 'development' or 'production'\n"
