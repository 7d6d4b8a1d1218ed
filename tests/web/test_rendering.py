"""Pages keep the policy that they are sent with, and every template is written as the parts ask for."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, UndefinedError, nodes

from runtime.language import LANGUAGES, Language
from runtime.settings import Settings
from tests.check.tree import ROOT, sources
from web import parts, statics
from web.icons import NoSuchIcon, icon
from web.rendering import environment, page, policy, rendered

TEMPLATES = sources("web/templates/*.html")
AWKWARD = "ทดสอบ <b>&\"'"
INLINE = re.compile(r"(?i)<[^>]*\s(?:style|on\w+)\s*=(?!=)|<style\b|<script\b(?![^>]*\ssrc=)|javascript:")


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(statics.blueprint())
    app.register_blueprint(parts.blueprint())
    return app.test_client()


class Outline(HTMLParser):
    """What has to hold of every page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.texts: dict[str, str] = {"title": "", "h1": ""}
        self.points_at: set[str] = set()
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self._open = tag if tag in self.texts else self._open
        self.ids += [given["id"] or ""] if "id" in given else []
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.points_at |= set((given.get(name) or "").split())

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open] += data


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/dev/parts", "/dev/parts/home"])
def test_a_page_is_well_built(client: FlaskClient, path: str, language: str) -> None:
    answer = client.get(path, query_string={"in": language})
    outline = Outline(answer.text)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert outline.tags.count("h1") == outline.tags.count("main") == 1
    assert outline.texts["h1"]
    assert outline.texts["title"].startswith(outline.texts["h1"])
    assert sorted(set(outline.ids)) == sorted(outline.ids)
    assert outline.points_at <= set(outline.ids)
    assert INLINE.findall(answer.text) == []
    for linked in re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text):
        assert client.get(linked).status_code == 200


def test_the_policy_goes_out_with_every_page(client: FlaskClient) -> None:
    headers = client.get("/dev/parts").headers
    assert headers["Content-Security-Policy"] == policy()
    assert "unsafe" not in policy()
    assert policy().startswith("default-src 'none'; ")
    assert policy().endswith("frame-ancestors 'none'")
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    lent = page("", framed_by=["https://a.example"], scripts=["https://b.example"], calls=["https://c.example"])
    allowed = lent.headers["Content-Security-Policy"]
    assert "script-src 'self' https://b.example;" in allowed
    assert "connect-src 'self' https://c.example;" in allowed
    assert allowed.endswith("frame-ancestors https://a.example")


def test_no_template_has_a_script_or_a_style_in_it() -> None:
    assert TEMPLATES
    assert {path: INLINE.findall(text) for path, text in TEMPLATES.items() if INLINE.search(text)} == {}
    for wrong in ('<p style="color:red">', "<a onclick='x()'>", "<script>x()</script>", '<a href="javascript:x()">'):
        assert INLINE.search(wrong)
    assert not INLINE.search('<script type="module" src="/static/portal.js"></script>')


def test_parts_are_imported_with_what_they_need() -> None:
    """Without `with context` a part that says a word of its own would not know the language."""
    for path, text in TEMPLATES.items():
        tree = Environment(autoescape=True).parse(text)
        imports: list[nodes.FromImport | nodes.Import] = list(tree.find_all(nodes.FromImport))
        imports += tree.find_all(nodes.Import)
        assert [f"{path}:{one.lineno}" for one in imports if not one.with_context] == []


def test_every_part_is_shown() -> None:
    def macros(text: str) -> set[str]:
        return {one.name for one in Environment(autoescape=True).parse(text).find_all(nodes.Macro)}

    within = {"about", "bar", "described"}  # what parts of one file share
    made = set().union(*(macros(text) for path, text in TEMPLATES.items() if "/parts/" in path)) - within
    called = {
        call.node.name
        for path, text in TEMPLATES.items()
        if "/dev/" in path
        for call in Environment(autoescape=True).parse(text).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name)
    }
    assert "tier_card" in made
    assert made - called == set()


def test_every_icon_that_is_named_is_there() -> None:
    named = {name for text in TEMPLATES.values() for name in re.findall(r'(?:icon|drawing)\("([\w-]+)"\)', text)}
    named |= {name for text in TEMPLATES.values() for name in re.findall(r'icon="([\w-]+)"', text)}
    assert "chevron-right" in named
    assert all(icon(name) for name in named)
    with pytest.raises(NoSuchIcon):
        icon("no-such-icon")


def test_an_icon_is_only_a_drawing() -> None:
    drawn = icon("gift")
    assert drawn.startswith('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><')
    assert not INLINE.search(drawn)
    assert "xmlns" not in drawn


def test_what_is_handed_in_is_text(client: FlaskClient) -> None:
    template = (
        '{% from "parts/content.html" import badge, row with context %}'
        '{% from "parts/forms.html" import field with context %}'
        "{{ row(x, x, x, x, badge=badge(x)) }}{{ field('a', x, x, hint=x, error=x, placeholder=x) }}"
    )
    shown = environment().from_string(template).render(t=Language("th"), x=AWKWARD)
    assert "<b>" not in shown
    assert shown.count("&lt;b&gt;") == 10


def test_what_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        rendered("base.html", Language("th"), clinic="Aura", brand="#8E5A6D")


@pytest.mark.parametrize("color", ["red", "FFF", "%3Cb%3E"])
def test_a_wrong_colour_is_refused(client: FlaskClient, color: str) -> None:
    assert client.get(f"/dev/parts?color={color}").status_code == 400


def test_production_has_no_such_page(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    live = make_app(settings.model_copy(update={"app_env": "production"})).test_client()
    here = make_app(settings).test_client()
    assert (here.get("/dev/parts").status_code, live.get("/dev/parts").status_code) == (200, 404)
    assert live.get(statics.address("aura.css")).status_code == 200


def test_the_templates_are_those_that_are_tracked() -> None:
    assert {str((ROOT / "web/templates" / name).relative_to(ROOT)) for name in environment().list_templates()} == set(
        TEMPLATES
    )
