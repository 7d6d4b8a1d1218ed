"""Rules of follow-ups: when to speak to whom, over which channels, and in which words."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from followups import rules
from followups.kind import kinds
from followups.rules import Draft
from models.followups import FollowupRule, FollowupTemplate
from web.api.followup import again, speaking
from web.api.followup.words import NewWords, Words, to_words
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import Id, Name, RequestModel, ResponseModel, ShortText

resource = Resource(
    "Follow-up rules", "When to speak to whom, over which channels, and in which words.", prefix="/api/followup"
)

ChannelName = Literal["line", "sms", "email", "in_app", "call"]
Kept = Literal["high", "normal", "low"]
Many = Literal["first", "all"]
TemplateId = Annotated[Id, Field(description="Of a text that rules share, from `/templates`; instead of `template`")]
KINDS = "A kind: " + ", ".join(kinds)


class NewRule(RequestModel):
    name: Name
    type: Annotated[Name, Field(description=KINDS, examples=["appointment_reminder"])]
    clinic_id: Annotated[ShortText | None, Field(description="Not looked at: the API key is a clinic's")] = None
    trigger_conditions: Annotated[
        dict[str, Any], Field(max_length=50, description="What the kind takes; what is left out is its default")
    ] = Field(default_factory=dict)
    channels: Annotated[list[ChannelName], Field(min_length=1, max_length=5, description="The preferred first")]
    priority: Kept = "normal"
    delivery: Annotated[Many, Field(description="Over the first channel that reaches the customer, or over each")] = (
        "first"
    )
    reentry: again.Reentry = "each_anchor"
    active: Annotated[
        bool, Field(strict=True, description="true needs the scope followup:activate; else it is a draft")
    ] = False
    ai_personalization: Annotated[bool, Field(strict=True)] = False
    template: Annotated[NewWords | None, Field(description="Of this rule alone; null: the kind's own words")] = None
    template_id: TemplateId | None = None
    workflow_id: Annotated[ShortText | None, Field(description="Kept with all that is said by it")] = None


class ChangedRule(RequestModel):
    name: Name | None = None
    trigger_conditions: Annotated[dict[str, Any] | None, Field(max_length=50)] = None
    channels: Annotated[list[ChannelName] | None, Field(min_length=1, max_length=5)] = None
    priority: Kept | None = None
    delivery: Many | None = None
    reentry: again.Reentry | None = None
    active: Annotated[bool | None, Field(strict=True)] = None
    ai_personalization: Annotated[bool | None, Field(strict=True)] = None
    template: NewWords | None = None
    template_id: TemplateId | None = None
    workflow_id: ShortText | None = None


class Rule(RequestModel):
    id: Id


class RuleAnswer(ResponseModel):
    id: UUID
    name: str
    type: str
    purpose: str = Field(description="care, transactional or marketing")
    version: int = Field(description="Grows when what is planned changes; executions carry the one that planned them")
    trigger_conditions: dict[str, Any] = Field(description="With the kind's defaults")
    channels: list[str]
    priority: str
    delivery: str
    reentry: again.Named | again.Days = Field(description="How often it speaks to the same customer")
    active: bool
    ai_personalization: bool
    template: Words | None = Field(description="null: the kind's own words")
    variables: list[str] = Field(description="What its texts may use")
    workflow_id: str | None
    created_at: datetime
    changed_at: datetime


class Rules(ResponseModel):
    items: list[RuleAnswer]


REFUSALS = ("bad_rule", "unknown_variable", "unknown_template")


@resource.post("/rules", scope="followup:write", answer=RuleAnswer, refusals=("unknown_kind", *REFUSALS))
def create_rule(context: RequestContext, body: NewRule) -> RuleAnswer:
    """Write a rule

    Without `active` it is a draft that speaks to nobody. What is ahead when it begins is planned, and what comes.
    """
    draft = _draft(body, body.channels)
    speaking.allow(context, draft=draft)
    return _answer(context, rules.make(context.session, context.clinic, body.type, draft, context.now))


@resource.get("/rules", scope="followup:read", answer=Rules)
def list_rules(context: RequestContext) -> Rules:
    """All rules of the clinic, the oldest first"""
    return Rules(items=[_answer(context, one) for one in rules.of_clinic(context.session, context.clinic)])


@resource.get("/rules/<id>", scope="followup:read", answer=RuleAnswer, refusals=("unknown_rule",))
def get_rule(context: RequestContext, path: Rule) -> RuleAnswer:
    """One rule"""
    return _answer(context, named(context, path))


@resource.patch("/rules/<id>", scope="followup:write", answer=RuleAnswer, refusals=("unknown_rule", *REFUSALS))
def change_rule(context: RequestContext, path: Rule, body: ChangedRule) -> RuleAnswer:
    """Change a rule, have it rest or go on

    What is left out stays. Other conditions, or another `reentry`, plan anew what is still ahead; what was said stays
    said. A rule that rests
    consumes nothing: when it goes on, what is still of use is said. Of a rule that speaks, a key without the scope
    followup:activate changes its name or has it rest (`active`: false), and nothing else.
    """
    rule, draft = named(context, path), _draft(body, body.channels)
    speaking.allow(context, [rule], draft)
    return _answer(context, rules.change(context.session, context.clinic, rule, draft, context.now))


@resource.delete("/rules/<id>", scope="followup:write", refusals=("unknown_rule",))
def delete_rule(context: RequestContext, path: Rule) -> None:
    """Delete a rule

    What it has planned is not said; what it has said stays readable. One that speaks needs the scope followup:activate.
    """
    rule = named(context, path)
    speaking.allow(context, [rule])
    rules.end(context.session, rule, context.now)


def named(context: RequestContext, path: Rule) -> FollowupRule:
    found = rules.find(context.session, context.clinic, UUID(path.id))
    if found is None:
        raise Problem("unknown_rule")
    return found


def _draft(body: NewRule | ChangedRule, channels: list[ChannelName] | None) -> Draft:
    return Draft(
        name=body.name,
        conditions=body.trigger_conditions,
        channels=channels,
        priority=body.priority,
        delivery=body.delivery,
        reentry=again.written(body.reentry),
        active=body.active,
        ai_personalization=body.ai_personalization,
        template=None if body.template is None else body.template.written(),
        template_id=None if body.template_id is None else UUID(body.template_id),
        workflow_id=body.workflow_id,
    )


def _answer(context: RequestContext, rule: FollowupRule) -> RuleAnswer:
    kind = kinds[rule.type]
    conditions = kind.conditions.model_validate(rule.conditions)
    template = None
    if rule.template_id is not None:
        template = context.session.get_one(FollowupTemplate, (rule.template_id, rule.clinic_id))
    return RuleAnswer(
        id=rule.id,
        name=rule.name,
        type=rule.type,
        purpose=kind.purpose,
        version=rule.version,
        trigger_conditions=conditions.model_dump(mode="json", by_alias=True),
        channels=rule.channels,
        priority=rule.priority,
        delivery=rule.delivery,
        reentry=again.shown(rule.reentry),
        active=rule.active,
        ai_personalization=rule.ai_personalization,
        template=template and to_words(template),
        variables=list(kind.variables),
        workflow_id=rule.workflow_id,
        created_at=rule.created_at,
        changed_at=rule.changed_at,
    )
