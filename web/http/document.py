"""The OpenAPI document, made from the same operations that answer; pydantic says what their values look like."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.http.idempotency import HEADER, REPLAYED
from web.http.keys import SCOPES
from web.http.operations import PREFIX, Operation, Subject
from web.http.problems import MEDIA_TYPE, ProblemDetails, kinds
from web.http.values import Asked

ABOUT = (
    "Points, tiers, rewards and referrals of one clinic. Every call carries an API key of the clinic: "
    "`Authorization: Bearer aura_…`. Every POST may carry an `Idempotency-Key`; sent again with the same body it gets "
    "the first answer. Refusals are problem details (RFC 9457): branch on `code`."
)
PLACE = "#/components/schemas/{model}"

Schemas = Mapping[tuple[type[BaseModel], Literal["validation", "serialization"]], dict[str, Any]]


def document(subjects: Sequence[Subject], public_url: str) -> dict[str, Any]:
    """OpenAPI 3.1."""
    operations = [operation for subject in subjects for operation in subject.operations]
    made, definitions = models_json_schema(list(_models(operations)), ref_template=PLACE)
    schemas: Schemas = {(model, mode): schema for (model, mode), schema in made.items()}  # type: ignore[misc]
    paths: dict[str, dict[str, Any]] = {}
    for subject in subjects:
        for operation in subject.operations:
            address = PREFIX + operation.path.replace("<", "{").replace(">", "}")
            paths.setdefault(address, {})[operation.method.lower()] = _described(subject, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "BN-Aura API", "version": "1", "description": ABOUT},
        "servers": [{"url": public_url}],
        "tags": [{"name": subject.name, "description": subject.description} for subject in subjects],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": _scopes()}},
            "schemas": _untitled(definitions["$defs"]),
        },
    }


def _models(
    operations: Iterable[Operation],
) -> Iterable[tuple[type[BaseModel], Literal["validation", "serialization"]]]:
    yield ProblemDetails, "validation"
    for operation in operations:
        if not isinstance(operation.answer, str):
            yield operation.answer, "serialization"
        if "body" in operation.inputs:
            yield operation.inputs["body"], "validation"


def _described(subject: Subject, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [subject.name],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{"key": [operation.scope]}],
        "parameters": [
            *_parameters("path", operation.inputs.get("path")),
            *_parameters("query", operation.inputs.get("query")),
            *([_ONCE] if operation.method == "POST" else []),
        ],
    }
    if "body" in operation.inputs:
        schema = schemas[operation.inputs["body"], "validation"]
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    told["responses"] = {
        "200": _answered(operation, schemas),
        **{str(status): _refused(status, operation, schemas) for status in _statuses(operation)},
    }
    return told


_ONCE = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Any text of yours, a new one for each request: a repeated request then does nothing twice. "
    "Without it, every request counts.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def _parameters(place: str, model: type[Asked] | None) -> Iterable[dict[str, Any]]:
    if model is None:
        return
    schema = model.model_json_schema()
    for name, one in schema["properties"].items():
        about = one.pop("description", "")
        required = place == "path" or name in schema.get("required", ())
        # Optional: in an address there is no null, only leaving it out.
        shape = next((choice for choice in one.get("anyOf", ()) if choice.get("type") != "null"), one)
        yield {"name": name, "in": place, "required": required, "description": about, "schema": _untitled(shape)}


def _answered(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    if isinstance(operation.answer, str):
        return {"description": "A picture", "content": {operation.answer: {"schema": {}}}}
    answer: dict[str, Any] = {
        "description": "Done" if operation.method == "POST" else "Found",
        "content": {"application/json": {"schema": schemas[operation.answer, "serialization"]}},
    }
    return {**answer, "headers": _REPLAYED} if operation.method == "POST" else answer


def _untitled(schema: Any) -> Any:
    """Without pydantic's titles, which repeat the names. A property that is called `title` is no text, and stays."""
    if isinstance(schema, dict):
        return {name: _untitled(one) for name, one in schema.items() if name != "title" or not isinstance(one, str)}
    return [_untitled(one) for one in schema] if isinstance(schema, list) else schema


def _statuses(operation: Operation) -> list[int]:
    return sorted({kinds[code].status for code in operation.refusals})


_REPLAYED = {REPLAYED: {"schema": {"type": "string", "const": "true"}, "description": "This is the first answer again"}}
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"}}


def _refused(status: int, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": ", ".join(code for code in operation.refusals if kinds[code].status == status),
        "content": {MEDIA_TYPE: {"schema": schemas[ProblemDetails, "validation"]}},
    }
    if status in (409, 422):
        answer["headers"] = _REPLAYED
    if status in (429, 503):
        answer["headers"] = _RETRY
    return answer


def _scopes() -> str:
    return "A key with the scope of the operation. " + " ".join(f"`{scope}`: {SCOPES[scope]}." for scope in SCOPES)
