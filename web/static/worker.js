// Keeps the pages that were looked at, for when there is no connection: the network goes first, always, and what is kept
// is shown only where it does not answer. Signing out forgets all of it (the server says so with Clear-Site-Data).

const PAGES = "pages";
const STATICS = "statics";
const PATIENCE = 6_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) {
    return;
  }
  if (path.startsWith("/static/")) {
    event.respondWith(named(request));
  } else if (request.mode === "navigate") {
    event.respondWith(page(request));
  }
});

// Its name changes with its content, so what is kept is right for ever.
async function named(request) {
  const kept = await caches.match(request);
  if (kept) {
    return kept;
  }
  const answer = await fetch(request);
  if (answer.ok) {
    (await caches.open(STATICS)).put(request, answer.clone());
  }
  return answer;
}

async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok && !answer.redirected) {
      (await caches.open(PAGES)).put(address(request), answer.clone());
    }
    return answer;
  } catch (error) {
    const kept = await caches.match(address(request));
    if (kept) {
      return kept;
    }
    throw error;
  }
}

// What stands behind the `?` only says what was just done.
function address(request) {
  return request.url.split("?")[0];
}
