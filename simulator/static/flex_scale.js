// Sizes as LINE's own clients draw them. The API reference names the keywords, the Flex simulator their pixels.

export const SPACE = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 };
export const RADIUS = SPACE;
export const BORDER = { none: 0, light: 0.5, normal: 1, medium: 2, "semi-bold": 3, bold: 4 };
export const TEXT = {
  xxs: 11, xs: 13, sm: 14, md: 16, lg: 19, xl: 22, xxl: 29, "3xl": 35, "4xl": 48, "5xl": 74,
};
export const IMAGE = {
  xxs: 40, xs: 60, sm: 80, md: 100, lg: 120, xl: 140, xxl: 160, "3xl": 180, "4xl": 200, "5xl": 220,
};
export const BUBBLE = { nano: 120, micro: 160, deca: 220, hecto: 241, kilo: 260, mega: 300, giga: 500 };

const MEASURE = /^\d+(\.\d+)?(px|%)$/;
const SIGNED_MEASURE = /^-?\d+(\.\d+)?(px|%)$/;
const COLOUR = /^#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

/** Keyword, pixels or percentage to a CSS length; null when LINE would not accept it either. */
export function length(value, table, signed = false) {
  if (typeof value !== "string") return null;
  if (Object.hasOwn(table, value)) return `${table[value]}px`;
  return (signed ? SIGNED_MEASURE : MEASURE).test(value) ? value : null;
}

/** A colour only in the hexadecimal forms that LINE documents, so no other CSS can enter through it. */
export function colour(value) {
  return typeof value === "string" && COLOUR.test(value) ? value : null;
}

/** "20:13" to the CSS ratio; LINE's default is a square and its limit is three times as high as wide. */
export function ratio(value) {
  const parts = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(value ?? "");
  if (!parts || Number(parts[1]) === 0 || Number(parts[2]) === 0) return "1 / 1";
  return `${parts[1]} / ${Math.min(Number(parts[2]), 3 * Number(parts[1]))}`;
}

/** Pictures come over https; plain http only from this very machine, because there is no certificate for it. */
export function pictureAllowed(url) {
  if (typeof url !== "string") return false;
  if (url.startsWith("data:image/")) return true;
  let parsed;
  try {
    parsed = new URL(url, document.baseURI);
  } catch {
    return false;
  }
  if (parsed.protocol === "https:") return true;
  return parsed.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname);
}
