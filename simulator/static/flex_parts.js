// What stands in a Flex box: text, button, image, icon, separator, filler, video; anything else as a labelled box.

import { IMAGE, SPACE, TEXT, colour, length, pictureAllowed, ratio } from "./flex_scale.js";
import { actionable } from "./flex_tap.js";
import { el, jsonView } from "./dom.js";

const FACE = { start: "flex-start", center: "center", end: "flex-end", top: "flex-start", bottom: "flex-end" };
const DECORATION = { underline: "underline", "line-through": "line-through", none: "none" };

const PARTS = { text, button, image, icon, separator, filler, spacer, video };

export function renderPart(spec, ctx, layout) {
  const part = Object.hasOwn(PARTS, spec.type) ? PARTS[spec.type] : unknown;
  return part(spec, ctx, layout);
}

/** What this program cannot draw is never hidden: its name and its JSON stand in its place. */
export function unknown(spec) {
  return el(
    "div", { class: "fx-unknown", testid: "flex-unknown" },
    el("span", { class: "fx-unknown-name", text: String(spec?.type ?? "?") }), jsonView(spec),
  );
}

function type(style, spec) {
  const size = length(spec.size, TEXT);
  if (size !== null && size.endsWith("px")) style.fontSize = size;
  if (spec.weight === "bold") style.fontWeight = "700";
  if (spec.weight === "regular") style.fontWeight = "400";
  if (spec.style === "italic") style.fontStyle = "italic";
  if (spec.style === "normal") style.fontStyle = "normal";
  if (Object.hasOwn(DECORATION, spec.decoration ?? "")) style.textDecorationLine = DECORATION[spec.decoration];
  const ink = colour(spec.color);
  if (ink) style.color = ink;
}

function text(spec, ctx) {
  const node = el("div", { class: "fx-text" });
  const line = el("p");
  type(node.style, spec);
  if (spec.wrap === true) {
    node.classList.add("fx-wrap");
    if (Number.isInteger(spec.maxLines) && spec.maxLines > 0) {
      line.classList.add("fx-clamp");
      line.style.webkitLineClamp = String(spec.maxLines);
    }
    const between = /^\d+(\.\d+)?px$/.exec(spec.lineSpacing ?? "");
    if (between) line.style.setProperty("--between", between[0]);
  }
  if (Object.hasOwn(FACE, spec.align ?? "")) line.style.textAlign = spec.align;
  if (Object.hasOwn(FACE, spec.gravity ?? "")) node.style.justifyContent = FACE[spec.gravity];
  if (Array.isArray(spec.contents) && spec.contents.length > 0) {
    for (const span of spec.contents) {
      if (span?.type !== "span") {
        line.append(unknown(span));
        continue;
      }
      const piece = el("span", { class: "fx-span", text: span.text ?? "" });
      type(piece.style, span);
      line.append(piece);
    }
  } else {
    line.textContent = spec.text ?? "";
  }
  node.append(line);
  if (spec.adjustMode === "shrink-to-fit") shrink(line);
  return actionable(node, spec.action, ctx);
}

function button(spec, ctx) {
  const style = ["primary", "secondary"].includes(spec.style) ? spec.style : "link";
  const node = el("div", { class: "fx-button-place" });
  const label = el("span", { class: "fx-button-label", text: spec.action?.label ?? "" });
  const face = el(
    "button", { type: "button", class: `fx-button fx-${style} fx-height-${spec.height === "sm" ? "sm" : "md"}` }, label,
  );
  const ink = colour(spec.color);
  if (ink) face.style[style === "link" ? "color" : "backgroundColor"] = ink;
  if (Object.hasOwn(FACE, spec.gravity ?? "")) node.style.justifyContent = FACE[spec.gravity];
  if (spec.adjustMode === "shrink-to-fit") shrink(label);
  node.append(actionable(face, spec.action, ctx));
  return node;
}

function image(spec, ctx) {
  const node = el("div", { class: "fx-image" });
  const frame = el("div", { class: "fx-picture" });
  const size = spec.size ?? "md";
  if (size === "full") node.classList.add("fx-full");
  frame.style.width = size === "full" ? "100%" : length(size, IMAGE) ?? `${IMAGE.md}px`;
  frame.style.aspectRatio = ratio(spec.aspectRatio);
  const background = colour(spec.backgroundColor);
  if (background) frame.style.backgroundColor = background;
  node.style.alignItems = FACE[spec.align] ?? "center";
  if (Object.hasOwn(FACE, spec.gravity ?? "")) node.style.justifyContent = FACE[spec.gravity];
  frame.append(picture(spec.url, spec.aspectMode === "cover"));
  node.append(frame);
  return actionable(node, spec.action, ctx);
}

/** An <img> that says what is missing when it cannot be fetched. */
export function picture(url, cover, alt = "") {
  if (!pictureAllowed(url)) return el("span", { class: "fx-missing", text: String(url ?? "") });
  const drawing = el("img", { src: url, alt, loading: "lazy", draggable: "false", class: cover ? "fx-cover" : "fx-fit" });
  drawing.addEventListener("error", () => {
    drawing.replaceWith(el("span", { class: "fx-missing", text: url.startsWith("data:") ? "data:" : url }));
  });
  return drawing;
}

function icon(spec) {
  const node = el("div", { class: "fx-icon" });
  const size = length(spec.size, TEXT);
  node.style.fontSize = size !== null && size.endsWith("px") ? size : `${TEXT.md}px`;
  const [width, height] = ratio(spec.aspectRatio).split(" / ").map(Number);
  const frame = el("span", {}, picture(spec.url, false));
  frame.style.width = `${width / height}em`;
  node.append(frame);
  return node;
}

function separator(spec) {
  const node = el("div", { class: "fx-separator", role: "separator" });
  const ink = colour(spec.color);
  if (ink) node.style.backgroundColor = ink;
  return node;
}

function filler() {
  return el("div", { class: "fx-filler" });
}

function spacer(spec) {
  const node = el("div", { class: "fx-filler" });
  const size = length(spec.size ?? "md", SPACE);
  if (size !== null) Object.assign(node.style, { width: size, height: size });
  return node;
}

function video(spec, ctx) {
  const node = el("div", { class: "fx-image fx-full fx-video" });
  const frame = el("div", { class: "fx-picture" }, picture(spec.previewUrl, true), el("span", { class: "fx-play", text: "▶" }));
  frame.style.width = "100%";
  frame.style.aspectRatio = ratio(spec.aspectRatio);
  node.append(frame);
  return actionable(node, spec.action, ctx);
}

/** adjustMode: the letters get smaller until the line fits. Measured once the line is on the page. */
function shrink(line) {
  line.classList.add("fx-shrink");
  const watch = new ResizeObserver(() => {
    if (!line.isConnected || line.clientWidth === 0) return;
    line.style.fontSize = "";
    const natural = Number.parseFloat(getComputedStyle(line).fontSize);
    const fit = line.clientWidth / line.scrollWidth;
    if (fit < 1) line.style.fontSize = `${Math.floor(natural * fit * 10) / 10}px`;
  });
  watch.observe(line);
}
