"""Takes the place of `local.prepare` in the stub's checkout."""

import os
import sys
import time
from importlib import import_module

app = import_module("app")  # the stub's, which lies at the top of its checkout
app.touch_servers()
app.note("prepare")
time.sleep(float(os.environ.get("STUB_PREPARE_SECONDS", "0")))
if os.environ.get("STUB_PREPARE_FAILS"):
    sys.exit("the stub was told to fail")
app.migrate()
