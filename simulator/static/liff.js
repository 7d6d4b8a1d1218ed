// LINE's own browser: a LIFF URL opens in it on a sheet as tall as the phone, signed in as whoever holds the phone.

import { api } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { closeSheet, showSheet } from "./sheet.js";

const PATH = /^\/liff\/\d+-\w{8}(?:\/|$)/;
const LINES = new Set(["liff.line.me", "miniapp.line.me"]);
// No downloads, and nothing that leads the phone's screen away: as LINE's browser.
const MAY = "allow-scripts allow-forms allow-same-origin allow-popups";

let shown = null;

/** Whether an address looks like that of a LIFF app, LINE's or this simulator's; the server knows whether it is one. */
export function isLiffUrl(url) {
  return ["http:", "https:"].includes(url.protocol) && (LINES.has(url.hostname) || PATH.test(url.pathname));
}

/** Opens the app. `inTab` runs where a browser opens instead: at a computer, and for no app; `open` for what the page opens. */
export async function openLiff(app, uri, { inTab, open }) {
  const done = await app.attempt(() => api.act(app.person.user_id, app.where(), { type: "uri", uri }));
  if (done?.does === "liff") show(done.opens, app.channel.name, open);
  else if (done) inTab();
}

function show(address, title, open) {
  const wait = el("p", { class: "liff-wait", role: "status", text: t("liffOpening") });
  const page = el("iframe", {
    class: "liff-page", testid: "liff-page", title, sandbox: MAY, allow: "clipboard-write", src: address,
    onload: () => wait.remove(),
  });
  const sheet = showSheet(title, wait, page);
  sheet.classList.add("liff");
  shown = { page, open, site: new URL(address).origin, heading: sheet.querySelector(".sheet-title") };
}

/** What the page asks of the browser around it, by the script of LIFF. */
function asked({ source, origin, data }) {
  if (!shown?.page.isConnected || source !== shown.page.contentWindow || origin !== shown.site) return;
  const { page, open, heading } = shown;
  if (data?.liff === "title") heading.textContent = page.title = String(data.title || page.title);
  else if (data?.liff === "close") closeSheet();
  else if (data?.liff === "open" && /^(?:https?|line|tel):/i.test(data.url)) {
    if (data.external) window.open(data.url, "_blank", "noopener");
    else open(data.url);
  }
}

window.addEventListener("message", asked);
