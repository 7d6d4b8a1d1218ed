// What a LIFF app loads instead of LINE's own script: the part of `liff` that the product uses, in the pretend phone.

"use strict";

// A block, so that the page sees `window.liff` alone.
{
  const VERSION = "2.29.0";
  const LINES = new Set(["line.me", "liff.line.me", "miniapp.line.me"]);
  const KEPT = "LIFF_STORE:";
  const here = new URL(document.currentScript.src).origin;
  const phone = location.ancestorOrigins?.[0] ?? here;
  const framed = window.parent !== window;
  let app = null;
  let ready;

  class LiffError extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  const address = {
    /** What LINE's browser put behind the #. */
    given: () => new URLSearchParams(location.hash.slice(1)),

    /** The address below the endpoint that the LIFF URL meant, as LINE's script puts it together; null without `liff.state`. */
    secondary() {
      const endpoint = new URL(location.href);
      const state = endpoint.searchParams.get("liff.state");
      if (state === null) return null;
      endpoint.searchParams.delete("liff.state");
      endpoint.hash = "";
      const [, path, query, hash] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/.exec(state);
      const slash = endpoint.pathname.endsWith("/") || path.endsWith("/");
      const whole = `${endpoint.pathname}/${path}`.replace(/\/{2,}/g, "/");
      endpoint.pathname = slash ? whole : whole.replace(/\/$/, "");
      endpoint.search = [endpoint.search.slice(1), query].filter(Boolean).join("&");
      endpoint.hash = hash ?? "";
      return endpoint.href;
    },

    warn(endpoint) {
      const under = new URL(endpoint);
      const root = under.origin + under.pathname;
      const open = location.origin + location.pathname;
      if (open === root || open.startsWith(`${root.replace(/\/+$/, "")}/`)) return;
      console.warn(`liff.init() was called with a current URL that is not related to the endpoint URL.\n${open} is not under ${root}`);
    },
  };

  const tokens = {
    claims(token) {
      const packed = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
      const bytes = Uint8Array.from(atob(packed), (letter) => letter.codePointAt(0));
      return JSON.parse(new TextDecoder().decode(bytes));
    },
  };

  const kept = (liffId) => JSON.parse(sessionStorage.getItem(KEPT + liffId) ?? "null");
  const keptAny = () => Object.keys(sessionStorage).some((name) => name.startsWith(KEPT));
  const inClient = framed && (address.given().has("context_token") || keptAny());
  const tell = (what) => window.parent.postMessage(what, phone);

  /** What LINE's browser put after the # is kept for the pages that follow. */
  function take(liffId) {
    const got = address.given();
    if (!framed || !got.has("context_token")) return;
    const context = tokens.claims(got.get("context_token"));
    if (context.liffId !== liffId) throw new LiffError("INIT_FAILED", "Invalid LIFF ID");
    sessionStorage.setItem(KEPT + liffId, JSON.stringify({
      access: got.get("access_token"), identity: got.get("id_token"), endpoint: context.endpoint, language: context.language,
    }));
  }

  async function start({ liffId } = {}) {
    if (!liffId) throw new LiffError("INVALID_CONFIG", "liffId is necessary for liff.init()");
    take(liffId);
    app = { liffId, ...(framed ? kept(liffId) : null) };
    liff.id = liffId;
    const to = address.secondary();
    if (app.endpoint) address.warn(app.endpoint);
    if (address.given().has("access_token")) history.replaceState(history.state, "", location.pathname + location.search);
    title();
    if (!to) return;
    location.replace(to);
    await new Promise(() => {}); // LINE's never resolves on the page that is left
  }

  function title() {
    if (inClient) tell({ liff: "title", title: document.title });
  }

  /** What LINE's browser does itself with links to LINE, to its apps and to telephones. */
  function follow(event) {
    const link = event.target.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
    const { protocol, hostname, origin, pathname } = new URL(link.href);
    const lines = ["line:", "tel:"].includes(protocol) || LINES.has(hostname);
    if (!lines && !(origin === here && pathname.startsWith("/liff/"))) return;
    event.preventDefault();
    tell({ liff: "open", url: link.href });
  }

  function init(config, onDone, onFail) {
    const run = start(config);
    run.then(() => ready(), () => {}); // whoever waits hears of success alone
    if (onDone || onFail) run.then(onDone, onFail);
    return run;
  }

  const liff = {
    id: null,
    ready: new Promise((resolve) => { ready = resolve; }),
    init,
    isInClient: () => inClient,
    isLoggedIn: () => Boolean(app?.access),
    getAccessToken: () => app?.access ?? null,
    getIDToken: () => app?.identity ?? null,
    getDecodedIDToken: () => (app?.identity ? tokens.claims(app.identity) : null),
    getOS() {
      if (/android/i.test(navigator.userAgent)) return "android";
      return inClient || /iphone|ipad/i.test(navigator.userAgent) ? "ios" : "web";
    },
    getLanguage: () => navigator.language,
    getAppLanguage: () => app?.language ?? navigator.language,
    getVersion: () => VERSION,
    openWindow({ url, external = false }) {
      if (inClient) tell({ liff: "open", url: new URL(url, location.href).href, external });
      else window.open(url, "_blank", "noopener");
    },
    closeWindow() {
      if (inClient) tell({ liff: "close" });
      else window.close();
    },
    isApiAvailable: (name) => name !== "isApiAvailable" && typeof liff[name] === "function",
  };

  if (inClient) {
    delete Navigator.prototype.serviceWorker; // LINE's browser has none
    document.addEventListener("DOMContentLoaded", title);
    document.addEventListener("click", follow);
  }
  window.liff = liff;
}
