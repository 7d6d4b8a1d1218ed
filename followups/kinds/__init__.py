"""The kinds of follow-ups, one file each. Importing the package fills `followups.kind.kinds`."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
