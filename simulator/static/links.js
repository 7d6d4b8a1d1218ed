// Links: pages of this computer open at once; for everything else a sheet says what a real phone would do.

import { api } from "./api.js";
import { bookingLink, openBookingPage } from "./booking_page.js";
import { copy } from "./clipboard.js";
import { el, icon } from "./dom.js";
import { t } from "./i18n.js";
import { isLiffUrl, openLiff } from "./liff.js";
import { showChoices } from "./sheet.js";

const HERE = new Set(["127.0.0.1", "localhost", "[::1]"]);
const OA_MESSAGE = /https?:\/\/line\.me\/R\/oaMessage\/[^\s]+/;

/** Opens `uri` as the phone would, or explains. */
export function openUri(app, uri) {
  let url;
  try {
    url = new URL(uri, document.baseURI);
  } catch {
    explain(t("wouldLine"), uri, []);
    return;
  }
  if (isLiffUrl(url)) {
    openLiff(app, url.href, { inTab: () => inTab(url), open: (to) => openUri(app, to) });
    return;
  }
  if (/^\/[ls]\//.test(url.pathname) && ["http:", "https:"].includes(url.protocol)) {
    leadOn(app, url.href);
    return;
  }
  if (["http:", "https:", "data:"].includes(url.protocol) && (HERE.has(url.hostname) || url.protocol === "data:")) {
    // A data: address cannot be opened as a page of its own; it only ever is a picture here.
    if (url.protocol === "data:") explain(t("image"), "", [], el("img", { src: uri, alt: t("image"), class: "sheet-picture" }));
    else window.open(url.href, "_blank", "noopener");
    return;
  }
  const booking = ["http:", "https:"].includes(url.protocol) ? bookingLink(url) : null;
  if (booking) openBookingPage(app, uri, booking);
  else if (url.protocol === "tel:") explain(t("wouldCall", { text: decodeURIComponent(url.pathname) }), uri, [copyChoice(url.pathname)]);
  else if (url.protocol === "line:" || url.hostname === "line.me") lineLink(app, url);
  else if (["http:", "https:"].includes(url.protocol)) explain(t("wouldOpen"), uri, [tabChoice(uri), copyChoice(uri)]);
  else explain(t("wouldLine"), uri, []);
}

function inTab(url) {
  if (HERE.has(url.hostname)) window.open(url.href, "_blank", "noopener");
  else explain(t("wouldLiff"), url.href, [tabChoice(url.href)]);
}

/** A link of the clinic's own: it is followed as LINE does, which is counted, and where it leads on to is shown. */
async function leadOn(app, uri) {
  const done = await app.attempt(() => api.act(app.person.user_id, app.where(), { type: "uri", uri }));
  const to = done?.leads_to;
  if (to) explain(t("leadsOn"), to, [tabChoice(to), copyChoice(to)]);
  else if (done) explain(t("wouldOpen"), uri, [tabChoice(uri), copyChoice(uri)]);
}

const tabChoice = (uri) => [t("openTab"), () => window.open(uri, "_blank", "noopener"), { mark: icon("right") }];
const copyChoice = (text) => [t("copy"), () => copy(text), { mark: icon("copy") }];

function explain(what, uri, choices, ...more) {
  showChoices(t("realPhone"), choices, el("p", { class: "explain", text: what }), ...more, uri ? el("p", { class: "address", text: uri }) : null);
}

/** The account and text of an oaMessage link; LINE puts the text, percent-encoded, as the whole query. */
export function oaMessage(url) {
  const found = /^\/R\/oaMessage\/([^/]+)\/?$/.exec(url.pathname);
  if (!found) return null;
  return { account: decodeURIComponent(found[1]), text: decodeURIComponent(url.search.replace(/^\?/, "")) };
}

function lineLink(app, url) {
  const path = url.protocol === "line:" ? `/${url.hostname}${url.pathname}` : url.pathname;
  const prefilled = oaMessage(url);
  const who = accountIn(path);
  if (prefilled) {
    const others = app.people.filter((person) => person.user_id !== app.person.user_id);
    explain(t("wouldPrefill", { who: prefilled.account }), prefilled.text, [
      [t("doHere"), () => app.composer.fill(prefilled.text), { mark: icon("check"), testid: "do-here" }],
      ...others.map((person) => openAs(app, person, prefilled.text)),
    ]);
  } else if (path.startsWith("/R/share")) {
    share(app, url.searchParams.get("text") ?? "");
  } else if (path.startsWith("/R/ti/p/") || path.startsWith("/R/nv/recommendOA/")) {
    explain(t(path.startsWith("/R/ti") ? "wouldAdd" : "wouldShare", { who }), url.href, [copyChoice(url.href)]);
  } else {
    explain(t("wouldLine"), url.href, [copyChoice(url.href)]);
  }
}

const accountIn = (path) => decodeURIComponent(path.split("/").at(-1) ?? "");

const openAs = (app, person, text) => [t("openAs", { who: person.name }), () => app.openAs(person.user_id, text), { mark: icon("person"), testid: `open-as-${person.name.toLowerCase()}` }];

function share(app, text) {
  const invitation = OA_MESSAGE.exec(text);
  const inside = invitation ? oaMessage(new URL(invitation[0])) : null;
  const others = app.people.filter((person) => person.user_id !== app.person.user_id);
  explain(t("wouldShare"), text, [...(inside ? others.map((person) => openAs(app, person, inside.text)) : []), copyChoice(text)]);
}
