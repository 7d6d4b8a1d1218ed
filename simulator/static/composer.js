// Where the customer writes: text, stickers, pictures, places.

import { api } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { summary } from "./messages.js";
import { showChoices, toast } from "./sheet.js";
import { STICKERS, stickerName, stickerTile } from "./stickers.js";

const PICTURE_LIMIT = 10 * 1024 * 1024;
const PLACES = [
  ["สยามพารากอน", "991 ถนนพระรามที่ 1 แขวงปทุมวัน เขตปทุมวัน กรุงเทพฯ 10330", 13.7462, 100.5347],
  ["BTS อโศก", "ถนนสุขุมวิท แขวงคลองเตย เขตคลองเตย กรุงเทพฯ 10110", 13.7370, 100.5604],
  ["ประตูท่าแพ", "ถนนท่าแพ ตำบลศรีภูมิ อำเภอเมือง เชียงใหม่ 50200", 18.7877, 98.9931],
];

export class Composer {
  constructor(app, { form, input, send, stickerButton, attachButton, tray, file, quoting }) {
    Object.assign(this, { app, form, input, send, stickerButton, attachButton, tray, file, quoting });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    input.addEventListener("keydown", (event) => {
      // While an input method is composing, Enter chooses a word; it must not send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    input.addEventListener("input", () => this.measure());
    stickerButton.addEventListener("click", () => this.openTray("stickers"));
    attachButton.addEventListener("click", () => this.openTray("attach"));
    tray.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      const owner = this.which === "stickers" ? stickerButton : attachButton;
      this.openTray(null);
      owner.focus();
    });
    file.addEventListener("change", () => this.sendPicture());
    this.which = null;
    this.quoted = null;
  }

  /** Text and stickers quote what was chosen to be replied to. */
  async say(message) {
    const { app, quoted } = this;
    const quotes = quoted && (message.type === "text" || message.type === "sticker") ? { quotedMessageId: quoted.item_id } : {};
    this.quote(null);
    const done = await app.attempt(() => api.say(app.person.user_id, app.where(), { ...message, ...quotes }));
    if (!done && quoted) this.quote(quoted);
    return done;
  }

  /** What the next message replies to stands above it until it is sent or put away. */
  quote(item) {
    this.quoted = item;
    this.quoting.hidden = item === null;
    if (item === null) return;
    this.quoting.replaceChildren(
      el("div", { class: "quoted" }, el("strong", { text: this.app.chat.speaker(item) }), el("span", { text: summary(item.message) })),
      iconButton("close", t("cancel"), () => this.quote(null), { testid: "quoting-close" }),
    );
    this.input.focus();
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.measure();
    if (!(await this.say({ type: "text", text }))) this.fill(text);
  }

  /** Puts `text` where the customer types and waits for them to send it. */
  fill(text) {
    this.input.value = text;
    this.measure();
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  measure() {
    this.send.disabled = this.input.value.trim() === "";
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 108)}px`;
  }

  openTray(which) {
    this.which = which === this.which ? null : which;
    this.stickerButton.setAttribute("aria-expanded", String(this.which === "stickers"));
    this.attachButton.setAttribute("aria-expanded", String(this.which === "attach"));
    this.tray.hidden = this.which === null;
    if (this.which === "stickers") this.tray.replaceChildren(this.stickerGrid());
    else if (this.which === "attach") this.tray.replaceChildren(this.attachRow());
    else this.tray.replaceChildren();
    if (this.which) this.tray.querySelector("button").focus({ preventScroll: true });
  }

  stickerGrid() {
    const tiles = STICKERS.map(([packageId, stickerId]) => el("button", {
      type: "button", class: "sticker-choice", testid: `sticker-${packageId}-${stickerId}`,
      "aria-label": `${stickerName(packageId, stickerId)} (${packageId}/${stickerId})`,
      onclick: () => {
        this.openTray(null);
        this.say({ type: "sticker", packageId, stickerId });
      },
    }, stickerTile(packageId, stickerId)));
    return el("div", { class: "sticker-grid", role: "group", "aria-label": t("stickers") }, ...tiles);
  }

  attachRow() {
    const choice = (mark, key, run) => el("button", {
      type: "button", class: "attach-choice", testid: `attach-${key}`,
      onclick: () => {
        this.openTray(null);
        run();
      },
    }, icon(mark, 26), el("span", { text: t(key) }));
    return el(
      "div", { class: "attach-row", role: "group", "aria-label": t("attach") },
      choice("image", "image", () => this.pickImage(false)), choice("pin", "location", () => this.pickPlace()),
    );
  }

  pickImage(camera) {
    if (camera) this.file.setAttribute("capture", "environment");
    else this.file.removeAttribute("capture");
    this.file.value = "";
    this.file.click();
  }

  async sendPicture() {
    const [picture] = this.file.files;
    if (!picture) return;
    if (picture.size > PICTURE_LIMIT) {
      toast(t("tooBig"));
      return;
    }
    const content = await new Promise((done, fail) => {
      const reader = new FileReader();
      reader.addEventListener("load", () => done(reader.result));
      reader.addEventListener("error", () => fail(reader.error));
      reader.readAsDataURL(picture);
    });
    await this.say({ type: "image", content });
  }

  pickPlace() {
    showChoices(t("whichPlace"), PLACES.map(([title, address, latitude, longitude]) => [
      `${title} · ${address}`, () => this.say({ type: "location", title, address, latitude, longitude }), { mark: icon("pin", 22) },
    ]));
  }
}
