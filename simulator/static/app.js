// The screen: one phone, several customers, kept in step with the server without ever reloading.

import { api, Failed, listen } from "./api.js";
import { perform } from "./actions.js";
import { BookingDesk } from "./booking.js";
import { Chat } from "./chat.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { Counter } from "./counter.js";
import { dragScroll, icon, wheelScroll } from "./dom.js";
import { drawFaults } from "./faults.js";
import { Followups } from "./followups.js";
import { groupMenu } from "./groups.js";
import { mountGuide } from "./guide.js";
import { drawHead } from "./head.js";
import { explain, label, language, onLanguage, setLanguage, t } from "./i18n.js";
import { openUri } from "./links.js";
import { drawMembers } from "./members.js";
import { Manager } from "./manager.js";
import { RichMenu } from "./menu.js";
import { chatMenu, itemMenu } from "./menus.js";
import { drawPeople } from "./people.js";
import { drawQuickReplies } from "./quick.js";
import { mountSheets, toast } from "./sheet.js";
import { Texts } from "./texts.js";
import { Till } from "./till.js";
import { Wire } from "./wire.js";

const CHOSEN = "simulator.person";
const WIRE_EVERY = 3000;
const at = (id) => document.getElementById(id);

class App {
  constructor() {
    this.people = [];
    this.groups = [];
    this.switches = {};
    this.group = null;
    this.person = null;
    this.channel = null;
    this.unread = new Map();
    this.faultMemory = {};
    const onAction = (action) => perform(this, action);
    this.chat = new Chat({
      list: at("chat"), scroller: at("scroller"), newest: at("newest"),
      hooks: { onAction, onItemMenu: (item) => itemMenu(this, item), now: () => this.clock?.now() ?? Date.now() },
    });
    this.menu = new RichMenu({
      bar: at("menu-bar"), button: at("menu-button"), buttonText: at("menu-text"), panel: at("menu-panel"), hooks: { onAction },
    });
    this.composer = new Composer(this, {
      form: at("composer"), input: at("input"), send: at("send"), stickerButton: at("sticker-button"),
      attachButton: at("attach-button"), tray: at("tray"), file: at("file"), quoting: at("quoting"),
    });
    this.clock = new Clock(this, {
      time: at("clock-time"), date: at("clock-date"), offset: at("clock-offset"), buttons: at("clock-buttons"), short: at("clock-short"), waits: at("clock-waits"),
    });
    this.texts = new Texts(this, { button: at("texts-open"), count: at("texts-count") });
    this.till = new Till(this, { root: at("till"), body: at("till-body") });
    this.booking = new BookingDesk(this, { root: at("booking"), body: at("booking-body") });
    this.followups = new Followups(this, { root: at("followups"), body: at("followups-body") });
    this.counter = new Counter(this, { root: at("counter"), body: at("counter-body") });
    this.manager = new Manager(this, { root: at("manager"), body: at("manager-body") });
    this.wire = new Wire({ list: at("wire-list"), filters: at("wire-filters"), empty: at("wire-empty"), address: () => this.channel?.webhook_url ?? "" });
    for (const row of [at("quick"), at("people")]) wheelScroll(dragScroll(row));
    this.dress();
    onLanguage(() => this.relabel());
  }

  dress() {
    for (const button of document.querySelectorAll("[data-icon]")) button.prepend(icon(button.dataset.icon, Number(button.dataset.size ?? 22)));
    at("chat-menu").addEventListener("click", () => (this.group ? groupMenu(this) : chatMenu(this)));
    at("follow").addEventListener("click", () => this.befriend(true));
    at("unblock").addEventListener("click", () => this.befriend(true));
    at("language").addEventListener("click", () => setLanguage(language() === "th" ? "en" : "th"));
    at("desk-open").addEventListener("click", () => this.desk(true));
    at("desk-close").addEventListener("click", () => this.desk(false));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && at("app").classList.contains("desk-out")) this.desk(false);
    });
    label(document);
    drawFaults(this, at("faults-body"), this.faultMemory);
  }

  desk(out) {
    at("app").classList.toggle("desk-out", out);
    if (out && !this.deskSeen) at("till").open = this.deskSeen = true; // the button bears its name
    at("desk-open").setAttribute("aria-expanded", String(out));
    (out ? at("desk-close") : at("desk-open")).focus();
  }

  relabel() {
    this.clock.draw();
    this.wire.draw();
    drawFaults(this, at("faults-body"), this.faultMemory);
    this.chat.redraw();
    if (this.person) this.drawState();
  }

  /** Which chat of this phone is open, as the server wants it said. */
  where() {
    return { channel: this.channel.id, ...(this.group ? { group: this.group.group_id } : {}) };
  }

  maySpeak() {
    return this.group ? this.group.bot_inside : this.isFriend();
  }

  /** LINE for PC shows no rich menu and no quick replies. */
  onPc() {
    return this.person?.device === "pc";
  }

  isFriend() {
    return this.person?.friends?.[this.channel?.id] === true;
  }

  /** Runs a request; a refusal is shown and answered with false, so that callers need no handling of their own. */
  async attempt(request) {
    try {
      return (await request()) ?? true;
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      toast(explain(error));
      return false;
    } finally {
      this.refresh();
    }
  }

  async readState() {
    const state = await api.state();
    this.people = state.people;
    this.groups = (state.groups ?? []).filter((group) => group.members.length > 0);
    this.group = this.groups.find((group) => group.group_id === this.group?.group_id) ?? null;
    this.channel = state.channels[0] ?? null;
    this.switches = state.switches ?? {};
    this.clock.set(state.clock);
    const wanted = this.person?.user_id ?? localStorage.getItem(CHOSEN);
    this.person = this.people.find((person) => person.user_id === wanted) ?? this.people[0] ?? null;
    this.drawState();
  }

  /** The product's clock may have been moved while nobody looked. */
  async readClock() {
    try {
      this.clock.set(await api.clock());
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
    }
  }

  drawState() {
    drawPeople(this, at("people"), this.unread);
    this.counter.draw();
    if (this.group && !this.group.members.includes(this.person?.user_id)) {
      this.person = this.people.find((person) => person.user_id === this.group.members[0]);
    }
    drawHead(this);
    drawMembers(this, at("members"));
  }

  drawFriendship() {
    const speaks = this.maySpeak();
    const met = this.chat.items.size > 0;
    at("add-friend").hidden = speaks || met || this.group !== null;
    at("blocked").hidden = speaks || (!met && !this.group);
    at("blocked-note").textContent = t(this.group ? "removed" : "blocked");
    at("unblock").hidden = this.group !== null;
    at("composer").hidden = !speaks;
    at("chat-menu").disabled = !this.person;
    if (speaks) return;
    this.composer.openTray(null);
    this.composer.quote(null);
  }

  /** Reads the chat: only what is new when `whole` is false. */
  async readChat(whole) {
    if (!this.person || !this.channel) return;
    const { person, group } = this;
    const whose = group ? `${group.group_id} ${person.user_id}` : person.user_id;
    const all = whole || this.chat.whose !== whose;
    const after = all ? 0 : this.chat.lastSeq;
    const answer = await (group ? api.groupChat(group.group_id, after) : api.chat(person.user_id, this.channel.id, after));
    if (this.person.user_id !== person.user_id || this.group?.group_id !== group?.group_id) return;
    const gone = (answer.unsent ?? []).some((id) =>
      [...this.chat.items.values()].some((item) => item.item_id === id && item.message?.type !== "unsent"));
    if (gone && !all) {
      await this.readChat(true);
      return;
    }
    const names = new Map(this.people.map((one) => [one.user_id, one.name]));
    const me = group ? person.user_id : null;
    this.chat.show({ items: answer.items, read: answer.read, whose, account: this.channel, whole: all, me, names });
    this.menu.show(!group && this.isFriend() ? answer.rich_menu : null, whose);
    drawQuickReplies(at("quick"), this.maySpeak() && !this.onPc() ? this.chat.last : null, (action) => perform(this, action));
    this.showLoading(Number(answer.loading ?? 0));
    this.drawFriendship();
  }

  showLoading(seconds) {
    clearTimeout(this.loadingEnds);
    at("loading").hidden = seconds <= 0;
    if (seconds <= 0) return;
    if (this.chat.stuck) this.chat.toEnd();
    this.loadingEnds = setTimeout(() => { at("loading").hidden = true; }, seconds * 1000);
  }

  /** Re-reads; many reasons at once make one reading, and one more when something happened meanwhile. */
  refresh({ whole = false } = {}) {
    this.wantWhole ||= whole;
    if (this.refreshing) {
      this.wantMore = true;
      return;
    }
    this.refreshing = this.reread().finally(() => {
      this.refreshing = null;
      if (this.wantMore) {
        this.wantMore = false;
        this.refresh();
      }
    });
  }

  async reread() {
    const whole = this.wantWhole === true;
    this.wantWhole = false;
    try {
      await this.readState();
      await this.readChat(whole);
      this.till.follow();
      this.manager.follow();
      await this.texts.read();
      this.followups.read();
      at("offline").hidden = true;
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      at("offline").hidden = false;
    }
    this.wire.read(); // beside the chat, which does not wait for it
  }

  /** Opens a group as one of its members sees it. */
  enter(groupId, userId) {
    this.group = { group_id: groupId, name: "", members: [userId], bot_inside: true };
    this.turnTo(groupId, userId);
  }

  choose(userId) {
    localStorage.setItem(CHOSEN, userId);
    this.group = null;
    this.turnTo(userId, userId);
  }

  turnTo(chatId, userId) {
    this.composer.quote(null);
    this.unread.delete(chatId);
    this.person = this.people.find((person) => person.user_id === userId) ?? { user_id: userId, name: "", friends: {} };
    at("quick").hidden = true;
    this.showLoading(0);
    this.refresh({ whole: true });
  }

  /** Another customer opens a link that fills in a text: their phone comes up with it typed, not sent. */
  openAs(userId, text) {
    this.choose(userId);
    this.composer.fill(text);
  }

  heard(event) {
    if (event.kind === "clock") this.counter.read();
    if (event.kind === "text") this.texts.read({ news: true });
    const other = event.user_id && event.user_id !== (this.group?.group_id ?? this.person?.user_id);
    if (event.kind === "item" && other && event.seq > 0) this.unread.set(event.user_id, (this.unread.get(event.user_id) ?? 0) + 1);
    // A line that we have already may have changed: somebody unsent it.
    this.refresh({ whole: event.kind === "item" && !other && event.seq > 0 && event.seq <= this.chat.lastSeq });
  }

  /** Forgets every chat, here and on the server. */
  async reset() {
    this.unread.clear();
    this.chat.whose = null;
    this.group = null;
    await this.attempt(() => api.reset());
    this.refresh({ whole: true });
  }

  async befriend(yes) {
    const { person, channel } = this;
    await this.attempt(() => (yes ? api.follow : api.unfollow)(person.user_id, channel.id));
    if (yes) this.foldGuide();
    if (yes && matchMedia("(hover: hover)").matches) at("input").focus();
  }

  /** A link of a mail: the phone of whoever got it comes up, and does what a phone does with it. */
  opened() {
    const asked = new URLSearchParams(location.search);
    history.replaceState(null, "", "/");
    if (asked.get("as")) this.choose(asked.get("as"));
    if (asked.get("open")) openUri(this, asked.get("open"));
  }

  start() {
    mountSheets(at("sheets"), at("toasts"));
    this.foldGuide = mountGuide(at("guide"), at("chat-frame"));
    listen({
      onEvent: (event) => this.heard(event),
      onBack: () => {
        this.wire.restart();
        this.readClock();
        this.refresh({ whole: true });
      },
      onLost: () => { at("offline").hidden = false; },
    });
    this.refresh({ whole: true });
    this.refreshing.then(() => this.opened());
    setInterval(() => {
      if (document.hidden) return;
      this.wire.read();
      this.followups.read();
      this.readClock();
    }, WIRE_EVERY);
  }
}

new App().start();
