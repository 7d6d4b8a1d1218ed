"""Who of a group may act for the clinic: a manager allows them, by mention, by name or by the code they were shown."""

from collections.abc import Callable

from bot.cards import staff_members as cards
from bot.chat import GroupChat, NotMeant
from bot.routes import hear
from bot.words import plain
from channels.line.messages import Reply, say, silence
from customers import staff_members as members
from models.staff import Role, StaffMember


def acting(group: GroupChat, *, manager: bool = False) -> StaffMember | Reply:
    """Who may do what is about to be done; else what is said, and nothing is done.

    Somebody whom nobody has allowed is noted, so that a manager can allow them by name.
    """
    if group.ours is None:
        return silence("group_not_bound")
    if group.user_id is None:
        return say(cards.who_was_it(group.t))
    known = members.meet(group.session, group.ours, group.user_id, group.now)
    managers = [one for one in members.present(group.session, group.ours, ["manager"]) if one is not known]
    if known.role == "unknown":
        return say(cards.not_allowed(group.clinic, group.t, known, managers))
    if manager and known.role != "manager":
        return say(cards.managers_only(group.t, managers))
    return known


def asked_how(group: GroupChat, text: str) -> bool:
    """Whether the words of a request, with `text` behind them, are to be answered though it lacks what it is about:
    somebody who may act wrote nothing else, or it is addressed to the account."""
    return group.heard.to_us or (not text and group.member is not None)


@hear.opening("allow")
def allow(group: GroupChat, text: str) -> Reply:
    return _changed(group, text, lambda who, by: _given(group, who, "staff", by))


@hear.opening("promote")
def promote(group: GroupChat, text: str) -> Reply:
    return _changed(group, text, lambda who, by: _given(group, who, "manager", by))


@hear.opening("remove")
def remove(group: GroupChat, text: str) -> Reply:
    return _changed(group, text, lambda who, by: _removed(group, who, by))


@hear.text("team", group=True)
def team(group: GroupChat) -> Reply:
    who = acting(group)
    if isinstance(who, Reply) or group.ours is None:
        return who if isinstance(who, Reply) else silence("group_not_bound")
    return say(cards.team(group.t, members.present(group.session, group.ours)))


def _changed(group: GroupChat, text: str, change: Callable[[StaffMember, StaffMember], str]) -> Reply:
    """What a manager says about others; of anybody else it is talk, unless somebody is meant by it."""
    meant = _meant(group, text)
    managing = group.member is not None and group.member.role == "manager"
    if not meant and not (managing and text) and not group.heard.to_us:
        raise NotMeant
    by = acting(group, manager=True)
    if isinstance(by, Reply):
        return by
    if not meant:
        return say(cards.nobody_meant(group.t))
    if len(meant) > 1 and not group.heard.mentioned:
        return say(cards.several_meant(group.t))
    return say("\n".join(change(one, by) for one in meant))


def _meant(group: GroupChat, text: str) -> list[StaffMember]:
    """Those who are mentioned; else who waits by this code; else those of this name or first name."""
    if group.ours is None:
        return []
    if group.heard.mentioned:
        people = dict.fromkeys(group.heard.mentioned)
        return [members.meet(group.session, group.ours, user_id, group.now) for user_id in people]
    if (waiting := members.by_code(group.session, group.ours, text)) is not None:
        return [waiting]
    said = plain(text.lstrip("@"))
    known = [(one, one.name) for one in members.present(group.session, group.ours) if one.name]
    return [one for one, name in known if said and said in (plain(name), plain(name.split()[0]))]


def _given(group: GroupChat, who: StaffMember, role: Role, by: StaffMember) -> str:
    if who.role == role or (who.role == "manager" and role == "staff"):
        return cards.allowed_already(group.t, who)
    members.allow(group.session, who, role, group.now, by=members.actor(by))
    return cards.allowed(group.t, who)


def _removed(group: GroupChat, who: StaffMember, by: StaffMember) -> str:
    if group.ours is not None and [who] == list(members.present(group.session, group.ours, ["manager"])):
        return cards.last_manager(group.t)
    members.end(group.session, who, "removed", group.now, by=members.actor(by))
    return cards.removed(group.t, who)
