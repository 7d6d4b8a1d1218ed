// The SMS of the phone: what any provider has brought to its number.

import { api, Failed } from "./api.js";
import { copy } from "./clipboard.js";
import { el } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { openUri } from "./links.js";
import { closeSheet, showSheet, toast } from "./sheet.js";
import { dayOf, moment, timeOf } from "./when.js";

const ADDRESS = /(https?:\/\/\S+)/;

export class Texts {
  constructor(app, { button, count }) {
    Object.assign(this, { app, button, count });
    this.seen = new Map(); // by person: the last that was looked at
    this.items = [];
    button.addEventListener("click", () => this.show());
    onLanguage(() => this.draw());
  }

  get whose() {
    return this.app.person?.user_id ?? null;
  }

  /** `news`: something has just come to a phone. */
  async read({ news = false } = {}) {
    const { whose } = this;
    if (!whose) return;
    try {
      const answer = await api.texts(whose);
      if (whose !== this.whose) return;
      const last = answer.items.at(-1);
      const fresh = last && last.seq > (this.lastOf === whose ? this.last : last.seq);
      Object.assign(this, { items: answer.items, number: answer.number, last: last?.seq ?? 0, lastOf: whose });
      if (news && fresh && !this.list?.isConnected) toast(t("textsNew", { from: last.from }));
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      return;
    }
    this.draw();
  }

  draw() {
    const unseen = this.items.filter((one) => one.seq > (this.seen.get(this.whose) ?? 0)).length;
    this.count.textContent = unseen ? String(unseen) : "";
    this.count.hidden = !unseen;
    if (this.list?.isConnected) this.fill();
  }

  show() {
    this.list = el("div", { class: "texts", testid: "texts" });
    showSheet(t("texts"), el("p", { class: "texts-number" },
      el("span", { text: t("textsNumber", { number: dialled(this.number ?? "") }) }),
      el("button", { type: "button", class: "pill", text: t("textsCopy"), onclick: () => copy(dialled(this.number ?? "")) }),
    ), this.list);
    this.fill();
  }

  fill() {
    this.seen.set(this.whose, this.items.at(-1)?.seq ?? 0);
    this.count.hidden = true;
    this.list.replaceChildren(...(this.items.length ? this.items.map((one) => this.bubble(one)) : [el("p", { class: "hint", text: t("textsNone") })]));
    this.list.lastElementChild?.scrollIntoView({ block: "end" });
  }

  bubble(one) {
    const at = moment(one.at);
    const said = one.text.split(ADDRESS).map((part) => (ADDRESS.test(part) ? this.link(part) : part));
    return el("article", { class: "text-item", testid: "text-item" },
      el("strong", { text: one.from }),
      el("p", { class: "text-words" }, ...said),
      el("small", { text: `${dayOf(at, this.app.clock.now())} ${timeOf(at)} · ${t("textsParts", { count: one.parts })} · ${t(`text_${one.status}`)}` }));
  }

  link(address) {
    return el("a", {
      href: address, text: address,
      onclick: (event) => {
        event.preventDefault();
        closeSheet();
        openUri(this.app, address);
      },
    });
  }
}

/** As people here dial it. */
function dialled(number) {
  const own = number.replace(/^\+66/, "0");
  return own.length === 10 ? `${own.slice(0, 3)}-${own.slice(3, 6)}-${own.slice(6)}` : own;
}
