// Where things stand inside a Flex Message: boxes, and the place each component takes in its box.

import { RADIUS, SPACE, BORDER, colour, length } from "./flex_scale.js";
import { renderPart } from "./flex_parts.js";
import { actionable } from "./flex_tap.js";

const JUSTIFY = new Set(["center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly"]);
const ALIGN = new Set(["center", "flex-start", "flex-end"]);
const ACROSS = new Set(["horizontal", "baseline"]);

/** A box component. `ctx.onAction(action, node)` hears every tap inside it. */
export function renderBox(spec, ctx) {
  const layout = ["horizontal", "vertical", "baseline"].includes(spec.layout) ? spec.layout : "vertical";
  const node = document.createElement("div");
  node.className = `fx-box fx-${layout}`;
  paint(node, spec);
  pad(node, spec);
  if (JUSTIFY.has(spec.justifyContent)) node.style.justifyContent = spec.justifyContent;
  if (ALIGN.has(spec.alignItems)) node.style.alignItems = spec.alignItems;
  const contents = Array.isArray(spec.contents) ? spec.contents : [];
  let first = true;
  for (const child of contents) {
    if (child === null || typeof child !== "object") continue;
    const element = child.type === "box" ? renderBox(child, ctx) : renderPart(child, ctx, layout);
    place(element, child, layout, first ? null : spec.spacing);
    if (child.position !== "absolute") first = false;
    node.append(element);
  }
  return actionable(node, spec.action, ctx);
}

/** Size and position of `element` in a box of `layout`; `spacing` is the box's own, which a margin replaces. */
export function place(element, spec, layout, spacing) {
  const style = element.style;
  const across = ACROSS.has(layout);
  const separator = spec.type === "separator";
  const filler = spec.type === "filler" || spec.type === "spacer";
  const fixed = across ? spec.width : spec.height;
  const share = flexShare(spec, across, fixed);
  if (separator || share === 0) style.flex = "none";
  else style.flex = across ? `${share} 0 0px` : `${share} 0 auto`;
  if (across && share === 0 && spec.type === "image" && spec.size === "full") style.width = "100%";
  const before = length(spec.margin, SPACE) ?? (filler ? null : length(spacing, SPACE));
  if (before !== null) style[across ? "marginInlineStart" : "marginBlockStart"] = before;
  if (spec.position === "absolute") {
    style.position = "absolute";
    style.margin = "0";
  }
  for (const [property, key] of [
    ["top", "offsetTop"], ["bottom", "offsetBottom"], ["insetInlineStart", "offsetStart"], ["insetInlineEnd", "offsetEnd"],
  ]) {
    const distance = length(spec[key], SPACE, true);
    if (distance !== null) style[property] = distance;
  }
}

/** In a row everything shares the width (1 unless said otherwise); in a column nothing grows unless it is asked to. */
function flexShare(spec, across, fixed) {
  if (Number.isInteger(spec.flex) && spec.flex >= 0) return spec.flex;
  if (spec.type === "filler") return 1;
  if (spec.type === "icon" || (spec.type === "box" && length(fixed, {}) !== null)) return 0;
  return across ? 1 : 0;
}

function paint(node, spec) {
  const style = node.style;
  const background = colour(spec.backgroundColor);
  if (background) style.backgroundColor = background;
  const gradient = gradientOf(spec.background);
  if (gradient) style.backgroundImage = gradient;
  const border = length(spec.borderWidth, BORDER);
  if (border !== null) {
    style.borderWidth = border;
    style.borderStyle = "solid";
    style.borderColor = colour(spec.borderColor) ?? "#000000";
  } else if (colour(spec.borderColor)) {
    style.border = `1px solid ${colour(spec.borderColor)}`;
  }
  const radius = length(spec.cornerRadius, RADIUS);
  if (radius !== null) style.borderRadius = radius;
  for (const key of ["width", "maxWidth", "height", "maxHeight"]) {
    const size = length(spec[key], {});
    if (size !== null) style[key] = size;
  }
}

function pad(node, spec) {
  const all = length(spec.paddingAll, SPACE);
  if (all !== null) node.style.padding = all;
  for (const [property, key] of [
    ["paddingBlockStart", "paddingTop"], ["paddingBlockEnd", "paddingBottom"],
    ["paddingInlineStart", "paddingStart"], ["paddingInlineEnd", "paddingEnd"],
  ]) {
    const size = length(spec[key], SPACE);
    if (size !== null) node.style[property] = size;
  }
}

function gradientOf(background) {
  if (background?.type !== "linearGradient") return null;
  const start = colour(background.startColor);
  const end = colour(background.endColor);
  const angle = /^-?\d+(\.\d+)?deg$/.test(background.angle ?? "") ? background.angle : "0deg";
  if (!start || !end) return null;
  const centre = colour(background.centerColor);
  const at = /^\d+(\.\d+)?%$/.test(background.centerPosition ?? "") ? background.centerPosition : "50%";
  return `linear-gradient(${angle}, ${start}, ${centre ? `${centre} ${at}, ` : ""}${end})`;
}
