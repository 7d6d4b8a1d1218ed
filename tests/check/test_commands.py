"""Every command that the documents show is one that there is, with arguments that it takes."""

import re
import shlex
from collections.abc import Callable, Iterator
from uuid import UUID

import click
import pytest
from flask import Flask

from runtime.settings import Settings
from tests.check.tree import ROOT

SHOWN = re.compile(r"(?:`|^|\()(?:APP_ENV=\S+ )?(?:\.venv/bin/)?flask --app app ([^`\n<>#]+)", re.MULTILINE)
AS_MAKE = re.compile(r"make flask ARGS=(\"[^\"\n]+\"|'[^'\n]+')")
PLACEHOLDERS = {"DUPLICATE", "SURVIVOR", "ID"}
FILES = {"clinic.yaml"}
"""Of whoever reads it."""


def shown() -> Iterator[tuple[str, str]]:
    """Where, and what follows `flask --app app`."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "web/http/pages/docs.html"]
    for file in files:
        text = file.read_text(encoding="utf-8")
        for found in SHOWN.findall(text):
            yield str(file.relative_to(ROOT)), found
        for found in AS_MAKE.findall(text):
            yield str(file.relative_to(ROOT)), found[1:-1]


def parsed(app: Flask, words: list[str]) -> str:
    """The path of the command. Raises `click.UsageError`."""
    command: click.Command = app.cli
    context = click.Context(command, info_name="flask")
    while isinstance(command, click.Group) and words:
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        context, command = click.Context(found, info_name=name, parent=context), found
    command.make_context(context.info_name or "", words, parent=context.parent)
    return context.command_path


def test_the_documents_show_commands_that_there_are(settings: Settings, make_app: Callable[..., Flask]) -> None:
    app = make_app(settings)
    seen, wrong = set(), []
    for where, text in shown():
        words = [word.strip("[]") for word in shlex.split(text)]
        given = [str(UUID(int=0)) if word in PLACEHOLDERS or "…" in word else word for word in words]
        given = ["-" if word in FILES else word for word in given]
        try:
            seen.add(parsed(app, given))
        except click.UsageError as error:
            wrong.append(f"{where}: flask --app app {text}: {error.format_message()}")
    assert wrong == []
    assert {"flask groups code", "flask api-keys create", "flask worker", "flask doctor"} <= seen


def test_a_command_that_is_not_there_would_be_noticed(settings: Settings, make_app: Callable[..., Flask]) -> None:
    app = make_app(settings)
    for words in (["groups", "cod", "aura"], ["groups", "code"], ["worker", "quick"], ["doctor", "--please"]):
        with pytest.raises(click.UsageError):
            parsed(app, words)
