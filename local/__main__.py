"""`python -m local [run|reset]`, or `python -m local flask COMMAND …`."""

import argparse
import sys

from local.run import flask, reset, run

if sys.argv[1:2] == ["flask"]:
    sys.exit(flask(sys.argv[2:]))  # all that follows is flask's own, its options too
parser = argparse.ArgumentParser(
    prog="python -m local",
    description="Runs BN-Aura with everything that it needs.",
    epilog="`python -m local flask COMMAND …` runs a command of BN-Aura's with the settings of what runs here.",
)
parser.add_argument("command", choices=["run", "reset"], nargs="?", default="run")
parser.add_argument("--with-parent", action="store_true", help="stop when the program that started this one ends")
given = parser.parse_args()
sys.exit(reset() if given.command == "reset" else run(with_parent=given.with_parent))
