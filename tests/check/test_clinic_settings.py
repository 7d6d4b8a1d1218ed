"""A clinic's settings are read as the checked object, and what is stored of them by `models/` alone."""

import re
from collections.abc import Mapping

from tests.check.tree import sources

BY_STRING = re.compile(r"""\bclinic\.settings(?:\.get\(|\[)|\.own_settings\b(?!\s*=[^=])""")
OUTSIDE = ("models/", "tests/", "benchmarks/", "simulator/")


def read_by_string(files: Mapping[str, str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in files.items()
        if not path.startswith(OUTSIDE)
        for number, line in enumerate(text.splitlines(), 1)
        if BY_STRING.search(line)
    ]


def test_nobody_reads_them_by_string() -> None:
    assert read_by_string(sources("*.py")) == []


def test_each_way_is_seen() -> None:
    wrong = [
        'clinic.settings.get("zone")',
        'call.clinic.settings["zone"]',
        'clinic.own_settings["voice"]',
        "f(c.own_settings)",
    ]
    assert len(read_by_string({"loyalty/a.py": "\n".join(wrong)})) == len(wrong)
    right = ["clinic.settings.voice.zone", "clinic.own_settings = {}", "Clinic(own_settings=SETTINGS)"]
    assert read_by_string({"loyalty/a.py": "\n".join(right)}) == []
