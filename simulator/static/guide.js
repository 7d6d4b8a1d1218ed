// Three lines for the first visit, in both languages at once: the visitor has not chosen one yet.

import { el } from "./dom.js";
import { GUIDE, t } from "./i18n.js";

const KEPT = "simulator.guide";

/**
 * Shows the guide in `root`, its place on the desk; on a narrow screen above `chat` instead. The function that it returns
 * folds it to its name: whoever has begun needs the room.
 */
export function mountGuide(root, chat) {
  const kept = localStorage.getItem(KEPT);
  if (kept === "seen") return () => {};
  const lines = GUIDE.map(([thai, english]) => el("li", {}, el("span", { lang: "th", text: thai }), el("small", { lang: "en", text: english })));
  const done = el("button", {
    type: "button", class: "solid", testid: "guide-done", "data-t": "gotIt", text: t("gotIt"),
    onclick: () => {
      localStorage.setItem(KEPT, "seen");
      root.hidden = true;
    },
  });
  const folding = el("details", { open: kept !== "folded" },
    el("summary", {}, el("h2", { "data-t": "guide", text: t("guide") })), el("ol", {}, ...lines), done);
  root.replaceChildren(folding);
  root.hidden = false;
  // On a phone the desk is behind a button; whoever is here for the first time must not have to find it first.
  const narrow = matchMedia("(max-width: 899px)");
  const home = root.parentElement;
  const before = root.nextElementSibling;
  const settle = () => (narrow.matches ? chat.before(root) : home.insertBefore(root, before));
  narrow.addEventListener("change", settle);
  settle();
  return () => {
    if (localStorage.getItem(KEPT) !== null) return;
    localStorage.setItem(KEPT, "folded");
    folding.open = false;
  };
}
