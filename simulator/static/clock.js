// The clinic's clock: what it shows, what waits for it, and the buttons that move it.

import { api } from "./api.js";
import { el, unpressed } from "./dom.js";
import { why } from "./followups.js";
import { has, t } from "./i18n.js";
import { away, dayKey, dayOf, longDate, moment, secondsOf, span, timeOf, tomorrowAtTen } from "./when.js";

const HOUR = 3600;
const BEHIND = 60_000;
const MOVES = [
  ["now", () => ({ at: new Date().toISOString() })],
  ["hour", () => ({ advance_seconds: HOUR })],
  ["tomorrow", (now) => ({ at: tomorrowAtTen(now) })],
  ["week", () => ({ advance_seconds: 7 * 24 * HOUR })],
  ["month", () => ({ advance_seconds: 30 * 24 * HOUR })],
  ["year", () => ({ advance_seconds: 365 * 24 * HOUR })],
];

export class Clock {
  constructor(app, { time, date, offset, buttons, short, waits }) {
    Object.assign(this, { app, time, date, offset, buttons, short, list: waits });
    this.ahead = 0;
    this.waiting = [];
    this.asking = null;
    this.redraw = unpressed(waits, () => this.drawWaits());
    this.draw();
    setInterval(() => this.tick(), 1000);
  }

  /** The clinic's present, in milliseconds. */
  now() {
    return Date.now() + this.ahead;
  }

  /** `waits` is told by the product's clock only; the simulator's own word for the time leaves it as it is. */
  set(state) {
    if (!state) return;
    this.ahead = moment(state.now) - Date.now();
    if (state.waits) this.waiting = state.waits;
    this.redraw();
    this.tick();
  }

  draw() {
    this.drawButtons();
    this.drawWaits();
    this.tick();
  }

  drawButtons() {
    this.buttons.replaceChildren(...(this.asking ? this.question() : MOVES.map(([key, move]) => el("button", {
      type: "button", class: "pill", testid: `clock-${key}`, text: t(key), onclick: () => this.wish(move(this.now())),
    }))));
  }

  /** Going back undoes nothing, so it is asked first. */
  wish(body) {
    if (body.at && moment(body.at) < this.now() - BEHIND) {
      this.asking = body;
      this.drawButtons();
      this.buttons.querySelector("button").focus();
    } else {
      this.move(body);
    }
  }

  question() {
    const answer = (sure) => () => {
      const body = this.asking;
      this.asking = null;
      this.drawButtons();
      if (sure) this.move(body);
    };
    return [
      el("p", { class: "clock-ask", testid: "clock-ask", text: t("backAsk") }),
      el("button", { type: "button", class: "pill", testid: "clock-back-not", text: t("cancel"), onclick: answer(false) }),
      el("button", { type: "button", class: "pill strong", testid: "clock-back", text: t("backSure"), onclick: answer(true) }),
    ];
  }

  async move(body) {
    const buttons = [...this.buttons.children, ...this.list.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    await this.app.attempt(async () => {
      const moved = await api.moveClock(body);
      this.set(moved);
    });
    for (const button of buttons) button.disabled = false;
  }

  /** What comes next, why it waits, and a button that goes there; then what comes after it. */
  drawWaits() {
    const ahead = this.waiting.filter((one) => moment(one.until) > this.now()).map((one) => ({ until: one.until, text: this.waits(one) }));
    const [next, ...then] = ahead;
    const key = JSON.stringify([t("nextEvent"), ...ahead.map((one) => [one.until, one.text])]);
    if (this.drawn === key) return;
    this.drawn = key;
    if (!next) {
      this.list.replaceChildren(el("p", { class: "hint", testid: "clock-waits", text: t("waitsNothing") }));
      return;
    }
    const until = moment(next.until);
    this.list.replaceChildren(
      el("p", { testid: "clock-waits", text: next.text }),
      el("button", {
        type: "button", class: "pill strong", testid: "clock-next", text: t("nextEvent"),
        // A second later, when it is due for everybody's rounding.
        onclick: () => this.move({ at: new Date(until + 1000).toISOString() }),
      }),
      ...(then.length === 0 ? [] : [el("ol", { class: "clock-then", testid: "clock-then", "aria-label": t("thenWaits") },
        ...then.map((one) => el("li", { class: "hint", text: one.text })))]),
    );
  }

  waits(one) {
    const until = moment(one.until);
    const facts = { n: one.count, until: this.when(until), span: away(until, this.now()), kind: has(`kind_${one.kind}`) ? t(`kind_${one.kind}`) : one.kind };
    const because = !one.why ? "" : one.what === "followups" ? t("fuWhy", { why: why(one.why) }) : t(`why_${one.why}`);
    return [t(`waits_${one.what}`, facts), because].filter(Boolean).join(" ");
  }

  when(ms) {
    const now = this.now();
    if (dayKey(ms) !== dayKey(now)) return `${dayOf(ms, now)} ${timeOf(ms)}`;
    return ms - now < BEHIND ? secondsOf(ms) : timeOf(ms);
  }

  /** Messages that wait longer than those of one moment are gathered. */
  held() {
    return this.waiting.filter((one) => one.what === "messages" && moment(one.until) - this.now() > BEHIND / 2)
      .reduce((sum, one) => sum + one.count, 0);
  }

  tick() {
    const now = this.now();
    this.time.textContent = secondsOf(now);
    this.date.textContent = longDate(now);
    const held = this.held();
    this.short.textContent = held > 0 ? `${timeOf(now)} · ${t("held", { n: held })}` : timeOf(now);
    this.redraw();
    const seconds = Math.round(this.ahead / 1000);
    const still = Math.abs(seconds) < 30;
    this.offset.textContent = still ? t("realTime") : t(seconds > 0 ? "ahead" : "behind", { text: span(seconds) });
    this.offset.classList.toggle("moved", !still);
  }
}
