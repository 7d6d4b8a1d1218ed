"""Which changes customers hear of: of these the key needs more than for drafts."""

from collections.abc import Iterable
from dataclasses import replace

from followups.rules import Draft
from models.followups import FollowupRule
from web.http.operations import RequestContext
from web.http.problems import Problem

SCOPE = "followup:activate"


def allow(context: RequestContext, rules: Iterable[FollowupRule] = (), draft: Draft | None = None) -> None:
    """To do this with these rules, or with a text that they say; None: to change all that they say, or to delete them.
    Of a rule that speaks, drafts may name it anew and have it rest, but nothing else, be it with the same request.
    Raises `Problem` (missing_scope)."""
    if SCOPE in context.key.scopes:
        return
    if draft is not None and draft.active:
        raise Problem("missing_scope", f"This key lacks the scope {SCOPE}: by it a rule speaks.", scope=SCOPE)
    if draft is not None and replace(draft, name=None, active=None) == Draft():
        return
    speaking = [one for one in rules if one.active]
    if speaking:
        names = ", ".join(one.name for one in speaking)
        why = f"customers would hear of it at once, by what speaks: {names}"
        raise Problem("missing_scope", f"This key lacks the scope {SCOPE}; {why}.", scope=SCOPE)
