// One message as the chat shows it. Every type that LINE has is drawn or stands as a labelled box; text is only text.

import { el, icon, jsonView } from "./dom.js";
import { renderFlex } from "./flex.js";
import { picture } from "./flex_parts.js";
import { t } from "./i18n.js";
import { stickerTile } from "./stickers.js";
import { renderTemplate } from "./templates.js";

const LINK = /https?:\/\/[^\s<>"'฿]+[^\s<>"'.,;:!?)\]}ๆฯ]|line:\/\/[^\s]+/g;

const DRAW = { text, textV2, sticker, image, video, audio, file, location, template, imagemap, coupon, flex, unsent };

/** The element for a message object; `ctx.onAction(action, node)` hears taps, `ctx.picture(message)` finds user pictures. */
export function renderMessage(message, ctx) {
  const draw = Object.hasOwn(DRAW, message?.type ?? "") ? DRAW[message.type] : unknown;
  return draw(message, ctx);
}

/** A message in a line: its words, else what kind of thing it is. */
export function summary(message) {
  return String(message?.text ?? message?.altText ?? t(message?.type === "sticker" ? "sticker" : message?.type ?? ""));
}

function unknown(message) {
  return el("div", { class: "unknown", testid: "unknown-message" }, el("strong", { text: String(message?.type ?? "?") }), jsonView(message));
}

function bubble(...children) {
  return el("div", { class: "bubble" }, ...children);
}

function linked(source, ctx) {
  const parts = [];
  let last = 0;
  for (const match of source.matchAll(LINK)) {
    parts.push(source.slice(last, match.index));
    parts.push(el("a", {
      href: match[0], rel: "noopener", text: match[0],
      onclick: (event) => {
        event.preventDefault();
        ctx.onAction?.({ type: "uri", uri: match[0] }, event.currentTarget);
      },
    }));
    last = match.index + match[0].length;
  }
  parts.push(source.slice(last));
  return parts;
}

function emoji(productId, emojiId) {
  return el("span", { class: "line-emoji", title: `${productId} / ${emojiId}`, role: "img", "aria-label": "LINE emoji", text: "☺" });
}

function text(message, ctx) {
  const source = String(message.text ?? "");
  const marks = (message.emojis ?? []).toSorted((a, b) => a.index - b.index);
  const parts = [];
  let last = 0;
  for (const mark of marks) {
    // A customer's emoji replaces the words it covers, a bot's replaces one "$" (both counted in UTF-16 as JavaScript does).
    parts.push(...linked(source.slice(last, mark.index), ctx), emoji(mark.productId, mark.emojiId));
    last = mark.index + (mark.length ?? 1);
  }
  parts.push(...linked(source.slice(last), ctx));
  return bubble(...parts);
}

function textV2(message, ctx) {
  const parts = [];
  for (const piece of String(message.text ?? "").split(/(\{\{|\}\}|\{[0-9A-Za-z_]{1,20}\})/)) {
    const put = message.substitution?.[piece.slice(1, -1)];
    if (piece === "{{" || piece === "}}") parts.push(piece[0]);
    else if (put?.type === "emoji") parts.push(emoji(put.productId, put.emojiId));
    else if (put?.type === "mention") parts.push(el("span", { class: "mention", text: `@${put.mentionee?.userId?.slice(0, 6) ?? "all"}` }));
    else parts.push(...linked(piece, ctx));
  }
  return bubble(...parts);
}

function sticker(message) {
  return stickerTile(String(message.packageId), String(message.stickerId));
}

function image(message, ctx) {
  const url = message.previewImageUrl ?? message.originalContentUrl ?? ctx.picture?.(message);
  const frame = el("button", {
    type: "button", class: "photo", "aria-label": t("image"),
    onclick: () => ctx.onAction?.({ type: "uri", uri: message.originalContentUrl ?? url }, frame),
  });
  if (url) frame.append(picture(url, true, t("image")));
  else frame.append(icon("image", 34));
  return frame;
}

function video(message, ctx) {
  const frame = image(message, ctx);
  frame.setAttribute("aria-label", t("video"));
  frame.append(el("span", { class: "fx-play" }, icon("play", 20)));
  return frame;
}

function audio(message) {
  const seconds = Math.round((message.duration ?? 0) / 1000);
  const length = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return el("div", { class: "bubble bubble-row" }, icon("play", 20), el("span", { text: `${t("audio")} ${length}` }));
}

function file(message) {
  return el("div", { class: "bubble bubble-row" }, icon("code", 20), el("span", { text: `${t("file")}: ${message.fileName ?? ""}` }));
}

function location(message) {
  const map = el("div", { class: "map" }, icon("pin", 34));
  const where = `${Number(message.latitude).toFixed(4)}, ${Number(message.longitude).toFixed(4)}`;
  return el(
    "div", { class: "place" }, map,
    el("div", { class: "place-words" }, el("strong", { text: message.title ?? t("location") }),
      el("span", { text: message.address ?? "" }), el("small", { text: where })),
  );
}

function template(message, ctx) {
  return renderTemplate(message.template, ctx) ?? unknown(message);
}

function flex(message, ctx) {
  const card = renderFlex(message.contents, { onAction: ctx.onAction, labels: { back: t("back"), forth: t("forth") } });
  return el("div", { class: "flex-message", role: "group", "aria-label": message.altText ?? "Flex" }, card);
}

function imagemap(message, ctx) {
  const { width = 1040, height = 1040 } = message.baseSize ?? {};
  const frame = el("div", { class: "imagemap" }, picture(`${message.baseUrl}/1040`, true, message.altText ?? ""));
  frame.style.aspectRatio = `${width} / ${height}`;
  for (const action of message.actions ?? []) {
    const { x, y, width: w, height: h } = action.area ?? {};
    const area = el("button", {
      type: "button", class: "hotspot", "aria-label": action.label ?? action.text ?? action.linkUri ?? action.type,
      onclick: () => ctx.onAction?.(action.type === "uri" ? { type: "uri", uri: action.linkUri } : action, area),
    });
    Object.assign(area.style, {
      left: `${(x / width) * 100}%`, top: `${(y / height) * 100}%`, width: `${(w / width) * 100}%`, height: `${(h / height) * 100}%`,
    });
    frame.append(area);
  }
  return frame;
}

function coupon(message) {
  return el("div", { class: "bubble bubble-row" }, el("strong", { text: t("coupon") }), el("span", { text: message.couponId }));
}

function unsent(message) {
  return el("div", { class: "system", text: message.text });
}
