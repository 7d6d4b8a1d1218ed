// What went over the wire: webhooks to the clinic, API calls from it.

import { api, Failed } from "./api.js";
import { el, jsonView } from "./dom.js";
import { t } from "./i18n.js";
import { moment, secondsOf } from "./when.js";

const KEPT = 300;
// Longer than a webhook may take; a larger difference is the clock having been turned back.
const OVERLAP = 4000;
const SHOW = ["all", "toClinic", "fromClinic"];

export class Wire {
  constructor({ list, filters, empty, address }) {
    Object.assign(this, { list, filters, empty, address });
    this.last = 0;
    this.show = "all";
    this.reading = null;
    this.again = false;
    this.draw();
  }

  /** A simulator that came back counts from one again. */
  restart() {
    this.last = 0;
    this.list.replaceChildren();
    this.empty.hidden = false;
  }

  draw() {
    this.filters.replaceChildren(...SHOW.map((key) => el("button", {
      type: "button", class: "pill small", "aria-pressed": String(this.show === key), testid: `wire-${key}`, text: t(key),
      onclick: () => {
        this.show = key;
        this.list.dataset.show = key;
        this.draw();
      },
    })), el("button", {
      type: "button", class: "pill small", text: t("clear"), testid: "wire-clear",
      onclick: () => {
        this.list.replaceChildren();
        this.empty.hidden = false;
      },
    }));
    for (const row of this.list.children) row.querySelector(".wire-title").textContent = title(row.entry);
  }

  /** Reads what is new. Calls while one is under way are answered by one more reading after it. */
  async read() {
    if (this.reading) {
      this.again = true;
      return this.reading;
    }
    this.reading = this.readOnce();
    try {
      await this.reading;
    } finally {
      this.reading = null;
    }
    if (this.again) {
      this.again = false;
      return this.read();
    }
    return undefined;
  }

  async readOnce() {
    let answer;
    try {
      answer = await api.log(this.last, KEPT);
    } catch (error) {
      // The feed says when the server is away; the next reading tries again.
      if (error instanceof Failed || error instanceof TypeError) return;
      throw error;
    }
    const entries = Array.isArray(answer) ? answer : answer.entries ?? answer.calls ?? [];
    for (const entry of entries) {
      this.last = Math.max(this.last, entry.n);
      this.place(this.row(entry));
    }
    while (this.list.children.length > KEPT) this.list.lastChild.remove();
    if (entries.length > 0) this.empty.hidden = true;
  }

  /** Newest first by when it began: a webhook is logged when it is answered, and by then its reply has often been sent. */
  place(row) {
    const began = start(row.entry);
    let next = this.list.firstChild;
    while (next && start(next.entry) > began && start(next.entry) - began < OVERLAP) next = next.nextSibling;
    this.list.insertBefore(row, next);
  }

  row(entry) {
    const webhook = entry.kind === "webhook";
    const inward = entry.kind !== "api";
    const status = entry.status ?? entry.error ?? "…";
    const good = typeof status === "number" && status < 400;
    const summary = el(
      "summary", {},
      el("span", { class: `wire-way ${inward ? "to" : "from"}`, "aria-hidden": "true", text: inward ? "→" : "←" }),
      el("span", { class: "wire-title", text: title(entry) }),
      el("span", { class: `wire-status ${good ? "good" : "bad"}`, text: String(status) }),
      el("small", { class: "wire-time", text: `${secondsOf(moment(entry.at))}${entry.ms == null ? "" : ` · ${Math.round(entry.ms)} ms`}` }),
      el("code", { class: "wire-path", text: webhook ? `POST ${this.address()}` : `${entry.method} ${entry.path}` }),
    );
    const row = el("details", { class: "wire-row", testid: "wire-row", "data-way": inward ? "toClinic" : "fromClinic" }, summary);
    row.entry = entry;
    // Drawn when looked at: a follow-up to a thousand customers is a thousand bodies.
    row.addEventListener("toggle", () => {
      if (row.open && row.childElementCount === 1) row.append(...details(entry));
    });
    return row;
  }
}

/** When it began, in milliseconds; the log has the moment when it was over. */
const start = (entry) => moment(entry.at) - (entry.ms ?? 0);

function details(entry) {
  const parts = entry.kind === "webhook"
    ? [["events", entry.events], ["response", entry.response ?? entry.error]]
    : [["headers", entry.headers], ["body", entry.body], ["response", entry.response]];
  return parts.filter(([, value]) => value !== undefined && value !== null && value !== "").map(([key, value]) =>
    el("div", { class: "wire-part" }, el("h4", { "data-t": key, text: t(key) }), jsonView(value)));
}

/** One line that says what this was, in the words of LINE's own reference. */
function title(entry) {
  if (entry.kind === "webhook") {
    // What was sent by hand may be anything.
    const events = Array.isArray(entry.events) ? entry.events : [];
    const names = events.map((event) => (typeof event === "string" ? event : eventName(event)));
    const again = entry.attempt > 0 || events.some((event) => event?.deliveryContext?.isRedelivery) ? " ↻" : "";
    return `webhook: ${names.join(", ") || "0"}${again}`;
  }
  if (entry.kind === "till") return `${t("tillCalls")}: ${entry.path.split("?")[0].replace(/^\/api\/loyalty\//, "")}`;
  if (entry.kind === "booking") return `${t("bookingCalls")}: ${t(entry.path.split("/").at(-1))} ${entry.body.type ?? entry.body.triggerEvent ?? entry.body.event}`;
  const tail = entry.path.split("?")[0].replace(/^\/v2\/bot\//, "").replace(/U[0-9a-f]{32}/g, "U…").replace(/richmenu-[0-9a-f]{8,}/g, "richmenu-…");
  const messages = entry.body?.messages;
  if (!Array.isArray(messages)) return tail;
  return `${tail.replace(/^message\//, "")}: ${messages.map((message) => message?.type ?? "?").join(", ")}`;
}

function eventName(event) {
  if (event?.type === "message") return `message (${event.message?.type})`;
  if (event?.type === "postback") return `postback ${String(event.postback?.data ?? "").slice(0, 40)}`;
  return String(event?.type ?? "?");
}
