"""Groups the clinic's account is invited to. A group that no manager has bound is greeted, and nothing more."""

from bot.cards import staff_members as cards
from bot.chat import GroupChat
from bot.routes import hear
from channels.line.messages import Reply, say, silence
from customers import staff
from customers import staff_members as members


@hear.event("join", unbound=True)
def invited(group: GroupChat) -> Reply:
    return say(cards.not_linked(group.clinic, group.t))


@hear.event("leave", unbound=True)
def removed(group: GroupChat) -> Reply:
    """Whoever takes the account out of a group ends its being the clinic's own: inviting it again is not enough."""
    if group.ours is not None:
        staff.unbind(group.session, group.ours, group.now)
    return silence("left_group")


@hear.event("member_left", unbound=True)
def member_left(group: GroupChat) -> Reply:
    """Whoever leaves may act no more, from this moment; should they come back, a manager allows them anew."""
    for user_id in group.heard.members:
        member = members.find(group.session, group.ours, user_id) if group.ours is not None else None
        if member is not None:
            members.end(group.session, member, "left", group.now)
    return silence("member_left_group")


@hear.event("member_joined", unbound=True)
def newcomer(group: GroupChat) -> Reply:
    del group
    return silence("member_joined_group")
