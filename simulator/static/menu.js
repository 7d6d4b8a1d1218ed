// The rich menu: the picture that was uploaded, with its areas laid over it exactly where the bounds say.

import { el, icon } from "./dom.js";
import { t } from "./i18n.js";

export class RichMenu {
  constructor({ bar, button, buttonText, panel, hooks }) {
    Object.assign(this, { bar, button, buttonText, panel, hooks });
    this.open = false;
    this.drawn = null;
    button.append(icon("down", 18));
    button.addEventListener("click", () => this.toggle());
  }

  /** Shows `menu` (as the server describes it) or nothing. A menu marked "selected" opens by itself when it is new. */
  show(menu, whose) {
    this.bar.hidden = !menu;
    const key = menu ? JSON.stringify([menu, whose]) : null;
    if (key === this.drawn) return;
    const fresh = menu && this.identity !== `${whose} ${menu.id}`;
    const samePerson = this.whose === whose;
    this.drawn = key;
    this.whose = whose;
    this.identity = menu ? `${whose} ${menu.id}` : null;
    this.panel.replaceChildren();
    if (!menu) {
      this.toggle(false);
      return;
    }
    this.buttonText.textContent = menu.chatBarText || t("menu");
    this.panel.append(this.draw(menu));
    // A swap under the customer's finger (another tier, another language) leaves an open menu open.
    if (fresh && !(samePerson && this.open)) this.toggle(menu.selected === true);
    else this.toggle(this.open);
  }

  toggle(open = !this.open) {
    this.open = open && this.panel.childElementCount > 0;
    this.panel.hidden = !this.open;
    this.button.setAttribute("aria-expanded", String(this.open));
  }

  draw(menu) {
    const { width, height } = menu.size;
    const frame = el("div", { class: "rich-menu" });
    frame.style.aspectRatio = `${width} / ${height}`;
    if (menu.image_url) {
      frame.append(el("img", { src: menu.image_url, alt: menu.name ?? t("menu"), testid: "rich-menu-image", draggable: "false" }));
    }
    menu.areas.forEach((area, index) => {
      const { x, y, width: w, height: h } = area.bounds;
      const name = area.action.label || area.action.displayText || area.action.text || area.action.uri || t("menuArea", { n: index + 1 });
      const spot = el("button", {
        type: "button", class: "hotspot", testid: "rich-menu-area", "data-index": index, "data-action": area.action.type,
        "aria-label": name, title: name, onclick: () => this.hooks.onAction(area.action, spot),
      });
      Object.assign(spot.style, {
        left: `${(x / width) * 100}%`, top: `${(y / height) * 100}%`,
        width: `${(w / width) * 100}%`, height: `${(h / height) * 100}%`,
      });
      frame.append(spot);
    });
    return frame;
  }
}
