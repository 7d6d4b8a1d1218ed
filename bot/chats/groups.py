"""Groups the clinic's account is invited to. A group that no manager has bound is greeted, and nothing more."""

from bot.chat import GroupChat
from bot.routes import hear
from channels.message import Reply, say, silence


@hear.join()
def invited(group: GroupChat) -> Reply:
    return say(group.t("Hello. This group is not linked to {clinic} yet.", clinic=group.clinic.name))


@hear.member_joined()
def newcomer(group: GroupChat) -> Reply:
    del group
    return silence("group_not_bound")
