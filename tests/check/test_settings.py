"""The README's settings table says what `settings.py` says, and the environment is read nowhere else."""

import ast
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from runtime.keys import new_key
from runtime.settings import Settings
from tests.check.tree import ROOT, sources

FIELDS: dict[str, FieldInfo] = dict(Settings.model_fields)
READS_THE_ENVIRONMENT = ("runtime/settings.py", "local/", "simulator/", "tests/", "benchmarks/")

ADDRESSES = {
    "database_url": "postgresql+psycopg://me@host/mine",
    "redis_url": "redis://host:6379/1",
    "line_api_base": "http://127.0.0.1:9100",
    "public_url": "https://aura.example",
    "sms_api_base": "http://127.0.0.1:9200",
}

KEYS = {"secret_keys": new_key(), "index_key": new_key(), "cron_secret": "sixteen-of-its-own"}


def plain(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def row(name: str) -> str:
    """The README's line for a field, exactly."""
    default = plain(FIELDS[name].default)
    return f"| `{name.upper()}` | {f'`{default}`' if default else ''} | {FIELDS[name].description} |".replace(
        "|  |", "| |"
    )


def test_the_readme_has_every_setting_and_no_other() -> None:
    expected = [row(name) for name in FIELDS]
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else "\n".join(expected)
    given = [line.strip() for line in text.splitlines() if line.startswith("| `") and line[3:].split("`")[0].isupper()]
    table = "\n".join(["| variable | default | what it is |", "|---|---|---|", *expected])
    assert given == expected, f"the README's table should read\n{table}"


@pytest.mark.parametrize("name", FIELDS)
def test_each_setting_is_read_from_its_own_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    annotation = FIELDS[name].annotation
    value = {int: "8123", Decimal: "0.7"}.get(annotation) if isinstance(annotation, type) else get_args(annotation)[0]
    value = {**ADDRESSES, **KEYS, "timing_divisor": "10"}.get(name, value)
    for other in FIELDS:
        monkeypatch.delenv(other.upper(), raising=False)
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setenv(name.upper(), value or "one-of-its-own")
    assert FIELDS[name].description
    nothing_given: dict[str, Any] = {}
    assert plain(getattr(Settings(**nothing_given), name)) == (value or "one-of-its-own")


@pytest.mark.parametrize("given", ["postgres://me@host/mine", "postgresql://me@host/mine", ADDRESSES["database_url"]])
def test_the_addresses_hosts_hand_out_reach_our_driver(given: str) -> None:
    assert (
        Settings.model_validate({"app_env": "development", "database_url": given}).database_url
        == (ADDRESSES["database_url"])
    )


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("wrong", ["nonsense", "mysql://host", "localhost:9100"])
def test_a_wrong_address_is_named_at_start(name: str, wrong: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({"app_env": "development", name: wrong})


def test_production_waits_as_long_as_it_should() -> None:
    assert Settings.model_validate({"app_env": "development", "timing_divisor": 10}).timing_divisor == 10
    with pytest.raises(ValidationError, match="TIMING_DIVISOR"):
        Settings.model_validate({"app_env": "production", "timing_divisor": 10, **KEYS})


def unread(files: dict[str, str], own: str) -> list[str]:
    """Fields that nobody reads as `settings.<name>`, directly or through a property of `Settings` in `own`."""
    read = {
        node.attr
        for path, text in files.items()
        if not path.startswith(("tests/", "benchmarks/", "runtime/settings.py"))
        for node in ast.walk(ast.parse(text, path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("settings")
    }
    for made in ast.walk(ast.parse(own)):
        if isinstance(made, ast.FunctionDef) and made.name in read:
            read |= {node.attr for node in ast.walk(made) if isinstance(node, ast.Attribute)}
    return sorted(FIELDS.keys() - read)


def test_every_setting_is_read_by_somebody() -> None:
    """One that nothing reads is a promise that nobody keeps: it comes with what reads it."""
    files = sources("*.py")
    assert unread(files, files["runtime/settings.py"]) == []
    used = {"bot/a.py": "settings.port, runtime.settings.ring", "bot/b.py": "other.index_key"}
    left = unread(used, files["runtime/settings.py"])
    assert "index_key" in left
    assert not {"port", "secret_keys"} & set(left)


def environment_readers(files: dict[str, str]) -> list[str]:
    return [
        f"{path}:{node.lineno}"
        for path, text in files.items()
        if not path.startswith(READS_THE_ENVIRONMENT)
        for node in ast.walk(ast.parse(text, path))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {"environ", "getenv"} & {a.name for a in node.names}
        )
    ]


def test_only_settings_reads_the_environment() -> None:
    assert environment_readers(sources("*.py")) == []
    assert environment_readers({"bot/a.py": "import os\nx = os.environ['A']", "web/b.py": "from os import getenv"}) == [
        "bot/a.py:2",
        "web/b.py:1",
    ]
