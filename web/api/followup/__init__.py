"""Follow-ups over the API: the rules, and what has been said by them."""

import followups.kinds  # noqa: F401 - fills the registry of kinds
from web.api.followup import execute, executions, foresight, opens, preferences, rules, templates
from web.http.problems import Kind, Kinds

SCOPES = {
    "followup:read": "See the rules of follow-ups and what was said by them",
    "followup:write": "Write rules and texts of follow-ups, as drafts; have a rule rest; tell of responses",
    "followup:activate": "Make a rule speak to customers, change what one that speaks says, delete it",
}
PROBLEMS: Kinds = {
    "unknown_kind": Kind(422, "There is no such kind of follow-up", "`known` lists the kinds."),
    "bad_rule": Kind(422, "The kind of this rule takes something else there", "`field` says where."),
    "unknown_variable": Kind(422, "A text asks for what this kind does not know", "`known` lists its variables."),
    "reason_of_what": Kind(
        422,
        "A reason is asked for without the status that it explains",
        "Say `status` as well, such as status=skipped.",
    ),
    "never_open": Kind(422, "The hours leave none of the day", "Choose hours that leave some of it."),
    "not_spoken": Kind(422, "The clinic does not speak this language", "Name one of those that it speaks."),
    "consent_needed": Kind(
        422, "Marketing needs a consent", "Tell of the consent itself, with how and when it was given."
    ),
    "unknown_template": Kind(404, "The clinic has no such text", "List the templates and choose one."),
    "name_taken": Kind(409, "Another text has this name", "Choose another name, or change that text."),
    "template_in_use": Kind(409, "Rules say this text", "Give the `rules` another text first, or delete them."),
    "nothing_to_say": Kind(
        409, "The customer has nothing of which this rule speaks", "Name one who has, such as an appointment."
    ),
    "too_much_ahead": Kind(
        503,
        "What is ahead of this rule could not be looked through in the time of one answer",
        "Ask again in some minutes, when the database has less to do; where that does not help, tell who runs this "
        "server. Nothing was changed.",
    ),
    "line_not_asked": Kind(
        503, "LINE could not be asked", "Ask again in some minutes; LINE lets an account ask sixty times an hour."
    ),
    "not_of_the_staff": Kind(
        403, "A rule is tried on the clinic's own people only", "Name a customer who is in the staff's LINE group."
    ),
    "not_said": Kind(409, "It was not said to the customer", "Tell of a response to what has the status `sent`."),
    "not_then": Kind(
        422, "Nobody can have answered at this time", "Look at the clock of the sending system, or leave `at` out: now."
    ),
    "unknown_rule": Kind(404, "The clinic has no such rule", "List the rules and choose one."),
    "unknown_execution": Kind(404, "The clinic has said no such thing", "List the executions and choose one."),
}
RESOURCES = (
    rules.resource,
    templates.resource,
    foresight.resource,
    executions.resource,
    opens.resource,
    execute.resource,
    preferences.resource,
)
