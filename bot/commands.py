"""`flask bot routes`: the table of what the bot hears, as it was built."""

import click
from flask.cli import AppGroup

from bot.routes import build

bot = AppGroup("bot", help="The conversation.")


@bot.command("routes")
def routes() -> None:
    """Print every stimulus, the words or arguments it takes, and the function that answers."""
    table = build()
    for route in table:
        arguments = ", ".join(
            [name if name in route.required else f"{name}?" for name in route.converters]
            + [f"{name} from a picker" for name in route.picked]
        )
        words = "  ".join(
            f"{language}: {' | '.join(phrases.get(route.name, ()))}" for language, phrases in table.languages.items()
        )
        said = words if route.stimulus in ("text", "prefix") else f"({arguments})" if arguments else ""
        click.echo(f"{route.stimulus:14}{route.name:10} {route.place:38} {said}")
