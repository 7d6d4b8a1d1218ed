// Stickers. LINE's pictures are not ours and cannot be fetched here, so each id is drawn as a small face of our own.

import { el, svg } from "./dom.js";

// Ids of the sticker sets that LINE lists for Messaging API use; the moods are ours.
export const STICKERS = [
  ["446", "1988", "hello"], ["446", "1989", "laugh"], ["446", "1993", "thanks"], ["446", "2000", "cry"],
  ["789", "10855", "ok"], ["789", "10857", "love"], ["789", "10863", "sorry"], ["789", "10871", "wow"],
  ["11537", "52002734", "hello"], ["11537", "52002735", "ok"], ["11537", "52002736", "love"], ["11537", "52002739", "laugh"],
  ["11539", "52114110", "thanks"], ["11539", "52114116", "wow"], ["11539", "52114122", "sorry"], ["11539", "52114129", "sleep"],
];

const NAMES = {
  hello: "สวัสดี · hello", laugh: "ขำ · haha", thanks: "ขอบคุณ · thanks", cry: "เศร้า · sad", ok: "โอเค · OK",
  love: "รักเลย · love", sorry: "ขอโทษ · sorry", wow: "ว้าว · wow", sleep: "ง่วง · sleepy",
};
const COLOURS = ["#ffd66e", "#ffb9a8", "#a9dfbf", "#a9cdf2", "#d9c2f0", "#f7c6dd"];
const MOODS = Object.keys(NAMES);

const EYES = {
  open: [["circle", { cx: 36, cy: 45, r: 4.5 }], ["circle", { cx: 64, cy: 45, r: 4.5 }]],
  happy: [["path", { d: "M29 46 q7-10 14 0" }], ["path", { d: "M57 46 q7-10 14 0" }]],
  shut: [["path", { d: "M29 44 q7 7 14 0" }], ["path", { d: "M57 44 q7 7 14 0" }]],
  hearts: [["path", { d: "M36 52 l-8-8 q-1-8 8-3 q9-5 8 3 Z", fill: "#e2476b", stroke: "none" }],
    ["path", { d: "M64 52 l-8-8 q-1-8 8-3 q9-5 8 3 Z", fill: "#e2476b", stroke: "none" }]],
};
const FACES = {
  hello: [EYES.open, [["path", { d: "M36 60 q14 16 28 0 Z", fill: "#7a3b2e" }], ["path", { d: "M84 30 l8-8 M88 38 l10-3 M78 24 l3-10" }]]],
  laugh: [EYES.happy, [["path", { d: "M32 57 q18 26 36 0 Z", fill: "#7a3b2e" }]]],
  thanks: [EYES.happy, [["path", { d: "M40 62 q10 9 20 0" }], ["path", { d: "M50 96 l-11-11 q-2-10 11-4 q13-6 11 4 Z", fill: "#e2476b", stroke: "none" }]]],
  cry: [EYES.open, [["path", { d: "M38 69 q12-12 24 0" }], ["path", { d: "M33 54 q-6 10 0 12 q6-2 0-12 Z", fill: "#5aa9e6", stroke: "none" }]]],
  ok: [EYES.open, [["path", { d: "M38 61 q12 11 24 0" }], ["path", { d: "M70 80 l8 9 l16-20", stroke: "#169b4a", "stroke-width": 7 }]]],
  love: [EYES.hearts, [["path", { d: "M38 62 q12 12 24 0 Z", fill: "#7a3b2e" }]]],
  sorry: [EYES.shut, [["path", { d: "M42 67 q8-6 16 0" }], ["path", { d: "M80 24 q8 12 0 15 q-8-3 0-15 Z", fill: "#5aa9e6", stroke: "none" }]]],
  wow: [EYES.open, [["ellipse", { cx: 50, cy: 66, rx: 7, ry: 9, fill: "#7a3b2e" }], ["path", { d: "M30 33 q6-5 12-1 M58 32 q6-4 12 1" }]]],
  sleep: [EYES.shut, [["path", { d: "M44 65 q6 4 12 0" }], ["path", { d: "M74 18 h12 l-12 14 h12 M88 6 h8 l-8 9 h8" }]]],
};

function moodOf(packageId, stickerId) {
  const known = STICKERS.find(([pack, id]) => pack === packageId && id === stickerId);
  if (known) return known[2];
  return MOODS[[...`${packageId}${stickerId}`].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % MOODS.length];
}

export const stickerName = (packageId, stickerId) => NAMES[moodOf(packageId, stickerId)];

/** The tile of one sticker with its id below, so that a wrong id is seen at once. */
export function stickerTile(packageId, stickerId) {
  const mood = moodOf(packageId, stickerId);
  const ink = { fill: "none", stroke: "#3b2a22", "stroke-width": 4, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const drawing = svg("svg", { viewBox: "0 0 104 104", class: "sticker-face", role: "img", "aria-label": NAMES[mood] });
  drawing.append(svg("circle", { cx: 50, cy: 53, r: 39, fill: COLOURS[Number(packageId) % COLOURS.length] ?? COLOURS[0] }));
  for (const [shape, attributes] of FACES[mood].flat()) {
    const eye = shape === "circle" ? { fill: "#3b2a22", stroke: "none" } : {};
    drawing.append(svg(shape, { ...ink, ...eye, ...attributes }));
  }
  return el("span", { class: "sticker" }, drawing, el("small", { text: `${packageId} / ${stickerId}` }));
}
