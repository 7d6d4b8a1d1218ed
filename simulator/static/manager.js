// LINE Official Account Manager, as far as a chat goes: the clinic's people write by hand, and its system does not hear.

import { api, Failed } from "./api.js";
import { el } from "./dom.js";
import { explain, onLanguage, t } from "./i18n.js";
import { summary } from "./messages.js";
import { moment, timeOf } from "./when.js";

const SHOWN = 8;

export class Manager {
  constructor(app, { root, body }) {
    Object.assign(this, { app, root });
    this.items = [];
    this.whose = null;
    this.who = el("select", { class: "field", id: "manager-who", testid: "manager-who", onchange: () => this.turnTo(this.who.value) });
    this.lines = el("ol", { class: "manager-lines", testid: "manager-lines", role: "log" });
    this.input = el("textarea", { class: "field", rows: "2", maxlength: "5000", id: "manager-text", testid: "manager-text" });
    this.send = el("button", { type: "submit", class: "pill strong", testid: "manager-send" });
    this.said = el("p", { class: "till-said", role: "status", testid: "manager-said" });
    this.form = el("form", { class: "manager-form", onsubmit: (event) => this.submit(event) }, this.input, this.send);
    this.label = el("label", { class: "labelled manager-who", for: "manager-who" }, el("span"), this.who);
    body.append(this.label, this.lines, this.form, this.said);
    root.addEventListener("toggle", () => this.follow());
    onLanguage(() => this.draw());
  }

  /** The friends of the account, as its manager lists them; at first who is on the phone beside it. */
  get people() {
    const inGroups = new Set(this.app.groups.flatMap((group) => group.members));
    return this.app.people.filter((one) => one.friends?.[this.app.channel?.id] && !inGroups.has(one.user_id));
  }

  turnTo(userId) {
    Object.assign(this, { whose: userId, items: [] });
    this.follow();
  }

  /** Reads again whenever something has happened. */
  async follow() {
    if (!this.root.open || !this.app.channel) return;
    const { people } = this;
    if (!people.some((one) => one.user_id === this.whose)) {
      this.whose = (people.find((one) => one === this.app.person) ?? people[0])?.user_id ?? null;
    }
    const { whose } = this;
    try {
      const items = whose ? (await api.chat(whose, this.app.channel.id, 0)).items : [];
      if (whose === this.whose) this.items = items.filter((item) => item.from !== "system").slice(-SHOWN);
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      this.tell(error);
    }
    this.draw();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || !this.whose) return;
    this.input.value = "";
    try {
      await api.sayByHand(this.whose, this.app.channel.id, text);
      this.tell(null);
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      this.input.value = text;
      this.tell(error);
    }
    this.app.refresh();
  }

  tell(error) {
    this.said.textContent = error ? explain(error) : "";
    this.said.classList.toggle("bad", error !== null);
  }

  draw() {
    this.label.firstChild.textContent = t("managerWho");
    this.input.placeholder = t("managerText");
    this.input.setAttribute("aria-label", t("managerText"));
    this.send.textContent = t("send");
    const { people } = this;
    if (this.who !== document.activeElement || this.who.length !== people.length) {
      this.who.replaceChildren(...people.map((one) => el("option", { value: one.user_id, text: one.name, selected: one.user_id === this.whose })));
    }
    this.form.hidden = this.label.hidden = people.length === 0;
    this.lines.replaceChildren(...(people.length ? this.items.map((item) => this.line(item)) : [el("li", { class: "hint", text: t("managerNobody") })]));
    this.lines.scrollTop = this.lines.scrollHeight;
  }

  line(item) {
    const mine = item.from === "bot";
    return el("li", { class: mine ? "manager-ours" : "manager-theirs" },
      el("span", { text: summary(item.message) }), el("time", { text: timeOf(moment(item.at)) }));
  }
}
