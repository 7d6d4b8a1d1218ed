"""Where LINE does one thing or another: off is what it promises a well set-up account, on what happens to somebody."""

from simulator.world import World

SWITCHES = ("group_postback_user", "refuse_joins")
"""`group_postback_user`: a postback in a group tells who tapped. LINE promises that for messages only.

`refuse_joins`: *Allow bot to join group chats* is off, as it is at LINE until somebody switches it on.
"""


def standing(world: World) -> dict[str, bool]:
    return {name: on(world, name) for name in SWITCHES}


def on(world: World, name: str) -> bool:
    return world.store.row("SELECT 1 FROM facts WHERE name = ?", f"switch {name}") is not None


def turn(world: World, wanted: dict[str, bool]) -> None:
    with world.store.write():
        for name, turned_on in wanted.items():
            world.store.run("DELETE FROM facts WHERE name = ?", f"switch {name}")
            if turned_on:
                world.store.run("INSERT INTO facts VALUES (?, '1')", f"switch {name}")
    world.feed.tell("switch", **wanted)
