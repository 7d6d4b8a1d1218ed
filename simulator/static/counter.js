// The clinic's counter: the day's check-in picture, and scanning it with the phone on the screen.

import { api, Failed } from "./api.js";
import { el } from "./dom.js";
import { explain, onLanguage, t } from "./i18n.js";
import { oaMessage } from "./links.js";
import { toast } from "./sheet.js";

export class Counter {
  constructor(app, { root, body }) {
    Object.assign(this, { app, root, body });
    this.shown = null;
    root.addEventListener("toggle", () => this.read());
    onLanguage(() => this.draw());
  }

  /** Again when the clinic's clock was moved: another day has another picture. */
  async read() {
    if (!this.root.open) return;
    try {
      this.shown = await api.counter();
      this.failed = null;
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      this.failed = error;
    }
    this.draw();
  }

  draw() {
    const { shown, failed } = this;
    if (failed) this.body.replaceChildren(el("p", { class: "hint", role: "status", text: explain(failed) }));
    else if (shown && !shown.key) this.body.replaceChildren(el("p", { class: "hint", text: t("counterNoKey") }), el("code", { class: "json", text: "SIMULATOR_COUNTER_KEY=aura_…  python -m simulator" }));
    else if (shown) this.body.replaceChildren(...this.picture(shown));
  }

  picture(shown) {
    return [
      el("img", { class: "counter-picture", testid: "counter-picture", src: shown.picture, alt: shown.text }),
      el("div", { class: "counter-side" },
        el("code", { class: "counter-text", testid: "counter-text", text: shown.text }),
        el("button", { type: "button", class: "pill strong", testid: "counter-scan", text: t("counterScan", { who: this.app.person?.name }), onclick: () => this.scan(shown) }),
        el("a", { class: "pill counter-page", testid: "counter-page", href: shown.page, target: "_blank", rel: "noopener", text: t("counterPage") })),
    ];
  }

  /** A phone's camera opens LINE with the text written; sending it is left to the person. */
  scan(shown) {
    const { app } = this;
    const text = shown.address ? oaMessage(new URL(shown.address))?.text ?? shown.text : shown.text;
    if (app.group) app.choose(app.person.user_id);
    if (!app.isFriend()) {
      toast(t("notFriend"));
      return;
    }
    app.desk(false);
    app.composer.fill(text);
  }
}
