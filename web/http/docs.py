"""`/api/openapi.json` and `/api/docs`: a page of our own, since the ready ones need scripts written into the page."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from web.http.document import document
from web.http.rooms import Api

PAGES = Path(__file__).with_name("pages")
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def docs(api: Api, public_url: str) -> Blueprint:
    """The document is made when it is first asked for, once."""
    routes = Blueprint("api_docs", __name__)
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    pages.filters |= {"shape": shape_of, "prose": prose}

    @cache
    def made() -> dict[str, Any]:
        return document(api, public_url)

    @cache
    def page() -> str:
        return pages.get_template("docs.html").render(
            document=made(), kinds=api.kinds, scopes=api.scopes, call=f"{public_url}{first_call(made())}"
        )

    @routes.get("/api/openapi.json")
    def openapi() -> Response:
        return jsonify(made())

    @routes.get("/api/docs")
    def show() -> Response:
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        return Response(page(), content_type="text/html; charset=utf-8", headers=headers)

    @routes.get("/api/docs.css")
    def style() -> Response:
        return Response((PAGES / "docs.css").read_bytes(), content_type="text/css; charset=utf-8")

    return routes


def first_call(document: dict[str, Any]) -> str:
    """An address to begin with: the first that reads something of a customer, with what it needs as an example.

    Empty when there is none.
    """
    for path, methods in document["paths"].items():
        if "get" in methods and "{" not in path:
            needed = [one for one in methods["get"]["parameters"] if one["required"]]
            query = "&".join(f"{one['name']}={one['schema'].get('examples', ['…'])[0]}" for one in needed)
            if query:
                return f"{path}?{query}"
    return ""


def shape_of(schema: dict[str, Any]) -> str:
    """A schema in a few words: `string`, `integer 1…1000000`, `Profile`, `list of Friend`, `… or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(shape_of(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {shape_of(schema.get('items', {}))}"
    if "enum" in schema:
        return " or ".join(f"“{value}”" for value in schema["enum"])
    if "const" in schema:
        return f"“{schema['const']}”"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"name → {shape_of(schema['additionalProperties'])}"
    least, most = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    bounds = f" {least}…{most}" if least is not None and most is not None else ""
    return f"{schema.get('format') or schema.get('type', 'anything')}{bounds}"


def prose(text: str) -> Markup:
    """Safe HTML, with what stands between backticks as code."""
    code = Markup("<code>{}</code>")
    parts = text.split("`")
    return Markup().join(code.format(part) if number % 2 else escape(part) for number, part in enumerate(parts))
