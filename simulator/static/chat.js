// The list of messages: day lines, groups, times, read marks; kept in step with the server without redrawing what stands.

import { el, iconButton, inOrder, onHold } from "./dom.js";
import { t } from "./i18n.js";
import { renderMessage, summary } from "./messages.js";
import { dayKey, dayOf, moment, timeOf } from "./when.js";

const NEAR = 90;

export class Chat {
  /** `hooks`: onAction(action, node), onItemMenu(item, button), picture(message), now(). */
  constructor({ list, scroller, newest, hooks }) {
    Object.assign(this, { list, scroller, newest, hooks });
    this.items = new Map();
    this.nodes = new Map();
    this.whose = null;
    newest.addEventListener("click", () => this.toEnd(true));
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    // Pictures and fonts arrive after their bubbles, the keyboard and the menu take room: whoever was at the end stays there.
    const resized = new ResizeObserver(() => { if (this.stuck) this.toEnd(); });
    resized.observe(list);
    resized.observe(scroller);
    this.stuck = true;
  }

  /** Only a scroll over unchanged content is the person's own; anything else is the browser making room. */
  scrolled() {
    const shape = `${this.scroller.scrollHeight} ${this.scroller.clientHeight}`;
    const own = shape === this.shape;
    this.shape = shape;
    if (own) this.stuck = this.nearEnd();
    if (this.nearEnd()) this.newest.hidden = true;
  }

  get lastSeq() {
    return Math.max(0, ...this.items.keys());
  }

  get last() {
    return this.items.get(this.lastSeq) ?? null;
  }

  /** Shows `items`; `whole` says that they are all there is, so that what is missing has gone. */
  show({ items, read, whose, account, whole, me = null, names = new Map() }) {
    const changedPerson = whose !== this.whose;
    if (changedPerson) {
      this.whose = whose;
      this.clear();
    }
    const before = this.lastSeq;
    if (whole) {
      const present = new Set(items.map((item) => item.seq));
      for (const seq of this.items.keys()) if (!present.has(seq)) this.forget(seq);
    }
    for (const item of items) this.items.set(item.seq, item);
    Object.assign(this, { account, me, names });
    this.read = read === true ? Infinity : Number(read ?? 0);
    this.draw();
    const grown = this.lastSeq > before;
    const spoken = items.some((item) => item.seq > before && item.from === "user");
    if (changedPerson || (grown && (this.stuck || spoken))) this.toEnd();
    else if (grown) this.newest.hidden = false;
  }

  clear() {
    this.items.clear();
    this.nodes.clear();
    this.list.replaceChildren();
    this.newest.hidden = true;
    this.stuck = true;
  }

  /** Everything again, for another language of the frame. */
  redraw() {
    this.nodes.clear();
    this.draw();
  }

  forget(seq) {
    this.items.delete(seq);
    this.nodes.delete(seq);
  }

  draw() {
    const wanted = [];
    let previous = null;
    for (const item of [...this.items.values()].toSorted((a, b) => a.seq - b.seq)) {
      const at = moment(item.at);
      if (!previous || dayKey(moment(previous.at)) !== dayKey(at)) {
        wanted.push(this.keyed(`day ${dayKey(at)} ${dayOf(at, this.hooks.now())}`, () =>
          el("li", { class: "day" }, el("span", { text: dayOf(at, this.hooks.now()) }))));
        previous = null;
      }
      const follows = previous !== null && previous.from === item.from && previous.user_id === item.user_id && at - moment(previous.at) < 60_000;
      const seen = this.isMine(item) && item.seq <= this.read;
      const key = JSON.stringify([item, follows, seen, this.account?.name, this.speaker(item)]);
      const standing = this.nodes.get(item.seq);
      if (standing?.key !== key) this.nodes.set(item.seq, { key, node: this.row(item, at, follows, seen) });
      wanted.push(this.nodes.get(item.seq).node);
      previous = item;
    }
    inOrder(this.list, wanted);
  }

  /** In a group the others' words stand on the left too. */
  isMine(item) {
    return item.from === "user" && (this.me === null || item.user_id === this.me);
  }

  /** Who said it, when it was not the owner of this phone. */
  speaker(item) {
    if (item.from === "user") return this.names.get(item.user_id) ?? "";
    const own = item.message?.sender?.name;
    return own ? `${own} · ${this.account?.name ?? ""}` : this.account?.name ?? "";
  }

  keyed(key, make) {
    if (!this.nodes.has(key)) this.nodes.set(key, { key, node: make() });
    return this.nodes.get(key).node;
  }

  row(item, at, follows, seen) {
    const message = item.message ?? {};
    const facts = { testid: "chat-item", "data-seq": item.seq, "data-from": item.from, "data-type": message.type ?? "" };
    if (item.unsent || message.type === "unsent") {
      return el("li", { ...facts, class: "notice", "data-type": "unsent" },
        el("span", { text: t(this.isMine(item) ? "unsentByMe" : "unsentByOther") }));
    }
    if (item.from === "system") {
      return el("li", { ...facts, class: "notice" }, el("span", { text: message.text ?? message.altText ?? message.type ?? "" }));
    }
    const mine = this.isMine(item);
    const content = renderMessage(message, this.hooks);
    const more = iconButton("dots", t("messageMenu"), () => this.hooks.onItemMenu(item, more), { class: "item-menu" });
    const meta = el("div", { class: "meta" }, mine && seen ? el("span", { class: "seen", text: t("read") }) : null,
      el("time", { datetime: new Date(at).toISOString(), text: timeOf(at) }), more);
    const body = el("div", { class: "line" }, mine ? meta : content, mine ? content : meta);
    const speaker = this.speaker(item);
    const face = `avatar avatar-small${item.from === "user" ? " avatar-person" : ""}`;
    return onHold(el(
      "li", { ...facts, class: `item ${mine ? "mine" : "theirs"}${follows ? " follows" : ""}` },
      mine ? null : el("span", { class: face, "aria-hidden": "true", text: initial(speaker) }),
      el("div", { class: "column" }, mine || follows ? null : el("span", { class: "sender", text: speaker }), this.quoted(message), body),
    ), () => this.hooks.onItemMenu(item, more));
  }

  /** What a message replies to, as LINE shows it: who and, of a card, its text alone. */
  quoted(message) {
    if (!message.quotedMessageId) return null;
    const item = [...this.items.values()].find((one) => one.item_id === message.quotedMessageId);
    const words = !item || item.message?.type === "unsent" ? t("gone") : summary(item.message);
    return el("div", { class: "quoted", testid: "quoted" }, el("strong", { text: item ? this.speaker(item) : "" }), el("span", { text: words }));
  }

  nearEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  toEnd(smooth = false) {
    this.newest.hidden = true;
    this.stuck = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }
}

export const initial = (name) => [...(name ?? "?").trim()][0]?.toUpperCase() ?? "?";
