"""The page about the clinic's file names every key that there is, and none that there is not; and its examples hold."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

from clinics.check import check
from clinics.commands import SECRETS, SHARED
from clinics.contents import ClinicFile
from loyalty.metrics import METRICS
from models.clinic_words import Section
from runtime.settings import ClinicDefaults
from tests.check.tree import ROOT

PAGE = (ROOT / "docs" / "clinic-file.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z_.]+)` \| \S", re.MULTILINE)
EXAMPLE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def keys(model: type[Section], above: str = "") -> Iterator[str]:
    """Of everything that can be written: `rewards.points`."""
    for name, field in model.model_fields.items():
        inner = section(field.annotation)
        if inner is None:
            yield above + name
        else:
            yield from keys(inner, f"{above}{name}.")


def section(annotation: object) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for one in get_args(annotation) if (found := section(one)) is not None), None)


def test_every_key_is_explained_once_and_no_other() -> None:
    explained = [key for key in ROW.findall(PAGE) if key not in SECRETS and key not in SHARED]
    assert sorted(explained) == sorted(set(explained))
    assert set(keys(ClinicFile)) - set(explained) == set(), "explain these in docs/clinic-file.md"
    assert set(explained) - set(keys(ClinicFile)) == set(), "there is no such key"


def test_every_key_stands_in_an_example() -> None:
    examples = "\n".join(EXAMPLE.findall(PAGE))
    missing = [key for key in keys(ClinicFile) if not re.search(rf"\b{key.split('.')[-1]}:", examples)]
    assert missing == []


def test_the_examples_together_are_a_file() -> None:
    whole = "\n".join(EXAMPLE.findall(PAGE))
    assert check(whole.encode(), ClinicDefaults(Decimal("0.1"), 200)).problems == ()


def test_every_secret_and_every_metric_is_named() -> None:
    assert {name for name in ROW.findall(PAGE) if name in SECRETS} == set(SECRETS)
    assert [name for name in METRICS if f"`{name}`" not in PAGE] == []


def test_a_key_that_is_new_would_be_missed() -> None:
    class Newer(ClinicFile):
        newer: int = 0

    assert set(keys(Newer)) - set(keys(ClinicFile)) == {"newer"}
    assert "rewards.least_tier" in set(keys(ClinicFile))
    assert "branches.duty_contact.phone" in set(keys(ClinicFile))
