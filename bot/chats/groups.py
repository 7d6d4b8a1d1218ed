"""Groups the clinic's account is invited to. A group that no manager has bound is greeted, and nothing more."""

from bot.chat import GroupChat
from bot.routes import hear
from channels.line.messages import Reply, say, silence
from customers import staff


@hear.event("join", unbound=True)
def invited(group: GroupChat) -> Reply:
    return say(group.t("Hello. This group is not linked to {clinic} yet.", clinic=group.clinic.name))


@hear.event("leave", unbound=True)
def removed(group: GroupChat) -> Reply:
    """Whoever takes the account out of a group ends its being the clinic's own: inviting it again is not enough."""
    staff.unbind(group.session, group.clinic, group.group_id)
    return silence("left_group")


@hear.event("member_joined", unbound=True)
def newcomer(group: GroupChat) -> Reply:
    del group
    return silence("member_joined_group")
