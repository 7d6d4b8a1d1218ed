// What slides up over the phone: sheets, menus, short notices.

import { el, iconButton } from "./dom.js";
import { t } from "./i18n.js";

let root = null;
let toasts = null;
let open = null;

export function mountSheets(sheetRoot, toastRoot) {
  root = sheetRoot;
  toasts = toastRoot;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopImmediatePropagation();
    closeSheet();
  }, true);
}

export const sheetOpen = () => open !== null;

export function closeSheet() {
  if (!open) return;
  const { back, others } = open;
  open = null;
  for (const other of others) other.inert = false;
  root.replaceChildren();
  root.hidden = true;
  back?.focus?.({ preventScroll: true });
}

/** A dialog over the phone. The keyboard stays inside it; Escape, the veil and the cross close it. */
export function showSheet(title, ...content) {
  closeSheet();
  const heading = el("h2", { class: "sheet-title", id: "sheet-title", text: title });
  const sheet = el(
    "div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-labelledby": "sheet-title", testid: "sheet" },
    el("header", { class: "sheet-head" }, heading, iconButton("close", t("close"), closeSheet)),
    el("div", { class: "sheet-body" }, ...content),
  );
  const others = [...root.parentElement.children].filter((node) => node !== root && node !== toasts);
  open = { back: document.activeElement, others };
  for (const other of others) other.inert = true;
  root.replaceChildren(el("div", { class: "veil", onclick: closeSheet }), sheet);
  root.hidden = false;
  const target = sheet.querySelector("[data-focus]") ?? sheet.querySelector(".sheet-body button, .sheet-body input, .sheet-body a") ??
    sheet.querySelector("button");
  target.focus({ preventScroll: true });
  return sheet;
}

/** A sheet of choices: [[label, run, {danger, icon}]...]. */
export function showChoices(title, choices, ...above) {
  const rows = choices.map(([label, run, look = {}]) => el("button", {
    type: "button", class: `choice${look.danger ? " danger" : ""}`, testid: look.testid,
    onclick: () => {
      closeSheet();
      run();
    },
  }, look.mark ?? null, el("span", { text: label })));
  return showSheet(title, ...above, el("div", { class: "choices" }, ...rows));
}

export function toast(message) {
  const note = el("div", { class: "toast", text: message });
  toasts.replaceChildren(note);
  setTimeout(() => note.remove(), 3500);
}
