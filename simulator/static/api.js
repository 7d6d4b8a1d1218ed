// The simulator's own doors, and the live feed.

/** A refusal; `code` tells the product's refusals at the till apart. */
export class Failed extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

async function call(method, path, body) {
  const init = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    init.headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  const answer = await fetch(path, init);
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    value = { message: text.slice(0, 200) };
  }
  if (!answer.ok) throw new Failed(value?.message ?? value?.error ?? `${method} ${path}: ${answer.status}`, value?.code);
  return value;
}

const person = (userId) => `/sim/people/${encodeURIComponent(userId)}`;

const till = (customer) => `/sim/till/${encodeURIComponent(customer)}`;

const group = (groupId) => `/sim/groups/${encodeURIComponent(groupId)}`;

export const api = {
  state: () => call("GET", "/sim/state"),
  chat: (userId, channel, after) =>
    call("GET", `${person(userId)}/chat?${new URLSearchParams({ channel, ...(after ? { after } : {}) })}`),
  texts: (userId) => call("GET", `${person(userId)}/texts`),
  say: (userId, where, message) => call("POST", `${person(userId)}/say`, { ...where, message }),
  act: (userId, where, action, params) => call("POST", `${person(userId)}/act`, { ...where, action, ...(params ? { params } : {}) }),
  follow: (userId, channel) => call("POST", `${person(userId)}/follow`, { channel }),
  unfollow: (userId, channel) => call("POST", `${person(userId)}/unfollow`, { channel }),
  unsend: (userId, itemId) => call("POST", `${person(userId)}/unsend`, { item_id: itemId }),
  addPerson: (name, language, device) => call("POST", "/sim/people", { name, language, device }),
  groupChat: (groupId, after) => call("GET", `${group(groupId)}/chat?${new URLSearchParams(after ? { after } : {})}`),
  addGroup: (channel, name, members) => call("POST", "/sim/groups", { channel, name, members }),
  joinGroup: (groupId, userId) => call("POST", `${group(groupId)}/members`, { user_id: userId }),
  leaveGroup: (groupId, userId) => call("DELETE", `${group(groupId)}/members/${encodeURIComponent(userId)}`),
  turnSwitch: (name, on) => call("PATCH", "/sim/switches", { [name]: on }),
  removeAccount: (groupId) => call("DELETE", group(groupId)),
  sayByHand: (userId, channel, text) => call("POST", `/sim/manager/${encodeURIComponent(userId)}/say`, { channel, text }),
  till: () => call("GET", "/sim/till"),
  identify: (card) => call("POST", "/sim/till/identify", { card }),
  customer: (id) => call("GET", till(id)),
  quote: (customer, bill) => call("POST", `${till(customer)}/quote`, bill),
  pay: (customer, bill) => call("POST", `${till(customer)}/payments`, bill),
  refund: (customer, refund) => call("POST", `${till(customer)}/refunds`, refund),
  visit: (customer, visit) => call("POST", `${till(customer)}/visits`, visit),
  tie: (asked) => call("POST", "/sim/till/ties", asked),
  tied: (id) => call("GET", `/sim/till/ties/${encodeURIComponent(id)}`),
  useCode: (code) => call("POST", "/sim/till/codes", code),
  bookings: () => call("GET", "/sim/booking"),
  book: (booking) => call("POST", "/sim/booking", booking),
  changeBooking: (number, deed, how) => call("POST", `/sim/booking/${number}/${deed}`, how),
  sell: (number, sale) => call("POST", `/sim/booking/${number}/sell`, sale),
  changeSale: (number, deed, how) => call("POST", `/sim/booking/sales/${number}/${deed}`, how),
  knownSale: (number) => call("GET", `/sim/booking/sales/${number}/known`),
  knownBooking: (number) => call("GET", `/sim/booking/${number}/known`),
  followups: (userId, before) => call("GET", `${person(userId)}/followups${before ? `?${new URLSearchParams({ before })}` : ""}`),
  counter: () => call("GET", "/sim/counter"),
  log: (after, newest) => call("GET", `/sim/log?${new URLSearchParams({ after, newest })}`),
  fault: (fault) => call("POST", "/sim/faults", fault),
  clearFaults: () => call("DELETE", "/sim/faults"),
  mailboxes: (of) => call("GET", `/sim/mail?${new URLSearchParams({ of })}`),
  mail: (number) => call("GET", `/sim/mail/${number}`),
  leaveMail: (number) => call("POST", `/sim/mail/${number}/unsubscribe`, {}),
  reportMail: (number, what) => call("POST", `/sim/mail/${number}/reports`, { what }),
  mailFault: (kind) => call("POST", "/sim/mail/faults", { kind }),
  mailReports: (what, when) => call("PUT", "/sim/mail/reports", { what, when }),
  clearMail: () => call("DELETE", "/sim/mail/faults"),
  clock: () => call("GET", "/sim/clock"),
  moveClock: (move) => call("PUT", "/sim/clock", move),
  reset: () => call("POST", "/sim/reset", {}),
};

/** Listens for as long as the page lives. `onBack` runs at every (re)connection: the screen then re-reads everything. */
export function listen({ onEvent, onBack, onLost }) {
  let wait = 500;
  const open = () => {
    const source = new EventSource("/sim/feed");
    source.addEventListener("open", () => {
      wait = 500;
      onBack();
    });
    source.addEventListener("message", (event) => onEvent(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      onLost();
      // The browser reconnects by itself except when the door answered with an error: then it gives up for good.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 8000);
    });
  };
  open();
}
