"""`flask bot routes`: the table of what the bot hears, as it was built, and what it makes of a sentence."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from bot.judge import interval, judge, sentences
from bot.routes import Table


def commands(table: Table) -> AppGroup:
    group = AppGroup("bot", help="The conversation.")

    @group.command("routes")
    def routes() -> None:
        """Print every type of event, the words or arguments it takes, and the function that answers."""
        for route in table:
            arguments = ", ".join(
                [name if name in route.required else f"{name}?" for name in route.converters]
                + [f"{name} from a picker" for name in route.picked]
            )
            words = "  ".join(
                f"{language}: {' | '.join(phrases.get(route.name, ()))}"
                for language, phrases in table.languages.items()
            )
            said = words if route.name and route.event_type in table.words else f"({arguments})" if arguments else ""
            said += "  (in unbound groups too)" if route.unbound else ""
            click.echo(f"{route.event_type:16}{route.name:18} {route.place:38} {said}")

    @group.command("understand")
    @click.argument("text", required=False)
    @click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def understand(text: str | None, path: Path | None) -> None:
        """Say what TEXT is about and why; or judge the sentences of a file.

        The file has tabs between `label`, `language` and `text`, under a line with these names; the label is a subject,
        or `other` for what is about none. Printed is what was wrong, and last one line of JSON.
        """
        if (text is None) == (path is None):
            raise click.UsageError("Give a TEXT, or --file with many.")
        if text is not None:
            found = table.understand(text)
            about = ", ".join(found.subjects) or (f"health ({found.health})" if found.health else "nothing")
            click.echo(f"{about}{'' if found.sure or not found.subjects else ' (not sure)'}\n{found.why}")
        elif path is not None:
            _judge(table, path)

    return group


def _judge(table: Table, path: Path) -> None:
    try:
        judged = judge(table, sentences(path.read_text(encoding="utf-8-sig")))
    except ValueError as error:
        raise click.ClickException(f"{path}: {error}") from error
    for sentence, found in judged.wrong:
        said = ", ".join(found.subjects) or "nothing"
        click.echo(f"{sentence.label}\t{sentence.text}\t-> {said}{'' if found.sure else ' (not sure)'}; {found.why}")
    for name, part, whole in (
        ("right", judged.right, judged.answered),
        ("understood", judged.understood, judged.belonging),
    ):
        low, high = interval(part, whole)
        click.echo(f"{name}: {part:g} of {whole} ({low:.1%} to {high:.1%} with 95 % confidence)")
    click.echo(json.dumps(judged.figures))
