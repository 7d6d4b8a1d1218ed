// The story of each follow-up to whom stands at the desk: what is planned, held, sent or left out, by which rule and why.

import { api, Failed } from "./api.js";
import { el, unpressed } from "./dom.js";
import { explain, has, onLanguage, t } from "./i18n.js";
import { away, dayKey, dayOf, moment, timeOf } from "./when.js";

const SHOWN = 10;
const LATE = 60_000;

export class Followups {
  constructor(app, { root, body }) {
    Object.assign(this, { app, root, body });
    this.forget(null);
    this.redraw = unpressed(body, () => this.draw());
    root.addEventListener("toggle", () => this.read());
    onLanguage(() => this.draw());
  }

  forget(whose) {
    Object.assign(this, { whose, first: null, older: [], next: null, shown: SHOWN, failed: null });
  }

  /** Again whenever something has happened, or time has passed: what was planned may have gone. */
  async read() {
    const { person } = this.app;
    if (!this.root.open || !person) return;
    if (this.whose !== person.user_id) this.forget(person.user_id);
    await this.attempt(async () => {
      const first = await api.followups(person.user_id);
      if (this.whose !== person.user_id) return;
      if (this.older.length === 0) this.next = first.next;
      this.first = first;
    });
  }

  async more() {
    const { whose, next } = this;
    if (this.past().length <= this.shown && next) {
      await this.attempt(async () => {
        const page = await api.followups(whose, next);
        if (this.whose !== whose || this.next !== next) return;
        this.older.push(...page.past);
        this.next = page.next;
      });
    }
    this.shown += SHOWN;
    this.draw();
  }

  async attempt(request) {
    try {
      await request();
      this.failed = null;
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      this.failed = error;
    }
    this.redraw();
  }

  /** Each once, the newest end first. */
  past() {
    const all = [...this.older, ...(this.first?.past ?? [])];
    const each = [...new Map(all.map((one) => [one.id, one])).values()];
    return each.toSorted((one, other) => moment(other.settledAt ?? other.dueAt) - moment(one.settledAt ?? one.dueAt));
  }

  /** Only where something has changed: what is replaced every three seconds can be neither read nor tapped in peace. */
  draw() {
    const minute = Math.floor(this.app.clock.now() / LATE);
    const key = JSON.stringify([t("followups"), this.whose, this.first, this.older, this.shown, this.failed?.message, minute]);
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = this.body.contains(document.activeElement) ? document.activeElement.id : null;
    this.body.replaceChildren(...this.parts());
    if (focused) document.getElementById(focused)?.focus();
  }

  parts() {
    if (this.failed) return [el("p", { class: "till-said bad", role: "status", testid: "followups-said", text: explain(this.failed) })];
    if (!this.first) return [];
    const { known, ahead, more_ahead: moreAhead } = this.first;
    const past = this.past();
    const who = el("p", { class: "hint", testid: "followups-of", text: t("followupsOf", { who: this.app.person?.name }) });
    if (!known) return [who, el("p", { class: "hint", testid: "followups-none", text: t("followupsUnknown") })];
    if (ahead.length + past.length === 0 && !this.next) return [who, el("p", { class: "hint", testid: "followups-none", text: t("followupsNone") })];
    const more = past.length > this.shown || this.next !== null;
    return [
      who,
      ...this.list("followupsAhead", ahead, "followups-ahead"),
      moreAhead ? el("p", { class: "hint", text: t("followupsManyAhead") }) : null,
      ...this.list("followupsPast", past.slice(0, this.shown), "followups-past"),
      more ? el("button", { type: "button", class: "pill", id: "followups-more", testid: "followups-more", text: t("followupsMore"), onclick: () => this.more() }) : null,
    ].filter(Boolean);
  }

  list(title, rows, testid) {
    if (rows.length === 0) return [];
    return [el("h4", { class: "story-head", text: t(title) }), el("ol", { class: "booking-list", testid, "aria-label": t(title) }, ...rows.map((one) => this.row(one)))];
  }

  row(one) {
    const planned = one.status === "planned";
    const told = planned ? this.ahead(one) : this.over(one);
    const state = planned && one.reason ? "held" : one.status;
    return el("li", { class: "story", testid: "followup", "data-status": one.status, "data-type": one.type },
      el("div", { class: "story-line" },
        el("strong", { text: has(`kind_${one.type}`) ? t(`kind_${one.type}`) : one.ruleName }),
        el("span", { class: `booking-state story-${state}`, testid: "followup-state", text: t(`fu_${state}`) })),
      told ? el("p", { testid: "followup-when", text: told }) : null,
      ...one.deliveries.map((each) => el("p", { class: "story-way", testid: "followup-way", text: this.way(each) })),
      ...["opened", "clicked", "responded"].filter((deed) => one[`${deed}At`]).map((deed) =>
        el("p", { class: "story-way", testid: `followup-${deed}`, text: t(`fu${deed[0].toUpperCase()}${deed.slice(1)}`, { when: this.when(one[`${deed}At`]) }) })),
      el("p", { class: "hint", testid: "followup-rule", text: this.rule(one) }));
  }

  when(at) {
    const ms = moment(at);
    const now = this.app.clock.now();
    return dayKey(ms) === dayKey(now) ? t("todayAt", { time: timeOf(ms) }) : `${dayOf(ms, now)} ${timeOf(ms)}`;
  }

  ahead(one) {
    const facts = { when: this.when(one.dueAt), span: away(moment(one.dueAt), this.app.clock.now()) };
    return one.reason ? t("fuUntil", { ...facts, why: why(one.reason) }) : t("fuDue", facts);
  }

  /** When it came to its end, which its ways say of what was sent; why; and when it should have been said, if not then. */
  over(one) {
    const ended = one.settledAt && one.status !== "sent" ? this.when(one.settledAt) : "";
    const late = Math.abs(moment(one.settledAt ?? one.dueAt) - moment(one.dueAt)) > LATE ? t("fuWasDue", { when: this.when(one.dueAt) }) : "";
    return [ended, one.reason ? t("fuWhy", { why: why(one.reason) }) : "", late].filter(Boolean).join(" · ");
  }

  way(each) {
    const reason = each.reason ? ` (${known(each.reason) ? why(each.reason) : each.reason})` : "";
    return t(each.inAnswer ? "fuInAnswer" : "fuVia", { channel: word("via", each.channel), state: word("sending", each.state), when: this.when(each.createdAt) }) + reason;
  }

  rule(one) {
    const by = t("fuBy", { rule: one.ruleName, n: one.ruleVersion });
    if (one.anchor.startsWith("trial:")) return `${by} · ${t("fuTrial")}`;
    const from = has(`of_${one.type}`) ? t("fuAbout", { what: t(`of_${one.type}`, { when: this.anchored(one.anchor) }) }) : one.anchor;
    return `${by} · ${from}`;
  }

  /** The moment or the day that an anchor has behind its `@`. */
  anchored(anchor) {
    const at = anchor.split("@")[1] ?? "";
    if (/^\d{4}-\d\d-\d\d$/.test(at)) return dayOf(moment(`${at}T12:00:00+07:00`), this.app.clock.now());
    return Number(at) > 0 ? this.when(Number(at)) : "";
  }
}

const word = (prefix, name) => (has(`${prefix}_${name}`) ? t(`${prefix}_${name}`) : name);

const known = (reason) => has(`reason_${reason.split(":")[0]}`) || ABSENT.test(reason);
const ABSENT = /^no_[a-z]+$/;

/** A reason in words; what stands behind its colon, or is a channel that is not there, is named as it is. */
export function why(reason) {
  const [code, ...rest] = reason.split(":");
  if (has(`reason_${code}`)) return t(`reason_${code}`, { code: rest.join(":") });
  return ABSENT.test(code) ? t("reason_no_", { code: code.slice(3) }) : t("reason_", { code: reason });
}
