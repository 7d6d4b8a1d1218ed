// The mailboxes: who got what, how it looks as HTML and as text, and what the provider reports of it.

import { api, Failed, listen } from "./api.js";
import { el } from "./dom.js";
import { explain, label, language, onLanguage, setLanguage, t } from "./i18n.js";
import { dayOf, moment, timeOf } from "./when.js";

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const ALL = "";

class Mailboxes {
  constructor() {
    Object.assign(this, { told: null, of: asked.get("of") ?? ALL, number: Number(asked.get("mail")) || null, dark: false });
    at("boxes").addEventListener("change", () => this.box(at("boxes").value));
    at("back").addEventListener("click", () => this.open(null));
    at("language").addEventListener("click", () => setLanguage(language() === "th" ? "en" : "th"));
    for (const shade of ["light", "dark"]) at(shade).addEventListener("click", () => this.shade(shade === "dark"));
    label(document);
    onLanguage(() => this.draw());
  }

  start() {
    listen({ onEvent: (event) => event.kind === "mail" && this.read(), onBack: () => this.read(), onLost: () => {} });
  }

  /** A refusal is said, and answered with null. */
  async attempt(request) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      at("said").textContent = explain(error);
      return null;
    }
  }

  async read() {
    this.told = (await this.attempt(() => api.mailboxes(this.of))) ?? this.told;
    if (this.number !== null) this.one = await this.attempt(() => api.mail(this.number));
    if (this.told) this.draw();
  }

  box(of) {
    this.of = of;
    this.open(null);
  }

  open(number) {
    Object.assign(this, { number, one: null });
    at("said").textContent = "";
    const where = new URLSearchParams({ ...(this.of ? { of: this.of } : {}), ...(number ? { mail: number } : {}) });
    history.replaceState(null, "", `/mail?${where}`);
    return this.read();
  }

  shade(dark) {
    this.dark = dark;
    this.draw();
  }

  draw() {
    if (!this.told) return;
    this.drawBoxes();
    this.drawList();
    this.drawMoods();
    this.drawOne();
  }

  drawBoxes() {
    const all = this.told.boxes.reduce((sum, one) => sum + one.mails, 0);
    const options = [{ address: ALL, name: t("mailAll"), mails: all }, ...this.told.boxes];
    at("boxes").replaceChildren(...options.map((one) => el("option", { value: one.address, text: `${one.name} (${one.mails})` })));
    at("boxes").value = this.of;
  }

  drawList() {
    const { mails } = this.told;
    at("none").hidden = mails.length > 0;
    at("mails").replaceChildren(...mails.map((one) => el("li", {},
      el("button", { type: "button", testid: `mail-${one.number}`, "aria-current": one.number === this.number, onclick: () => this.open(one.number) },
        el("strong", { text: one.subject }),
        el("small", { text: `${this.of ? one.from : one.to} · ${dayOf(moment(one.at), Date.now())} ${timeOf(moment(one.at))}` })))));
  }

  drawOne() {
    const { one } = this;
    at("mail").hidden = !one;
    document.querySelector(".mail-desk").classList.toggle("open", Boolean(one));
    if (!one) return;
    at("subject").textContent = one.subject;
    at("meta").textContent = t("mailTo", { to: one.to, from: `${one.from} <${one.address}>` });
    at("text").textContent = one.text;
    at("headers").textContent = one.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
    for (const shade of ["light", "dark"]) at(shade).setAttribute("aria-pressed", String((shade === "dark") === this.dark));
    const frame = at("html");
    frame.classList.toggle("dark", this.dark);
    const src = `/sim/mail/${one.number}/html${this.dark ? "?shade=dark" : ""}`;
    if (frame.getAttribute("src") !== src) frame.setAttribute("src", src);
    const reports = this.told.choices.what.filter((what) => what !== "nothing");
    at("deeds").replaceChildren(
      ...(one.unsubscribe ? [this.deed("unsubscribe", t("mailLeave"), () => api.leaveMail(one.number))] : []),
      ...reports.map((what) => this.deed(`report-${what}`, t("mailReport", { what: t(`mail_${what}`) }), () => api.reportMail(one.number, what))));
  }

  deed(testid, text, request) {
    return el("button", {
      type: "button", class: "pill small", testid, text,
      onclick: async () => {
        const done = await this.attempt(request);
        if (done) at("said").textContent = t("mailLeft", { status: done.status });
      },
    });
  }

  drawMoods() {
    const { choices, reports } = this.told;
    if (at("moods").contains(document.activeElement)) return; // somebody is choosing
    const fault = select("mail-fault", choices.faults, choices.faults[0]);
    const what = select("mail-what", choices.what, reports.what);
    const when = select("mail-when", choices.when, reports.when);
    const said = el("p", { class: "hint", role: "status" });
    const form = (order, ...fields) => el("form", {
      onsubmit: async (event) => {
        event.preventDefault();
        const text = await this.attempt(order);
        if (text) said.textContent = text;
      },
    }, ...fields);
    at("moods").replaceChildren(
      form(async () => (await api.mailFault(fault.value)) && t("mailOrdered", { text: t(`mail_${fault.value}`) }),
        labelled("mailNext", fault), el("button", { type: "submit", class: "pill", testid: "order-fault", text: t("mailOrder") })),
      form(async () => (await api.mailReports(what.value, when.value)) && t("mailOrdered", { text: `${t(`mail_${what.value}`)} ${t(`mail_${when.value}`)}` }),
        labelled("mailTells", what), labelled("mailWhen", when), el("button", { type: "submit", class: "pill", testid: "order-reports", text: t("mailKeep") })),
      form(async () => (await api.clearMail()) && t("mailCleared"), el("button", { type: "submit", class: "pill", testid: "clear-mail", text: t("mailClear") })),
      said);
  }
}

const select = (id, keys, chosen) => {
  const field = el("select", { class: "field", id, testid: id }, ...keys.map((key) => el("option", { value: key, text: t(`mail_${key}`) })));
  field.value = chosen;
  return field;
};

const labelled = (word, field) => el("label", { class: "labelled" }, el("span", { text: t(word) }), field);

new Mailboxes().start();
