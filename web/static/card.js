// The code of a member's card lives for minutes: while somebody looks the next one is fetched before it is over. One that
// is over and could not be followed by another is not shown any more.

const EVERY = 2_000;
const PATIENCE = 8_000;
const seen = new WeakMap();
let asking = false;

async function look() {
  const living = document.querySelector("#living");
  if (!living || document.visibilityState !== "visible") {
    return;
  }
  if (!seen.has(living)) {
    seen.set(living, Date.now());
  }
  const seconds = (Date.now() - seen.get(living)) / 1_000;
  if (seconds >= Number(living.dataset.nextIn) && !asking) {
    asking = true;
    await next(living);
    asking = false;
  }
  if (living.isConnected && seconds >= Number(living.dataset.left)) {
    living.querySelector("[data-when=good]").hidden = true;
    living.querySelector("[data-when=over]").hidden = false;
  }
}

async function next(living) {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) {
      return;
    }
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = drawn.querySelector("#living");
    if (!fresh) {
      location.reload(); // signed out elsewhere
    } else if (living.isConnected) {
      living.replaceWith(fresh);
    }
  } catch {
    // There is no connection: tried again soon, and the page says so by itself.
  }
}

document.addEventListener("visibilitychange", look);
setInterval(look, EVERY);
look();
