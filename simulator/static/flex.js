// Draws a Flex Message as LINE documents it: a bubble of blocks, or a carousel of bubbles.

import { renderBox } from "./flex_box.js";
import { renderPart, unknown } from "./flex_parts.js";
import { BUBBLE, colour } from "./flex_scale.js";
import { actionable } from "./flex_tap.js";
import { dragScroll, el, iconButton } from "./dom.js";

const BLOCKS = ["header", "hero", "body", "footer"];

/**
 * The element for `contents` (a bubble or a carousel, LINE's JSON as it came).
 * `onAction(action, node)` is called for every tap; `labels` names the arrows of a carousel.
 */
export function renderFlex(contents, { onAction, labels = {} } = {}) {
  const ctx = { onAction };
  if (contents?.type === "bubble") return renderBubble(contents, ctx);
  if (contents?.type === "carousel") return renderCarousel(contents, ctx, labels);
  return unknown(contents);
}

function renderBubble(bubble, ctx) {
  const size = Object.hasOwn(BUBBLE, bubble.size ?? "") ? bubble.size : "mega";
  const node = el("div", { class: `fx-bubble fx-size-${size}`, testid: "flex-bubble", dir: bubble.direction === "rtl" ? "rtl" : "ltr" });
  node.style.width = `${BUBBLE[size]}px`;
  const present = BLOCKS.filter((name) => bubble[name]);
  for (const name of present) {
    const block = el("div", { class: `fx-block fx-${name}` });
    if (name === "body" && bubble.footer) block.classList.add("fx-before-footer");
    const look = bubble.styles?.[name];
    const background = colour(look?.backgroundColor);
    if (background) block.style.backgroundColor = background;
    if (look?.separator === true && name !== present[0]) {
      const line = el("div", { class: "fx-separator", role: "separator" });
      const ink = colour(look.separatorColor);
      if (ink) line.style.backgroundColor = ink;
      node.append(line);
    }
    const spec = bubble[name];
    block.append(spec.type === "box" ? renderBox(spec, ctx) : renderPart(spec, ctx, "vertical"));
    node.append(block);
  }
  return actionable(node, bubble.action, ctx);
}

function renderCarousel(carousel, ctx, labels) {
  const bubbles = Array.isArray(carousel.contents) ? carousel.contents : [];
  const row = el("div", { class: "fx-carousel", testid: "flex-carousel", tabindex: "0", role: "group" });
  for (const bubble of bubbles) row.append(bubble?.type === "bubble" ? renderBubble(bubble, ctx) : unknown(bubble));
  return slider(row, labels);
}

/** A row that slides, with arrows for those who have a mouse and no finger on the glass. */
export function slider(row, labels = {}) {
  const frame = el("div", { class: "slider" }, dragScroll(row));
  const back = iconButton("left", labels.back ?? "‹", () => slide(-1), { class: "slider-arrow slider-back" });
  const forth = iconButton("right", labels.forth ?? "›", () => slide(1), { class: "slider-arrow slider-forth" });
  const slide = (side) => row.scrollBy({ left: side * Math.max(row.clientWidth * 0.8, 120), behavior: "smooth" });
  const edges = () => {
    back.hidden = row.scrollLeft < 4;
    forth.hidden = row.scrollLeft + row.clientWidth > row.scrollWidth - 4;
  };
  row.addEventListener("scroll", edges, { passive: true });
  new ResizeObserver(edges).observe(row);
  frame.append(back, forth);
  return frame;
}
