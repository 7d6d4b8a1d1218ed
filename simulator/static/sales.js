// What the booking desk has sold: bills and courses, what can be done with each, and what became of telling it.

import { api } from "./api.js";
import { outcome, took } from "./booking_outcome.js";
import { language, t } from "./i18n.js";
import { el } from "./dom.js";
import { serviceName } from "./booking_form.js";
import { dayOf, moment } from "./when.js";

export class Sales {
  /** `desk`: the booking desk, which sends one thing at a time. */
  constructor(desk) {
    this.desk = desk;
    this.known = new Map(); // by number: what the clinic sees
    this.sharing = null;
  }

  get shown() {
    return this.desk.shown.sales;
  }

  /** Asks what the clinic sees; it can be asked where a source has ids of people. */
  async look() {
    const asked = this.shown.filter((one) => one.source === "standard" && !one.by_link);
    await Promise.all(asked.map(async (one) => this.known.set(one.number, await api.knownSale(one.number))));
  }

  /** The buttons under a booking that sell something to its person. */
  sellers(booking) {
    if (["cancelled", "no_show"].includes(booking.state)) return [];
    const system = this.desk.shown.sources.find((one) => one.name === booking.source);
    return system.sells.map((kind) => this.desk.button(booking, `sell-${kind}`, t(`sell_${kind}`), () => {
      this.desk.send((how) => api.sell(booking.number, { kind, ...how }));
    }));
  }

  list() {
    if (this.shown.length === 0) return [];
    return [el("ol", { class: "booking-list", testid: "sale-list", "aria-label": t("saleList") }, ...this.shown.map((one) => this.row(one)))];
  }

  row(one) {
    const wrong = one.waits || (one.status !== null && !took(one.status)); // what came to another by sharing was not told by itself
    const row = el("li", { testid: "sale-row" },
      el("strong", { text: this.what(one) }),
      el("span", { class: "hint", text: [one.name, t(one.source)].join(" · ") }),
      el("span", { class: "booking-states" },
        el("span", { class: `booking-state state-${one.state}`, testid: "sale-state", text: t(`sale_${one.state}`) }),
        el("span", { class: "hint", text: this.figures(one) }),
        wrong ? el("span", { class: one.waits ? "hint" : "till-said bad", testid: "sale-answer", text: outcome(one) }) : null,
        this.sees(one)),
      el("div", { class: "pills", role: "group", "aria-label": this.what(one) },
        ...one.may.map((deed) => this.button(one, deed, t(`sale_deed_${deed}`), () => this.deed(one, deed))),
        wrong ? this.button(one, "again", t(one.waits ? "bookingSendNow" : "deed_again"), () => this.deed(one, "again")) : null));
    if (this.sharing?.number === one.number) row.append(this.sharer(one));
    return row;
  }

  what(one) {
    return `${t(one.kind)} · ${serviceName(this.desk.shown.services, one.service)}`;
  }

  figures(one) {
    const day = dayOf(moment(`${one.day}T12:00:00+07:00`), this.desk.app.clock.now());
    return one.kind === "invoice"
      ? t("saleOwed", { owed: baht(one.owed), baht: baht(one.baht), day })
      : t("saleLeft", { left: one.left, of: one.sessions, day });
  }

  /** What is in the clinic's system. Of most sources only the status of the answer is known. */
  sees(one) {
    const known = this.known.get(one.number);
    const text = one.by_link ? t("bookingByLink")
      : !known?.asked ? null
        : !known.sale ? t("saleUnknown")
          : one.kind === "invoice" ? t("saleKnown", { state: t(`sale_${known.sale.state}`), more: baht(known.sale.amount - known.sale.paid) })
            : t("saleKnown", { state: t(`sale_${known.sale.state}`), more: `${known.sale.left}/${known.sale.bought}` });
    return text && el("span", { class: "hint", testid: "sale-known", text });
  }

  button(one, deed, text, onclick) {
    return el("button", { type: "button", class: "pill small", id: `sale-${one.number}-${deed}`, testid: `sale-${deed}`, text, onclick });
  }

  deed(one, deed) {
    if (deed !== "share") {
      this.desk.send((how) => api.changeSale(one.number, deed, how));
      return;
    }
    this.sharing = { number: one.number, name: "" };
    this.desk.draw();
    document.getElementById("sale-share-name").focus();
  }

  sharer(one) {
    const { sharing } = this;
    const field = el("input", { class: "field", id: "sale-share-name", testid: "sale-share-name", type: "text", maxlength: "100", required: true, autocomplete: "off", value: sharing.name,
      oninput: () => { sharing.name = field.value; } });
    return el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      this.sharing = null;
      this.desk.send((how) => api.changeSale(one.number, "share", { name: sharing.name, ...how }));
    } },
    el("label", { class: "labelled", for: "sale-share-name" }, el("span", { text: t("saleShareWith") }), field),
    el("button", { type: "submit", class: "pill strong", testid: "sale-share-sure", text: t("sale_deed_share") }),
    el("button", { type: "button", class: "pill", text: t("cancel"), onclick: () => {
      this.sharing = null;
      this.desk.draw();
      document.getElementById(`sale-${one.number}-share`)?.focus();
    } }));
  }
}

const baht = (amount) => `฿${Number(amount).toLocaleString(language() === "th" ? "th-TH-u-nu-latn" : "en")}`;
