// Template messages: buttons, confirm, carousel, image carousel.

import { el } from "./dom.js";
import { slider } from "./flex.js";
import { picture } from "./flex_parts.js";
import { actionable } from "./flex_tap.js";
import { colour } from "./flex_scale.js";
import { t } from "./i18n.js";

const DRAW = { buttons, confirm, carousel, image_carousel: imageCarousel };

/** The element, or null for a template of a kind that LINE has not documented. */
export function renderTemplate(template, ctx) {
  return Object.hasOwn(DRAW, template?.type ?? "") ? DRAW[template.type](template, ctx) : null;
}

function actionRow(action, ctx) {
  return actionable(el("button", { type: "button", class: "tpl-action", text: action.label ?? "" }), action, ctx);
}

function card(column, shape, ctx) {
  const node = el("div", { class: "tpl" });
  if (column.thumbnailImageUrl) {
    const frame = el("div", { class: "tpl-picture" }, picture(column.thumbnailImageUrl, shape.imageSize !== "contain"));
    frame.style.aspectRatio = shape.imageAspectRatio === "square" ? "1 / 1" : "1.51 / 1";
    const background = colour(column.imageBackgroundColor);
    if (background) frame.style.backgroundColor = background;
    node.append(actionable(frame, column.defaultAction, ctx));
  }
  const words = el("div", { class: "tpl-words" });
  if (column.title) words.append(el("strong", { text: column.title }));
  words.append(el("p", { text: column.text ?? "" }));
  node.append(column.thumbnailImageUrl ? words : actionable(words, column.defaultAction, ctx));
  node.append(el("div", { class: "tpl-actions" }, ...(column.actions ?? []).map((action) => actionRow(action, ctx))));
  return node;
}

function buttons(template, ctx) {
  return card(template, template, ctx);
}

function confirm(template, ctx) {
  const node = card(template, template, ctx);
  node.classList.add("tpl-confirm");
  return node;
}

function carousel(template, ctx) {
  const row = el("div", { class: "fx-carousel", tabindex: "0", role: "group" });
  for (const column of template.columns ?? []) row.append(card(column, template, ctx));
  return slider(row, { back: t("back"), forth: t("forth") });
}

function imageCarousel(template, ctx) {
  const row = el("div", { class: "fx-carousel", tabindex: "0", role: "group" });
  for (const column of template.columns ?? []) {
    const frame = el("div", { class: "tpl tpl-square" }, picture(column.imageUrl, true));
    if (column.action?.label) frame.append(el("span", { class: "tpl-caption", text: column.action.label }));
    row.append(actionable(frame, column.action, ctx));
  }
  return slider(row, { back: t("back"), forth: t("forth") });
}
