"""Group chats that the account sits in: who is inside, who comes and goes."""

from simulator import accounts, chats, ids, switches
from simulator.answers import Refused
from simulator.events import happen
from simulator.sender import Sender
from simulator.world import World


def start(world: World, sender: Sender, channel_id: str, name: str, user_ids: list[str]) -> str:
    """Makes a group of these people and invites the account; the group's id. Raises Refused: it may join none."""
    if switches.on(world, "refuse_joins"):
        raise Refused(
            409, "this account does not join groups: Allow bot to join group chats is off", code="joins_refused"
        )
    group_id = ids.group_id()
    with world.store.write():
        world.store.run(
            "INSERT INTO groups (group_id, channel_id, name) VALUES (?,?,?)", group_id, channel_id, name
        )  # fmt: skip
        for user_id in user_ids:
            accounts.person(world.store, user_id)
            world.store.run("INSERT OR IGNORE INTO members VALUES (?,?)", group_id, user_id)
        happen(world, sender, channel_id, "join", {}, group_id=group_id)
    world.feed.tell("friend", user_id=group_id, channel=channel_id)
    return group_id


def come(world: World, sender: Sender, group_id: str, user_id: str) -> None:
    """Somebody joins."""
    accounts.person(world.store, user_id)
    with world.store.write():
        if world.store.run("INSERT OR IGNORE INTO members VALUES (?,?)", group_id, user_id):
            _tell(world, sender, group_id, user_id, joined=True)


def go(world: World, sender: Sender, group_id: str, user_id: str) -> None:
    """Somebody leaves."""
    with world.store.write():
        if world.store.run("DELETE FROM members WHERE group_id = ? AND user_id = ?", group_id, user_id):
            _tell(world, sender, group_id, user_id, joined=False)


def leave(world: World, sender: Sender, group_id: str) -> None:
    """The account leaves or is removed."""
    group = accounts.group(world.store, group_id)
    with world.store.write():
        if world.store.run("UPDATE groups SET bot_inside = 0 WHERE group_id = ? AND bot_inside", group_id):
            happen(world, sender, group["channel_id"], "leave", {}, group_id=group_id, answerable=False)
    world.feed.tell("friend", user_id=group_id, channel=group["channel_id"])


def _tell(world: World, sender: Sender, group_id: str, user_id: str, *, joined: bool) -> None:
    group, who = accounts.group(world.store, group_id), accounts.person(world.store, user_id)
    note = "เข้าร่วมกลุ่ม / joined" if joined else "ออกจากกลุ่ม / left"
    chats.add_item(world, group["channel_id"], group_id, "system", {"type": "text", "text": f"{who['name']} {note}"})
    if not group["bot_inside"]:
        return
    members = {"members": [{"type": "user", "userId": user_id}]}
    kind, own = ("memberJoined", {"joined": members}) if joined else ("memberLeft", {"left": members})
    happen(world, sender, group["channel_id"], kind, own, group_id=group_id, answerable=joined)
