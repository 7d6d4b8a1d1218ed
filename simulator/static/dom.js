// Building elements. Text is always a text node: nothing that came over the wire is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** el("button", {class, testid, aria-label, onclick, ...}, children...): null children and props are skipped. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name === "testid") node.dataset.testid = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Makes `wanted` the children of a node, in this order; one that stands in its place is not touched. */
export function inOrder(parent, wanted) {
  wanted.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  while (parent.children.length > wanted.length) parent.lastChild.remove();
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const PATHS = {
  send: ["M4 12 L20 4.5 L15.5 20 L11.5 13.5 Z", "M11.5 13.5 L20 4.5"],
  plus: ["M12 5 V19", "M5 12 H19"],
  face: ["M12 3.5 a8.5 8.5 0 1 0 .01 0 Z", "M9 10 v.6", "M15 10 v.6", "M8.5 14 q3.5 3.4 7 0"],
  image: ["M4 5.5 h16 v13 h-16 Z", "M4.5 16.5 l4.5-4.5 3.5 3.5 3-3 4 4", "M15.5 9 v.2"],
  pin: ["M12 21 s-6.5-6.2-6.5-11 a6.5 6.5 0 0 1 13 0 c0 4.8-6.5 11-6.5 11 Z", "M12 7.8 a2.2 2.2 0 1 0 .01 0 Z"],
  close: ["M6 6 L18 18", "M18 6 L6 18"],
  dots: ["M6 12 h.01", "M12 12 h.01", "M18 12 h.01"],
  drawer: ["M4.5 4.5 h15 v15 h-15 Z", "M14 4.5 V19.5"],
  down: ["M6 9.5 L12 15.5 L18 9.5"],
  left: ["M14.5 6 L8.5 12 L14.5 18"],
  right: ["M9.5 6 L15.5 12 L9.5 18"],
  check: ["M5 12.5 L10 17 L19 7.5"],
  clock: ["M12 3.5 a8.5 8.5 0 1 0 .01 0 Z", "M12 7.5 V12 L15 14"],
  block: ["M12 3.5 a8.5 8.5 0 1 0 .01 0 Z", "M6 6 L18 18"],
  menu: ["M4.5 7 H19.5", "M4.5 12 H19.5", "M4.5 17 H19.5"],
  play: ["M8 5.5 L18.5 12 L8 18.5 Z"],
  person: ["M12 4 a3.8 3.8 0 1 0 .01 0 Z", "M4.5 20 c.5-8 14.5-8 15 0"],
  group: ["M9 5.5 a3 3 0 1 0 .01 0 Z", "M3.5 19 c.3-6.5 10.7-6.5 11 0", "M16 6 a2.6 2.6 0 0 1 0 5.2", "M17 13.6 c2.2.5 3.4 2.3 3.5 5"],
  addPerson: ["M10 4 a3.8 3.8 0 1 0 .01 0 Z", "M3 20 c.5-7.5 13.5-7.5 14 0", "M19 7 v6", "M16 10 h6"],
  copy: ["M8.5 8.5 h10.5 v10.5 h-10.5 Z", "M15.5 8.5 V5 H5 V15.5 H8.5"],
  reply: ["M10 6.5 L4.5 12 L10 17.5", "M5 12 H14 a5.5 5.5 0 0 1 5.5 5.5 V19"],
  computer: ["M4 5 h16 v10.5 h-16 Z", "M9 19.5 H15", "M12 15.5 V19.5"],
  code: ["M9 7 L4 12 L9 17", "M15 7 L20 12 L15 17"],
};

/** A line icon from our own strokes; decorative, the button around it carries the name. */
export function icon(name, size = 22) {
  const drawing = svg("svg", {
    viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": name === "dots" ? "2.6" : "1.7", "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true", focusable: "false",
  });
  for (const path of PATHS[name]) drawing.append(svg("path", { d: path }));
  return drawing;
}

/** A round or square button whose only content is an icon. */
export function iconButton(name, label, onclick, extra = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...extra }, icon(name));
}

const HOLD = 450;

/** What a long press does on a phone, and the other mouse button at a computer. The tap that ends the press is none. */
export function onHold(node, run) {
  let timer = null;
  let held = false;
  const end = () => clearTimeout(timer);
  node.addEventListener("pointerdown", (event) => {
    held = false;
    if (event.pointerType !== "touch") return;
    timer = setTimeout(() => {
      held = true;
      run();
    }, HOLD);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) node.addEventListener(name, end, { passive: true });
  node.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    end();
    if (!held) run();
    held = true;
  });
  node.addEventListener("click", (event) => {
    if (!held) return;
    held = false;
    event.stopPropagation();
    event.preventDefault();
  }, true);
  return node;
}

/** Rows wider than the phone move by dragging with a mouse too, as a finger would move them. */
export function dragScroll(row) {
  let from = null;
  let moved = false;
  row.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    from = { x: event.clientX, left: row.scrollLeft };
    moved = false;
  });
  row.addEventListener("pointermove", (event) => {
    if (from === null || event.buttons === 0) return;
    if (Math.abs(event.clientX - from.x) > 5) moved = true;
    if (moved) row.scrollLeft = from.left - (event.clientX - from.x);
  });
  row.addEventListener("pointerup", () => { from = null; });
  row.addEventListener("pointerleave", () => { from = null; });
  row.addEventListener("click", (event) => {
    if (!moved) return;
    event.stopPropagation();
    event.preventDefault();
    moved = false;
  }, true);
  return row;
}

/** A wheel has one direction; over a row of one line it moves the row. */
export function wheelScroll(row) {
  row.addEventListener("wheel", (event) => {
    if (event.deltaX !== 0 || row.scrollWidth <= row.clientWidth) return;
    event.preventDefault();
    row.scrollLeft += event.deltaY;
  }, { passive: false });
  return row;
}

/** JSON as coloured lines, by text nodes only. */
export function jsonView(value) {
  const pre = el("pre", { class: "json", tabindex: "0" });
  const source = JSON.stringify(value, null, 2) ?? "null";
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let last = 0;
  for (const match of source.matchAll(token)) {
    pre.append(source.slice(last, match.index));
    const kind = match[2] ? "json-key" : match[1] ? "json-text" : match[3] ? "json-word" : "json-number";
    pre.append(el("span", { class: kind, text: match[1] ?? match[0] }), match[2] ?? "");
    last = match.index + match[0].length;
  }
  pre.append(source.slice(last));
  return pre;
}

// A finger's click comes a little after the finger has gone.
const CLICKED = 80;

/** `draw`, put off while something in `node` is pressed: what is replaced between press and release takes the click with it. */
export function unpressed(node, draw) {
  let pressed = false;
  let due = false;
  const release = () => {
    if (!pressed) return;
    setTimeout(() => {
      pressed = false;
      if (due) draw();
      due = false;
    }, CLICKED);
  };
  node.addEventListener("pointerdown", () => { pressed = true; }, { passive: true });
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, release, { passive: true });
  return () => {
    due = pressed;
    if (!pressed) draw();
  };
}
