// What comes in while the page is open appears by itself: a mark is asked for every few seconds, and where it is another
// one the page is fetched anew. Nobody's typing is taken from them, and what nobody sees asks nothing.

const SOON = 5_000;
const LATEST = 60_000;
const PATIENCE = 8_000;
const live = document.querySelector("#live");
let mark = live?.dataset.mark;
let pause = SOON;

async function look() {
  if (document.visibilityState === "visible" && !inUse()) {
    try {
      const answer = await fetch(live.dataset.now, { signal: AbortSignal.timeout(PATIENCE) });
      away(false);
      pause = SOON;
      if (answer.ok && !answer.headers.get("Content-Type").startsWith("application/json")) {
        return location.reload(); // signed out elsewhere
      }
      if (answer.ok) {
        await renew((await answer.json()).mark);
      } else {
        pause = Math.min(pause * 2, LATEST);
      }
    } catch {
      away(true);
      pause = Math.min(pause * 2, LATEST);
    }
  }
  setTimeout(look, pause * (0.9 + Math.random() / 5));
}

async function renew(now) {
  if (now === mark) {
    return;
  }
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok || inUse()) {
    return;
  }
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, fresh] = [document.querySelector("main"), drawn.querySelector("main")];
  if (!old || !fresh) {
    return;
  }
  old.replaceWith(fresh);
  mark = fresh.querySelector("#live")?.dataset.mark ?? now; // what was drawn may be newer than what was asked for
  const ways = drawn.querySelector("nav");
  if (ways) {
    document.querySelector("nav")?.replaceWith(ways);
  }
}

function inUse() {
  return document.querySelector("dialog[open]") !== null || document.activeElement?.matches("input, textarea, select");
}

function away(is) {
  const said = document.querySelector("#away");
  if (said) {
    said.hidden = !is;
  }
}

// A form that would be lost is kept: nothing is sent while there is no connection, and that is said.
function held(event) {
  if (!navigator.onLine) {
    event.preventDefault();
    away(true);
    window.scrollTo({ top: 0 });
  }
}

if (live) {
  setTimeout(look, navigator.onLine ? pause : 0);
  addEventListener("offline", () => away(true));
  addEventListener("online", () => away(false));
  document.addEventListener("submit", held);
  if (live.dataset.worker && "serviceWorker" in navigator) {
    navigator.serviceWorker.register(live.dataset.worker, { scope: live.dataset.scope });
  }
}
