"""`flask bot routes`: the table of what the bot hears, as it was built."""

import click
from flask.cli import AppGroup

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

    return group
