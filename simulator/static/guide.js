// Three lines for the first visit, in both languages at once: the visitor has not chosen one yet.

import { el } from "./dom.js";
import { GUIDE, t } from "./i18n.js";

const SEEN = "simulator.guide";

export function mountGuide(root) {
  if (localStorage.getItem(SEEN) === "seen") return;
  const lines = GUIDE.map(([thai, english]) => el("li", {}, el("span", { lang: "th", text: thai }), el("small", { lang: "en", text: english })));
  const done = el("button", {
    type: "button", class: "solid", testid: "guide-done", "data-t": "gotIt", text: t("gotIt"),
    onclick: () => {
      localStorage.setItem(SEEN, "seen");
      root.hidden = true;
    },
  });
  root.replaceChildren(el("h2", { "data-t": "guide", text: t("guide") }), el("ol", {}, ...lines), done);
  root.hidden = false;
}
