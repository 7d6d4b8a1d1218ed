// The page that LINE opens: LINE's script says who it is, the server asks LINE whether that is so, and the page goes on.
// The address carries LINE's tokens until `liff.init` has resolved: nothing reads, changes or logs it before.

const { liff } = globalThis;
const page = document.querySelector("#app");
const PATIENCE = 12_000;

function say(which) {
  for (const part of page.querySelectorAll("[data-when]")) {
    part.hidden = part.dataset.when !== which;
  }
}

async function enter() {
  try {
    await within(liff.init({ liffId: page.dataset.liff }));
  } catch {
    return say(navigator.onLine ? "later" : "lost");
  }
  if (!liff.isLoggedIn()) {
    return location.replace(`${page.dataset.base}/sign-in?next=${encodeURIComponent(wanted())}`);
  }
  let said;
  try {
    const answer = await fetch(`${page.dataset.base}/liff`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: liff.getIDToken(), next: wanted() }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    said = await answer.json();
  } catch {
    return say("lost");
  }
  return said.to ? location.replace(said.to) : say(said.why === "anew" ? "anew" : "later");
}

// The page behind the one that LINE opens: what a button of the chat has asked for.
function wanted() {
  return location.pathname.slice(`${page.dataset.base}/liff`.length);
}

function within(promise) {
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error("late")), PATIENCE));
  return Promise.race([promise, late]);
}

if (liff) {
  enter();
} else {
  say("lost"); // LINE's script did not come
}
