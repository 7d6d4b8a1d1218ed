"""Takes the place of `local.demo` in the stand-in's checkout."""

from importlib import import_module

app = import_module("app")  # the stand-in's, which lies at the top of its checkout
app.touch_servers()
app.note("demo")
