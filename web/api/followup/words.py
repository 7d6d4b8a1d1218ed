"""What rules say, as it is written and shown."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import Field

from followups.texts import Template, called
from models import followups as tables
from web.http.values import Name, RequestModel, ResponseModel, ShortText

Message = Annotated[str, Field(strict=True, min_length=1, max_length=1_000)]
Subject = Annotated[str, Field(strict=True, max_length=100)]


class NewLink(RequestModel):
    label: Annotated[
        str, Field(strict=True, min_length=1, max_length=20, pattern=r"\S", description="What the button says")
    ]
    url: Annotated[
        str,
        Field(
            strict=True, min_length=1, max_length=500, description="Where it leads; https or http",
            json_schema_extra={"format": "uri"},
        ),
    ]  # fmt: skip


Links = Annotated[
    list[NewLink],
    Field(
        max_length=2,
        description="Buttons that open an address; an address in the words is one as well. Where the kind has two "
        "buttons of its own there is room for one",
    ),
]


Sms = Annotated[
    str,
    Field(
        strict=True, max_length=600,
        description="The same in few words, for an SMS, which is read on locked phones: variables that name a "
        "treatment or an amount are refused. Empty: the message where it has none of these, else the kind's own words",
    ),
]  # fmt: skip


class InWords(RequestModel):
    subject: Subject = ""
    message: Message
    sms: Sms = ""
    links: Links = Field(default_factory=list)


class NewWords(RequestModel):
    subject: Annotated[Subject, Field(description="In the clinic's first language")] = ""
    message: Annotated[Message | None, Field(description="In the clinic's first language")] = None
    sms: Sms = ""
    links: Annotated[Links, Field(description="In the clinic's first language")] = Field(default_factory=list)
    texts: Annotated[
        dict[str, InWords],
        Field(max_length=10, description="By language; in one that is missing the kind's own words are said"),
    ] = Field(default_factory=dict)
    variables: Annotated[list[Name], Field(max_length=50, description="Those that it uses; each must be known")] = (
        Field(default_factory=list)
    )
    fallbacks: Annotated[
        dict[str, ShortText | dict[str, ShortText]],
        Field(
            max_length=50,
            description="Variable → what is said where a customer has none, in every language or by language; without "
            "it nothing is",
        ),
    ] = Field(default_factory=dict)

    def written(self) -> Template:
        first = _words(self.subject, self.message, self.sms, self.links) if self.message else None
        texts: Mapping[str, tables.Words] = {
            language: _words(words.subject, words.message, words.sms, words.links)
            for language, words in self.texts.items()
        }
        return Template(texts=texts, everywhere=first, variables=self.variables, fallbacks=self.fallbacks)


def _words(subject: str, message: str, sms: str, links: list[NewLink]) -> tables.Words:
    below: list[tables.LinkWords] = [{"label": one.label, "url": one.url} for one in links]
    return {"subject": subject, "message": message, "sms": sms, "links": below}


class LinkSaid(ResponseModel):
    label: str
    url: str


class Said(ResponseModel):
    subject: str
    message: str
    sms: str
    links: list[LinkSaid]


class Words(ResponseModel):
    id: UUID | None = Field(description="Of a text that rules share; null where it is one rule's own")
    name: str | None = Field(description="Of a text that rules share")
    version: int = Field(description="Grows with each change; what was said keeps the one that it was said in")
    texts: dict[str, Said] = Field(description="By language")
    fallbacks: dict[str, tables.Fallback]


def to_words(template: tables.FollowupTemplate) -> Words:
    return Words(
        id=called(template) if template.name is not None else None,
        name=template.name,
        version=template.version,
        texts=in_languages(template),
        fallbacks=template.fallbacks,
    )


def in_languages(template: tables.FollowupTemplate) -> dict[str, Said]:
    return {
        language: Said(
            subject=words.get("subject", ""),
            message=words.get("message", ""),
            sms=words.get("sms", ""),
            links=[LinkSaid(**one) for one in words.get("links", [])],
        )
        for language, words in template.texts.items()
    }
