// What the booking desk and the booking page both ask: who, what for, on which day, at what time.

import { el } from "./dom.js";
import { language, t } from "./i18n.js";
import { dayKey, dayOf } from "./when.js";

const DAY = 86_400_000;

const DAYS = 31;
const HOURS = Array.from({ length: 22 }, (_, half) => `${String(9 + Math.floor(half / 2)).padStart(2, "0")}:${half % 2 ? "30" : "00"}`);

/** What a form begins with: tomorrow at two, by the clinic's clock. */
export const blank = (now, name = "") => ({ name, phone: "", email: "", service: null, day: dayKey(now + DAY), hour: "14:00" });

/** The moment in the clinic's zone; Thailand keeps no summer time. */
export const chosen = ({ day, hour }) => `${day}T${hour}:00+07:00`;

export const serviceName = (services, code) => services.find((one) => one.code === code)?.names[language()] ?? code;

/** A text field that writes what is typed into `typed[name]`. */
export function textField(prefix, typed, name, key, more = {}) {
  const field = el("input", {
    class: "field", id: `${prefix}-${name}`, testid: `${prefix}-${name}`, type: "text", maxlength: "100", value: typed[name], ...more,
    oninput: () => { typed[name] = field.value; },
  });
  return labelled(key, field);
}

export function serviceField(prefix, typed, services) {
  typed.service ??= services[0].code;
  return chosenOf(prefix, "service", "bookingService", services.map((one) => [one.code, one.names[language()]]), typed.service, (code) => { typed.service = code; });
}

/** A day of the coming month and half an hour of it; and what stands there already. */
export function dayAndHour(prefix, typed, now) {
  const days = Array.from({ length: DAYS }, (_, n) => dayKey(now + n * DAY));
  const hours = HOURS.includes(typed.hour) ? HOURS : [typed.hour, ...HOURS];
  if (!days.includes(typed.day)) days.unshift(typed.day);
  return [
    chosenOf(prefix, "day", "bookingDay", days.map((day) => [day, dayOf(Date.parse(`${day}T12:00:00+07:00`), now)]), typed.day, (day) => { typed.day = day; }),
    chosenOf(prefix, "hour", "bookingHour", hours.map((hour) => [hour, hour]), typed.hour, (hour) => { typed.hour = hour; }),
  ];
}

export function chosenOf(prefix, name, key, pairs, value, onchange) {
  const field = el("select", { class: "field", id: `${prefix}-${name}`, testid: `${prefix}-${name}`, onchange: () => onchange(field.value) },
    ...pairs.map(([code, text]) => el("option", { value: code, text })));
  field.value = value;
  return labelled(key, field);
}

function labelled(key, field) {
  return el("label", { class: "labelled", for: field.id }, el("span", { text: t(key) }), field);
}
