// The page that the chat's booking link would open, pretended in the phone: what is booked there carries the token.

import { api, Failed } from "./api.js";
import { blank, chosen, dayAndHour, serviceField, textField } from "./booking_form.js";
import { el } from "./dom.js";
import { explain, t } from "./i18n.js";
import { closeSheet, showSheet, toast } from "./sheet.js";
import { dayOf, moment, timeOf } from "./when.js";

const PLACES = { reference: "standard", "metadata[aura]": "calcom", utm_content: "calendly" };
const TOKEN = /^[\w-]{24,100}$/;

/** `{source, token}` of the clinic's booking link; null for any other address. */
export function bookingLink(url) {
  for (const [place, source] of Object.entries(PLACES)) {
    const token = url.searchParams.get(place) ?? "";
    if (TOKEN.test(token)) return { source, token };
  }
  return null;
}

export async function openBookingPage(app, uri, { source, token }) {
  let shown;
  try {
    shown = await api.bookings();
  } catch (error) {
    if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
    toast(explain(error));
    return;
  }
  const typed = blank(app.clock.now(), app.person.name);
  const { asks_email: asksEmail } = shown.sources.find((one) => one.name === source);
  const said = el("p", { class: "till-said bad", role: "status", testid: "page-said" });
  const form = el("form", { class: "stack", testid: "booking-page", onsubmit: async (event) => {
    event.preventDefault();
    submit.disabled = true;
    const at = chosen(typed);
    const { name, email, service } = typed;
    try {
      const { status } = await api.book({ source, token, name, email, service, at });
      if (status === 200) {
        closeSheet();
        toast(t("bookingPageDone", { when: `${dayOf(moment(at), app.clock.now())} ${timeOf(moment(at))}` }));
      } else said.textContent = t(status ? "bookingRefused" : "bookingUnheard", { n: status });
    } catch (error) {
      if (!(error instanceof Failed) && !(error instanceof TypeError)) throw error;
      said.textContent = explain(error);
    }
    submit.disabled = false;
    app.wire.read();
  } },
  textField("page", typed, "name", "bookingName", { required: true, autocomplete: "off" }),
  asksEmail ? textField("page", typed, "email", "bookingEmail", { type: "email", required: true, autocomplete: "off" }) : null,
  serviceField("page", typed, shown.services),
  el("div", { class: "page-when" }, ...dayAndHour("page", typed, app.clock.now())),
  said);
  const submit = el("button", { type: "submit", class: "solid", testid: "page-book", text: t("bookingBook") });
  form.append(submit);
  showSheet(t("bookingPage"), form, el("div", { class: "page-real" },
    el("p", { class: "hint", text: t("bookingPageHint") }), el("p", { class: "address", text: uri })));
}
