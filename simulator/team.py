"""The staff's group of the demo clinic: three people, one of them at a computer, and the clinic's account among them.

Their ids are always the same, so that demo data can speak of them. That the group is the clinic's own is known to the
product alone.
"""

import hashlib

from simulator import accounts
from simulator.world import World

GROUP_NAME = "ทีมงาน Aura"
MEMBERS = (("Somsak", "th", "phone"), ("Ploy", "th", "phone"), ("Fon", "th", "pc"))


def group_id(name: str) -> str:
    return "C" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def seed(world: World) -> None:
    """Once: who left since, or took the account out, has done so."""
    store = world.store
    if store.run("INSERT OR IGNORE INTO facts VALUES ('team', '1')") == 0:
        return
    group = group_id("aura-staff")
    store.run(
        "INSERT OR IGNORE INTO groups (group_id, channel_id, name) VALUES (?,?,?)",
        group, world.config.channel_id, GROUP_NAME,
    )  # fmt: skip
    for name, language, device in MEMBERS:
        user_id = accounts.add_person(store, name, language, accounts.named_user(name.lower()), device)
        store.run("INSERT OR IGNORE INTO members VALUES (?,?)", group, user_id)


def forget(world: World) -> None:
    """With its group, so that the next `seed` makes it anew."""
    world.store.run("DELETE FROM facts WHERE name = 'team'")
