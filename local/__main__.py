"""`python -m local [run|reset]`."""

import argparse
import sys

from local.run import reset, run

parser = argparse.ArgumentParser(prog="python -m local", description="Runs BN-Aura with everything that it needs.")
parser.add_argument("command", choices=["run", "reset"], nargs="?", default="run")
parser.add_argument("--with-parent", action="store_true", help="stop when the program that started this one ends")
given = parser.parse_args()
sys.exit(reset() if given.command == "reset" else run(with_parent=given.with_parent))
