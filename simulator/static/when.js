// Dates and times as the phone shows them. The clinic lives in Bangkok, wherever the computer is.

import { language, t } from "./i18n.js";

const ZONE = "Asia/Bangkok";
const DAY = 86_400_000;

const format = (options) => new Intl.DateTimeFormat(
  language() === "th" ? "th-TH-u-ca-buddhist" : "en-GB", { timeZone: ZONE, ...options },
);

/** Seconds, milliseconds or ISO 8601 to milliseconds. */
export function moment(value) {
  if (typeof value === "number") return value < 1e12 ? value * 1000 : value;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? 0 : parsed;
}

export const timeOf = (ms) => format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
export const secondsOf = (ms) => format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(ms);
export const dayKey = (ms) => new Intl.DateTimeFormat("en-CA", { timeZone: ZONE }).format(ms);

/** "จ. 23 พ.ย." for this year, with the year otherwise. */
export function dayOf(ms, now) {
  if (dayKey(ms) === dayKey(now)) return t("today");
  const sameYear = dayKey(ms).slice(0, 4) === dayKey(now).slice(0, 4);
  if (sameYear) return format({ weekday: "short", day: "numeric", month: "short" }).format(ms);
  return `${format({ day: "numeric", month: "short" }).format(ms)} ${yearOf(ms)}`;
}

export function longDate(ms) {
  return `${format({ weekday: "long", day: "numeric", month: "long" }).format(ms)} ${yearOf(ms)}`;
}

function yearOf(ms) {
  const year = Number(dayKey(ms).slice(0, 4));
  return String(language() === "th" ? year + 543 : year);
}

/** Ten o'clock tomorrow in Bangkok, as ISO 8601. Thailand keeps no summer time, so the offset is a constant. */
export function tomorrowAtTen(now) {
  return `${dayKey(now + DAY)}T10:00:00+07:00`;
}

/** "3 d 4 h": a span for people, two units at most. */
export function span(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const parts = [["days", Math.floor(minutes / 1440)], ["hours", Math.floor(minutes / 60) % 24], ["minutes", minutes % 60]];
  return parts.filter(([, n]) => n > 0).slice(0, 2).map(([unit, n]) => t(unit, { n })).join(" ");
}

const SOON = 60_000;

/** How far away a moment is: "in 3 d 4 h", "2 h ago". */
export function away(ms, now) {
  if (Math.abs(ms - now) < SOON) return t("soon");
  return t(ms > now ? "inSpan" : "agoSpan", { text: span((ms - now) / 1000) });
}
