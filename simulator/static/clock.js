// The clinic's clock: what it shows, and the buttons that move it.

import { api } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { longDate, moment, secondsOf, span, timeOf, tomorrowAtTen } from "./when.js";

const HOUR = 3600;
const MOVES = [
  ["now", () => ({ at: new Date().toISOString() })],
  ["hour", () => ({ advance_seconds: HOUR })],
  ["tomorrow", (now) => ({ at: tomorrowAtTen(now) })],
  ["week", () => ({ advance_seconds: 7 * 24 * HOUR })],
  ["month", () => ({ advance_seconds: 30 * 24 * HOUR })],
  ["year", () => ({ advance_seconds: 365 * 24 * HOUR })],
];

export class Clock {
  constructor(app, { time, date, offset, buttons, short }) {
    Object.assign(this, { app, time, date, offset, buttons, short });
    this.ahead = 0;
    this.draw();
    setInterval(() => this.tick(), 1000);
  }

  /** The clinic's present, in milliseconds. */
  now() {
    return Date.now() + this.ahead;
  }

  set(state) {
    if (!state) return;
    this.ahead = moment(state.now) - Date.now();
    this.tick();
  }

  draw() {
    this.buttons.replaceChildren(...MOVES.map(([key, move]) => el("button", {
      type: "button", class: "pill", testid: `clock-${key}`, text: t(key), onclick: () => this.move(move(this.now())),
    })));
    this.tick();
  }

  async move(body) {
    for (const button of this.buttons.children) button.disabled = true;
    await this.app.attempt(async () => {
      const moved = await api.moveClock(body);
      this.set(moved);
    });
    for (const button of this.buttons.children) button.disabled = false;
  }

  tick() {
    const now = this.now();
    this.time.textContent = secondsOf(now);
    this.date.textContent = longDate(now);
    this.short.textContent = timeOf(now);
    const seconds = Math.round(this.ahead / 1000);
    const still = Math.abs(seconds) < 30;
    this.offset.textContent = still ? t("realTime") : t(seconds > 0 ? "ahead" : "behind", { text: span(seconds) });
    this.offset.classList.toggle("moved", !still);
  }
}
