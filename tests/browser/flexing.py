"""Drawing a Flex Message on an empty page and measuring it there."""

from typing import Any

from playwright.sync_api import Page

Spec = dict[str, Any]
DRAW = """async ({contents, width}) => {
  const { renderFlex } = await import("/static/flex.js");
  const root = document.getElementById("root");
  root.style.width = width + "px";
  window.heard = [];
  root.replaceChildren(renderFlex(contents, { onAction: (action) => window.heard.push(action) }));
  await document.fonts.ready;
}"""


class Flex:
    """Draws messages and measures what stands on the page, in CSS pixels."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def draw(self, contents: Spec, width: int = 340) -> None:
        self.page.evaluate(DRAW, {"contents": contents, "width": width})

    def box(self, selector: str, index: int = 0) -> dict[str, float]:
        found = self.page.locator(f"#root {selector}").nth(index).bounding_box()
        assert found is not None
        return {name: float(found[name]) for name in ("x", "y", "width", "height")}

    def style(self, selector: str, name: str, index: int = 0) -> str:
        place = self.page.locator(f"#root {selector}").nth(index)
        return str(place.evaluate("(node, name) => getComputedStyle(node)[name]", name))

    @property
    def heard(self) -> list[Spec]:
        return list(self.page.evaluate("window.heard"))


def text(words: str = "x", **more: Any) -> Spec:
    return {"type": "text", "text": words, **more}


def box(layout: str, *contents: Spec, **more: Any) -> Spec:
    return {"type": "box", "layout": layout, "contents": list(contents), **more}


def bubble(*body: Spec, layout: str = "vertical", **more: Any) -> Spec:
    """A bubble whose body has no padding, so that the figures in a test are the figures on the page."""
    return {"type": "bubble", "body": box(layout, *body, paddingAll="0px"), **more}
