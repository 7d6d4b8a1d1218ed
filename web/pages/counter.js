// The day's check-in picture at the counter. It renews itself; what it cannot renew it says.

const EVERY = 60_000;
const AGAIN = 15_000;
const PATIENCE = 10_000;
const JUST_AFTER = 500;
const at = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

// Behind the # an address is sent to no server and stands in no log.
const key = decodeURIComponent(location.hash.slice(1));
let timer = null;
let goodUntil = 0;
let renewed = null;
let spoken = []; // codes, once the clinic has said which; until then all are shown

/** The clinic's languages in its order, and no others: `node` has a span for each that there is. */
function speak(node) {
  for (const one of node.querySelectorAll(":scope > span[lang]")) one.hidden = spoken.length > 0 && !spoken.includes(one.lang);
  node.prepend(...spoken.map((code) => node.querySelector(`:scope > span[lang="${code}"]`)).filter(Boolean));
}

/** Fills `node` with what the page says by this name, in all its languages. */
function say(node, name, facts = {}) {
  const words = at(`say-${name}`).content.cloneNode(true);
  for (const one of words.children) one.textContent = one.textContent.replace(/\{(\w+)\}/g, (_, fact) => facts[fact]);
  node.replaceChildren(words);
  speak(node);
  node.hidden = false;
}

/** Nothing to scan: an old picture would send people away with "this is the code of an earlier day". */
function nothing(why) {
  at("picture").hidden = at("around").hidden = true;
  say(at("none"), why);
}

function show(counter) {
  renewed = Date.now();
  goodUntil = renewed + counter.goodForSeconds * 1000;
  if (/^#[0-9a-f]{6}$/i.test(counter.color)) document.documentElement.style.setProperty("--brand", counter.color);
  spoken = counter.languages;
  for (const node of new Set([...document.querySelectorAll("main span[lang]")].map((one) => one.parentElement))) speak(node);
  at("clinic").textContent = counter.clinic;
  at("picture").src = counter.picture;
  at("picture").alt = at("text").textContent = counter.text;
  // Noon in UTC is the same day wherever a clinic may be, and Thai writes the Buddhist era.
  const noon = new Date(`${counter.day}T12:00:00Z`);
  for (const one of at("day").children) {
    const form = new Intl.DateTimeFormat(one.lang === "th" ? "th-TH-u-ca-buddhist" : one.lang, { dateStyle: "long", timeZone: "UTC" });
    one.textContent = form.format(noon);
  }
  if (counter.points > 0) say(at("points"), "points", { points: counter.points });
  else at("points").hidden = true;
  at("picture").hidden = at("around").hidden = false;
  at("none").hidden = at("trouble").hidden = true;
}

function look() {
  if (renewed !== null && Date.now() >= goodUntil) nothing("over");
}

function lost() {
  say(at("trouble"), renewed === null ? "away" : "lost", { time: clock.format(renewed ?? 0) });
  look();
}

function refused() {
  renewed = null;
  at("trouble").hidden = true;
  nothing("refused");
}

async function renew() {
  clearTimeout(timer);
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), PATIENCE);
  let wait = EVERY;
  try {
    const headers = { authorization: `Bearer ${key}`, accept: "application/json" };
    const answer = await fetch("/api/loyalty/check-in", { headers, cache: "no-store", signal: stop.signal });
    if (answer.ok) {
      const counter = await answer.json();
      show(counter);
      wait = Math.min(EVERY, counter.renewInSeconds * 1000 + JUST_AFTER);
    } else if (answer.status === 401 || answer.status === 403) {
      refused();
    } else {
      lost();
      wait = AGAIN;
    }
  } catch {
    // No connection, no answer in time, or something in between that answers in the system's place.
    lost();
    wait = AGAIN;
  } finally {
    clearTimeout(patience);
  }
  clearTimeout(timer); // another one may have been begun meanwhile, by a tablet that woke up
  timer = setTimeout(renew, wait);
}

/** So that the tablet does not go dark. Not every browser can, and it ends when the page is out of sight. */
function stayAwake() {
  navigator.wakeLock?.request("screen").catch(() => {});
}

if (!key) {
  nothing("incomplete");
} else {
  renew();
  setInterval(look, 1000);
  stayAwake();
  addEventListener("online", renew);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    stayAwake();
    renew(); // while it slept no timer ran
  });
}
