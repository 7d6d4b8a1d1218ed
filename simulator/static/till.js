// The clinic's till: asks for the customer's card, then takes money, gives it back and notes visits; and uses codes.

import { api, Failed } from "./api.js";
import { el } from "./dom.js";
import { language, onLanguage, t } from "./i18n.js";
import { dayOf, moment, timeOf } from "./when.js";

const EXPLAINED = new Set([
  "unknown_customer", "unknown_redemption", "redemption_used", "redemption_cancelled", "redemption_expired", "unauthorized",
  "missing_scope", "too_many_requests", "unavailable", "no_answer", "no_key", "unknown_card", "card_mistyped", "card_over",
  "too_many_wrong_cards", "bad_amount", "limit_reached", "fact_refused", "tied_to_another", "friend_unreachable",
  "too_many_questions",
]);

export class Till {
  constructor(app, { root, body }) {
    Object.assign(this, { app, root, body });
    this.till = null; // what it can do: {key, services}
    this.asked = null; // whose number was typed, until somebody says that it is they
    this.held = null; // who stands there
    this.living = ""; // the code by which they were found, and may be asked whether they are somebody the till knows
    this.tie = null; // what has become of that question
    this.shown = null; // what they have: {profile, receipts}
    this.seen = null;
    this.typed = { card: "", own: "", amount: "12000", service: null, code: "" };
    this.refunding = null;
    this.presses = new Map();
    if (matchMedia("(min-width: 900px)").matches) root.open = true;
    root.addEventListener("toggle", () => this.follow(true));
    onLanguage(() => this.draw());
  }

  get whose() {
    return this.held?.customerId ?? "";
  }

  /** Reads again when something happened in the chat that is on the screen: it may be this customer's. */
  follow(anyway = false) {
    if (!this.root.open) return;
    const seen = `${this.app.chat.whose} ${this.app.chat.lastSeq}`;
    if (!anyway && seen === this.seen) return;
    this.seen = seen;
    this.read();
  }

  async read() {
    const { whose } = this;
    try {
      this.till ??= await api.till();
      this.typed.service ??= this.till.services[0];
      const shown = whose ? await api.customer(whose) : null;
      const tie = this.tie?.state === "asked" ? await api.tied(this.tie.id) : this.tie;
      if (whose !== this.whose) return;
      this.tie = tie;
      this.shown = shown;
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      this.say(error);
    }
    this.draw();
  }

  /** By the card: a living code is enough; of a bare number, or of the signs beside the code, the name is asked. */
  async find(card) {
    try {
      const found = await api.identify(card);
      this.said = null;
      if (found.confirm) this.asked = { ...found, living: found.by === "code" ? card : "" };
      else this.serve(found, card);
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      this.say(error);
    }
    this.draw();
  }

  serve(found, living = "") {
    Object.assign(this, { held: found, living, tie: null, asked: null, refunding: null, said: null, shown: found && { profile: found.profile, receipts: [] } });
    this.typed.card = "";
    if (found) this.read();
    else this.draw();
  }

  /**
   * One press of a button. Until it has succeeded, the same press of the same thing has the same key, so that a double
   * click and a second try after a lost answer do it once.
   */
  async press(what, request, done) {
    const { whose } = this;
    const name = `${whose} ${what}`;
    if (this.presses.get(name)?.under) return;
    const press = this.presses.get(name) ?? { key: crypto.randomUUID() };
    press.under = true;
    this.presses.set(name, press);
    try {
      this.say(done(await request(press.key)));
      this.presses.delete(name);
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      // What the product refused is settled; only an answer that never came leaves the key open.
      if (error.code && error.code !== "no_answer" && error.code !== "unavailable") this.presses.delete(name);
      this.say(error);
    } finally {
      press.under = false;
    }
    await this.read();
  }

  say(what) {
    const failed = what instanceof Error;
    this.said = { failed, text: failed ? explain(what) : what };
    this.draw();
  }

  draw() {
    const focused = this.body.contains(document.activeElement) ? document.activeElement.id : null;
    if (!this.till) return;
    const said = el("p", { class: `till-said${this.said?.failed ? " bad" : ""}`, role: "status", testid: "till-said", text: this.said?.text ?? "" });
    const theirs = this.held ? [this.customer(), said, this.bill(), ...this.receipts(), ...this.tying()] : [this.card(), said];
    this.body.replaceChildren(...(this.till.key
      ? [...theirs, this.code()]
      : [el("p", { class: "hint", text: t("no_key") }), el("pre", { class: "json", tabindex: "0", text: KEY_COMMAND }), said]));
    if (focused) document.getElementById(focused)?.focus();
  }

  card() {
    const { typed, asked } = this;
    if (asked) {
      const name = asked.firstName || t("tillNameless");
      return el("div", { class: "till-form", testid: "till-confirm", role: "group" },
        el("p", { class: "till-customer" }, el("strong", { text: t("tillConfirm", { name }) }), el("span", { class: "hint", text: asked.number })),
        el("button", { type: "button", class: "pill strong", testid: "till-yes", text: t("tillYes"), onclick: () => this.serve(asked, asked.living) }),
        el("button", { type: "button", class: "pill", testid: "till-no", text: t("tillNo"), onclick: () => this.serve(null) }));
    }
    const card = el("input", {
      class: "field till-code", id: "till-card", testid: "till-card", type: "text", maxlength: "60", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true,
      value: typed.card, oninput: () => { typed.card = card.value; },
    });
    return el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      this.find(card.value);
    } },
    labelled("tillCard", card),
    el("button", { type: "submit", class: "pill strong", testid: "till-find", text: t("tillFind") }),
    el("p", { class: "hint", text: t("tillCardHint") }));
  }

  customer() {
    const { held, shown } = this;
    const { profile } = shown;
    return el("p", { class: "till-customer", testid: "till-customer" },
      el("strong", { text: held.firstName || t("tillNameless") }),
      el("span", { class: "hint", text: held.number }),
      el("span", { class: `tier tier-${profile.currentTier}`, text: t(profile.currentTier) }),
      el("span", { text: t("nPoints", { n: number(profile.availablePoints) }) }),
      profile.discountPercent ? el("span", { testid: "till-discount", text: t("tillDiscount", { n: profile.discountPercent }) }) : null,
      el("button", { type: "button", class: "pill small", testid: "till-next", text: t("tillNext"), onclick: () => this.serve(null) }));
  }

  bill() {
    const { typed } = this;
    const amount = el("input", {
      class: "field", id: "till-amount", testid: "till-amount", type: "number", min: "0.01", step: "0.01", inputmode: "decimal", value: typed.amount, required: true,
      oninput: () => { typed.amount = amount.value; },
    });
    const service = el("select", { class: "field", id: "till-service", testid: "till-service", onchange: () => { typed.service = service.value; } },
      ...this.till.services.map((name) => el("option", { value: name, text: name })));
    service.value = typed.service;
    const bill = () => ({ amount: amount.value, service: service.value });
    return el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      const { amount: baht, service: name } = bill();
      this.press(`pay ${baht} ${name}`, (press) => api.pay(this.whose, { ...bill(), press }), (paid) => paid.uncounted
        ? t("tillUncounted", { baht: number(paid.amount), why: t(`uncounted_${paid.uncounted}`) })
        : t("tillPaid", {
          baht: number(paid.amount), n: number(paid.pointsEarned), more: brought(paid), tier: t(paid.profile.currentTier),
        }));
    } },
    labelled("tillAmount", amount), labelled("tillService", service),
    el("button", { type: "submit", class: "pill strong", id: "till-pay", testid: "till-pay", text: t("tillPay") }),
    el("button", { type: "button", class: "pill", id: "till-quote", testid: "till-quote", text: t("tillQuote"), onclick: () => {
      if (!amount.reportValidity()) return;
      this.press(`quote ${amount.value}`, () => api.quote(this.whose, { amount: amount.value }), (quoted) => t("tillQuoted", {
        n: number(quoted.points), rate: quoted.pointsPerBaht, factor: quoted.multiplier, tier: t(quoted.tier),
      }));
    } }),
    el("button", { type: "button", class: "pill", id: "till-visit", testid: "till-visit", text: t("tillVisit"), onclick: () =>
      this.press(`visit ${service.value}`, (press) => api.visit(this.whose, { service: service.value, press }), (visited) =>
        t("tillVisited", { n: number(visited.profile.totalVisits) })) }));
  }

  receipts() {
    const { receipts } = this.shown;
    if (receipts.length === 0) return [];
    return [el("ol", { class: "till-receipts", testid: "till-receipts", "aria-label": t("tillReceipts") }, ...receipts.map((one) => this.receipt(one)))];
  }

  /** Whether who stands there is somebody whom the till knows by a number of its own: asked in LINE, answered there. */
  tying() {
    const { living, tie, typed } = this;
    if (!living) return [];
    const own = el("input", {
      class: "field", id: "till-own", testid: "till-own", type: "text", maxlength: "60", autocomplete: "off", spellcheck: "false", required: true,
      value: typed.own, oninput: () => { typed.own = own.value; },
    });
    const state = tie ? el("p", { class: "hint", testid: "till-tie-state", role: "status", text: t(`tie_${tie.state}`, { time: timeOf(moment(tie.until)) }) }) : null;
    return [el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      this.press(`tie ${living} ${own.value}`, (press) => api.tie({ card: living, own: own.value, press }), (asked) => {
        this.tie = asked;
        return "";
      });
    } },
    labelled("tillOwn", own),
    el("button", { type: "submit", class: "pill", testid: "till-tie", text: t("tillTie") }), state)];
  }

  when(ms) {
    const day = dayOf(ms, this.app.clock.now());
    return day === t("today") ? timeOf(ms) : `${day} ${timeOf(ms)}`;
  }

  receipt(one) {
    const left = one.amount - one.refunded;
    const back = one.refunded > 0 ? t("tillGaveBack", { baht: number(one.refunded) }) : null;
    const row = el("li", {}, el("span", { class: "till-when", text: this.when(moment(one.at)) }),
      el("span", { class: "till-what", text: [`฿${number(one.amount)}`, one.service, t("nPoints", { n: `+${number(one.points)}` }), back].filter(Boolean).join(" · ") }));
    if (left > 0 && this.refunding?.number !== one.number) {
      row.append(el("button", { type: "button", class: "pill small", id: `till-refund-${one.number}`, testid: "till-refund", text: t("tillRefund"), onclick: () => {
        this.refunding = { number: one.number, amount: String(left) };
        this.draw();
        document.getElementById("till-back")?.select();
      } }));
    } else if (left > 0) {
      row.append(this.refund(one, left, this.refunding));
    }
    return row;
  }

  refund(one, left, typed) {
    const amount = el("input", {
      class: "field", id: "till-back", testid: "till-back", type: "number", min: "0.01", max: String(left), step: "0.01", inputmode: "decimal", value: typed.amount, required: true,
      oninput: () => { typed.amount = amount.value; },
    });
    const close = () => {
      this.refunding = null;
      this.draw();
    };
    return el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      this.press(`refund ${one.number} ${one.refunded} ${amount.value}`, (press) => api.refund(this.whose, { receipt: one.number, amount: amount.value, press }), (given) => {
        this.refunding = null;
        return t("tillRefunded", { baht: number(given.amount), n: number(given.pointsTakenBack) });
      });
    } },
    labelled("tillBack", amount),
    el("button", { type: "submit", class: "pill strong", testid: "till-refund-sure", text: t("tillRefund") }),
    el("button", { type: "button", class: "pill", text: t("cancel"), onclick: close }));
  }

  code() {
    const { typed } = this;
    const code = el("input", {
      class: "field till-code", id: "till-code", testid: "till-code", type: "text", maxlength: "40", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true,
      value: typed.code, oninput: () => { typed.code = code.value; },
    });
    return el("form", { class: "till-form", onsubmit: (event) => {
      event.preventDefault();
      this.press(`code ${code.value}`, (press) => api.useCode({ code: code.value, press }), ({ redemption }) => {
        typed.code = "";
        return t("tillUsed", { text: redemption.rewardNames[language()] ?? redemption.rewardName });
      });
    } },
    labelled("tillCode", code),
    el("button", { type: "submit", class: "pill", testid: "till-use", text: t("tillUse") }));
  }
}

const KEY_COMMAND = "flask --app app api-keys create aura Till --scope facts:write --scope loyalty:read --scope staff\nSIMULATOR_API_KEY=aura_…  python -m simulator";

const number = (value) => new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(Number(value));

/** What came besides the points of the payment: ", +400 for 2 achievements (…)". */
function brought({ achievements, pointsPending }) {
  const later = pointsPending ? t("tillLater", { n: number(pointsPending) }) : "";
  if (!achievements.length) return later;
  const n = number(achievements.reduce((sum, one) => sum + one.points, 0));
  const names = achievements.map((one) => one.names[language()] ?? one.name).join(", ");
  return later + t(achievements.length === 1 ? "tillAndOne" : "tillAndMore", { n, count: achievements.length, names });
}

/** A refusal in words: our own for those that a customer at the counter meets, the product's for the rest. */
function explain(refusal) {
  return EXPLAINED.has(refusal.code) ? t(refusal.code) : refusal.message ?? "";
}

function labelled(key, field) {
  return el("label", { class: "labelled", for: field.id }, el("span", { text: t(key) }), field);
}
