// The booking desk: a pretend receptionist at one of four booking systems, which tell the clinic by signed webhooks.

import { api, Failed } from "./api.js";
import { outcome, took } from "./booking_outcome.js";
import { blank, chosen, chosenOf, dayAndHour, serviceField, serviceName, textField } from "./booking_form.js";
import { el, unpressed } from "./dom.js";
import { explain, onLanguage, t } from "./i18n.js";
import { Sales } from "./sales.js";
import { dayKey, dayOf, moment, timeOf } from "./when.js";

// A webhook is answered before what it says is done.
const LOOKS = [400, 1200, 3000];

export class BookingDesk {
  constructor(app, { root, body }) {
    Object.assign(this, { app, root, body });
    this.shown = null; // {sources, services, bookings}
    this.known = new Map(); // by number: what the clinic sees
    this.source = "standard";
    this.way = "";
    this.moving = null;
    this.looks = [];
    this.sales = new Sales(this);
    this.redraw = unpressed(body, () => this.draw());
    root.addEventListener("toggle", () => this.read());
    onLanguage(() => this.draw());
  }

  get system() {
    return this.shown.sources.find((one) => one.name === this.source);
  }

  async read() {
    if (!this.root.open) return;
    await this.attempt(async () => {
      this.shown = await api.bookings();
      this.typed ??= blank(this.app.clock.now());
    });
    await this.look();
  }

  /** What the clinic sees of the bookings; it can be asked where a source has ids of people. */
  async look() {
    const open = this.shown?.bookings.filter((one) => one.source === "standard" && !one.by_link) ?? [];
    await this.attempt(async () => {
      await Promise.all(open.map(async (one) => this.known.set(one.number, await api.knownBooking(one.number))));
      if (this.shown) await this.sales.look();
    }, this.redraw);
  }

  async attempt(request, draw = () => this.draw()) {
    try {
      await request();
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      this.said = { failed: true, text: explain(error) };
    }
    draw();
  }

  /** One sending at a time; how it goes is chosen for one only. */
  async send(request) {
    if (this.sending) return;
    this.sending = true;
    this.body.setAttribute("aria-busy", "true"); // and nothing is to be tapped: it would be lost without a word
    this.said = null;
    await this.attempt(async () => {
      const { way } = this;
      const sent = await request(way ? { way } : {});
      this.way = "";
      this.moving = null;
      this.said = { failed: !sent.waits && !took(sent.status), text: outcome(sent) };
      this.shown = await api.bookings();
    });
    this.sending = false;
    this.body.removeAttribute("aria-busy");
    this.app.wire.read();
    for (const look of this.looks) clearTimeout(look);
    this.looks = LOOKS.map((wait) => setTimeout(() => this.look(), wait));
  }

  draw() {
    if (!this.shown || !this.typed) {
      if (this.said) this.body.replaceChildren(this.outcome());
      return;
    }
    const focused = this.body.contains(document.activeElement) ? document.activeElement.id : null;
    this.body.replaceChildren(this.form(), this.outcome(), ...this.sales.list(), ...this.list());
    // What was pressed may be gone: a cancelled booking cannot be moved.
    if (focused) (document.getElementById(focused) ?? document.getElementById("booking-said")).focus();
  }

  outcome() {
    return el("p", { class: `till-said${this.said?.failed ? " bad" : ""}`, id: "booking-said", tabindex: "-1", role: "status", testid: "booking-said", text: this.said?.text ?? "" });
  }

  form() {
    const { typed, system } = this;
    const sources = this.shown.sources.map((one) => [one.name, t(one.name)]);
    const ways = ["", ...system.ways].map((way) => [way, t(`way_${way}`)]);
    return el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      const { name, phone, email, service } = typed;
      this.send((how) => api.book({ source: this.source, name, phone, email, service, at: chosen(typed), ...how }));
    } },
    chosenOf("booking", "source", "bookingSource", sources, this.source, (name) => {
      this.source = name;
      if (!this.system.ways.includes(this.way)) this.way = "";
      this.draw();
    }),
    textField("booking", typed, "name", "bookingName", { required: true, autocomplete: "off" }),
    textField("booking", typed, "phone", "bookingPhone", { type: "tel", autocomplete: "off" }),
    textField("booking", typed, "email", "bookingEmail", { type: "email", autocomplete: "off", required: system.asks_email }),
    serviceField("booking", typed, this.shown.services),
    ...dayAndHour("booking", typed, this.app.clock.now()),
    chosenOf("booking", "way", "bookingWay", ways, this.way, (way) => { this.way = way; }),
    el("button", { type: "submit", class: "pill strong", id: "booking-book", testid: "booking-book", disabled: !system.ready, text: t("bookingBook") }),
    !system.ready ? el("p", { class: "hint", text: t("booking_no_secret") }) : null,
    system.name === "square" ? el("p", { class: "hint", text: t("squareHint") }) : null);
  }

  list() {
    const { bookings } = this.shown;
    if (bookings.length === 0) return [];
    return [el("ol", { class: "booking-list", testid: "booking-list", "aria-label": t("bookingList") }, ...bookings.map((one) => this.row(one)))];
  }

  when(at) {
    const ms = moment(at);
    return `${dayOf(ms, this.app.clock.now())} ${timeOf(ms)}`;
  }

  row(one) {
    const wrong = one.waits || !took(one.status);
    const row = el("li", { testid: "booking-row" },
      el("strong", { text: `${this.when(one.at)} · ${serviceName(this.shown.services, one.service)}` }),
      el("span", { class: "hint", text: [one.name, t(one.source)].join(" · ") }),
      el("span", { class: "booking-states" },
        el("span", { class: `booking-state state-${one.state}`, testid: "booking-state", text: t(`state_${one.state}`) }),
        wrong ? el("span", { class: one.waits ? "hint" : "till-said bad", testid: "booking-answer", text: outcome(one) }) : null,
        this.sees(one)),
      el("div", { class: "pills", role: "group", "aria-label": one.name },
        ...one.may.map((deed) => this.button(one, deed, t(`deed_${deed}`), () => this.deed(one, deed))),
        ...this.sales.sellers(one),
        wrong ? this.button(one, "again", t(one.waits ? "bookingSendNow" : "deed_again"), () => this.deed(one, "again")) : null));
    if (this.moving?.number === one.number) row.append(this.mover(one));
    return row;
  }

  /** What is in the clinic's system. Of most sources only the status of the answer is known. */
  sees(one) {
    const known = this.known.get(one.number);
    const text = one.by_link ? t("bookingByLink")
      : !known?.asked ? null
        : !known.appointment ? t("bookingUnknown")
          : t("bookingKnown", { state: t(`state_${known.appointment.state}`), when: this.when(known.appointment.startsAt) });
    return text && el("span", { class: "hint", testid: "booking-known", text });
  }

  button(one, deed, text, onclick) {
    return el("button", { type: "button", class: "pill small", id: `booking-${one.number}-${deed}`, testid: `booking-${deed}`, text, onclick });
  }

  deed(one, deed) {
    if (deed !== "move") {
      this.send((how) => api.changeBooking(one.number, deed, how));
      return;
    }
    const at = moment(one.at);
    this.moving = { number: one.number, day: dayKey(at), hour: new Date(at + 7 * 3_600_000).toISOString().slice(11, 16) };
    this.draw();
    document.getElementById("booking-move-day").focus();
  }

  mover(one) {
    const { moving } = this;
    return el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      this.send((how) => api.changeBooking(one.number, "move", { at: chosen(moving), ...how }));
    } },
    ...dayAndHour("booking-move", moving, this.app.clock.now()),
    el("button", { type: "submit", class: "pill strong", testid: "booking-move-sure", text: t("deed_move") }),
    el("button", { type: "button", class: "pill", text: t("cancel"), onclick: () => {
      this.moving = null;
      this.draw();
      document.getElementById(`booking-${one.number}-move`)?.focus();
    } }));
  }
}
