"""Texts that rules share."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from followups import templates, texts
from followups.kind import kinds
from models.followups import Fallback, FollowupTemplate
from web.api.followup import speaking
from web.api.followup.words import NewWords, Said, in_languages
from web.http.operations import RequestContext, Resource
from web.http.values import Id, Name, RequestModel, ResponseModel

resource = Resource(
    "Follow-up templates", "Texts that rules share, in versions: one change is said by all.", prefix="/api/followup"
)

REFUSALS = ("bad_rule", "unknown_variable")


class NewTemplate(NewWords):
    name: Name
    type: Annotated[Name, Field(description="The kind of its rules: it says which variables there are")]


class Template(RequestModel):
    id: Id


class TemplateAnswer(ResponseModel):
    id: UUID = Field(description="The same in each version")
    name: str
    type: str
    version: int = Field(description="Grows with each change; what was said keeps the one that it was said in")
    texts: dict[str, Said] = Field(description="By language; in one that is missing the kind's own words are said")
    fallbacks: dict[str, Fallback]
    variables: list[str] = Field(description="What it may use")
    rules: list[UUID] = Field(description="Which say it")
    changed_at: datetime


class Templates(ResponseModel):
    items: list[TemplateAnswer]


@resource.post(
    "/templates", scope="followup:write", answer=TemplateAnswer, refusals=("unknown_kind", "name_taken", *REFUSALS)
)
def create_template(context: RequestContext, body: NewTemplate) -> TemplateAnswer:
    """Write a text that rules may share

    Rules name it by its id, as `templateId`.
    """
    made = templates.make(context.session, context.clinic, body.type, body.name, body.written(), context.now)
    return _answer(context, made)


@resource.get("/templates", scope="followup:read", answer=Templates)
def list_templates(context: RequestContext) -> Templates:
    """All texts that rules share, in their newest version, the oldest first"""
    return Templates(items=[_answer(context, one) for one in templates.of_clinic(context.session, context.clinic)])


@resource.patch(
    "/templates/<id>", scope="followup:write", answer=TemplateAnswer, refusals=("unknown_template", *REFUSALS)
)
def change_template(context: RequestContext, path: Template, body: NewWords) -> TemplateAnswer:
    """Write its next version

    All of it: a language that is left out is no longer in it. The rules that say it say the new version; what was said
    stays as it was. Where one of these rules speaks, it needs the scope followup:activate.
    """
    newest = templates.find(context.session, context.clinic, UUID(path.id))
    speaking.allow(context, templates.said_by(context.session, newest))
    return _answer(context, templates.change(context.session, context.clinic, newest, body.written(), context.now))


@resource.delete("/templates/<id>", scope="followup:write", refusals=("unknown_template", "template_in_use"))
def delete_template(context: RequestContext, path: Template) -> None:
    """Delete a text that no rule says

    What was said by it stays readable.
    """
    templates.end(context.session, templates.find(context.session, context.clinic, UUID(path.id)), context.now)


def _answer(context: RequestContext, one: FollowupTemplate) -> TemplateAnswer:
    return TemplateAnswer(
        id=texts.called(one),
        name=one.name or "",
        type=one.type,
        version=one.version,
        texts=in_languages(one),
        fallbacks=one.fallbacks,
        variables=list(kinds[one.type].variables),
        rules=[rule.id for rule in templates.said_by(context.session, one)],
        changed_at=one.created_at,
    )
