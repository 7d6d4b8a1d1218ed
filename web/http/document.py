"""The OpenAPI document, made from the same operations that answer; pydantic says what their values look like."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from runtime.registry import Registry
from web.http.idempotency import HEADER, REPLAYED
from web.http.operations import Operation, Resource
from web.http.problems import MEDIA_TYPE, Kind, ProblemDetails
from web.http.rooms import Api
from web.http.values import RequestModel

ABOUT = (
    "What the systems of one clinic may ask and tell. Every call carries an API key of the clinic: "
    "`Authorization: Bearer aura_…`. Every POST, PATCH and DELETE may carry an `Idempotency-Key`; sent again with the "
    "same body it gets the first answer. PATCH and DELETE do without it, too: they say what shall be. "
    "Refusals are problem details (RFC 9457): branch on `code`."
)
PLACE = "#/components/schemas/{model}"

Schemas = Mapping[tuple[type[BaseModel], Literal["validation", "serialization"]], dict[str, Any]]


def document(api: Api, public_url: str) -> dict[str, Any]:
    """OpenAPI 3.1."""
    made, definitions = models_json_schema(list(_models(api.operations)), ref_template=PLACE)
    schemas: Schemas = {(model, mode): schema for (model, mode), schema in made.items()}  # type: ignore[misc]
    paths: dict[str, dict[str, Any]] = {}
    for resource in api.resources:
        for operation in resource.operations:
            address = operation.path.replace("<", "{").replace(">", "}")
            paths.setdefault(address, {})[operation.method.lower()] = {
                "operationId": api.id_of(operation),
                **_described(resource, operation, schemas),
                "responses": {
                    str(operation.status): _answered(operation, schemas),
                    **_refused(operation, api.kinds, schemas),
                },
            }
    return {
        "openapi": "3.1.0",
        "info": {"title": "BN-Aura API", "version": "1", "description": ABOUT},
        "servers": [{"url": public_url}],
        "tags": [{"name": resource.name, "description": resource.description} for resource in api.resources],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": _scopes(api.scopes)}},
            "schemas": _untitled(definitions["$defs"]),
        },
    }


def _models(
    operations: Iterable[Operation],
) -> Iterable[tuple[type[BaseModel], Literal["validation", "serialization"]]]:
    yield ProblemDetails, "validation"
    for operation in operations:
        if isinstance(operation.answer, type):
            yield operation.answer, "serialization"
        if "body" in operation.inputs:
            yield operation.inputs["body"], "validation"


def _described(resource: Resource, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "tags": [resource.name],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{"key": [operation.scope]}],
        "parameters": [
            *_parameters("path", operation.inputs.get("path")),
            *_parameters("query", operation.inputs.get("query")),
            *([] if operation.safe else [_ONCE]),
        ],
    }
    if "body" in operation.inputs:
        schema = schemas[operation.inputs["body"], "validation"]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


_ONCE = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Any text of yours, a new one for each request: a repeated request then does nothing twice. "
    "Without it, every request counts.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def _parameters(place: str, model: type[RequestModel] | None) -> Iterable[dict[str, Any]]:
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
    answer: dict[str, Any] = (
        {"description": "Found"} if operation.safe else {"description": "Done", "headers": _REPLAYED}
    )
    if operation.answer is not None:
        answer["content"] = {"application/json": {"schema": schemas[operation.answer, "serialization"]}}
    return answer


def _untitled(schema: Any) -> Any:
    """Without pydantic's titles, which repeat the names. A property that is called `title` is no text, and stays."""
    if isinstance(schema, dict):
        return {name: _untitled(one) for name, one in schema.items() if name != "title" or not isinstance(one, str)}
    return [_untitled(one) for one in schema] if isinstance(schema, list) else schema


_REPLAYED = {REPLAYED: {"schema": {"type": "string", "const": "true"}, "description": "This is the first answer again"}}
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"}}


def _refused(operation: Operation, kinds: Registry[Kind], schemas: Schemas) -> dict[str, Any]:
    """By status: the codes, and the headers that go with them."""
    answers: dict[str, Any] = {}
    for status in sorted({kinds[code].status for code in operation.refusals}):
        answers[str(status)] = answer = {
            "description": ", ".join(code for code in operation.refusals if kinds[code].status == status),
            "content": {MEDIA_TYPE: {"schema": schemas[ProblemDetails, "validation"]}},
        }
        if status in (409, 422):
            answer["headers"] = _REPLAYED
        if status in (429, 503):
            answer["headers"] = _RETRY
    return answers


def _scopes(scopes: Registry[str]) -> str:
    return "A key with the scope of the operation. " + " ".join(f"`{scope}`: {scopes[scope]}." for scope in scopes)
