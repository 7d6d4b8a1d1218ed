// Making things fail on demand.

import { api } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";

const KINDS = ["duplicate", "redeliver", "delay", "error_500", "timeout_after_accept", "refused_400", "rate_429", "quota_429", "hang", "refuse",
  "bad_number", "error_inside", "no_credit", "report_late", "report_never", "report_first", "report_failed"];
const PLACES = ["webhook", "reply", "push", "richmenu", "login", "sms", "any"];
const WEBHOOK_ONLY = new Set(["duplicate", "redeliver"]);
const SMS_ONLY = new Set(KINDS.slice(KINDS.indexOf("bad_number")));
const CALL_ONLY = new Set(["refused_400", "rate_429", "quota_429"]);

/** Draws the form into `root`; what was chosen and said survives a change of language. */
export function drawFaults(app, root, memory) {
  const kind = select("fault-kind", KINDS, memory.kind ?? "duplicate", (key) => t(key));
  const on = select("fault-on", PLACES, memory.on ?? "webhook", (key) => (key === "any" ? t("any") : key));
  const times = el("input", { class: "field", id: "fault-times", type: "number", min: "1", max: "99", value: memory.times ?? "1" });
  const said = el("p", { class: "hint", role: "status", text: memory.said ?? "" });
  const fits = () => {
    if (WEBHOOK_ONLY.has(kind.value)) on.value = "webhook";
    else if (SMS_ONLY.has(kind.value)) on.value = "sms";
    else if (CALL_ONLY.has(kind.value) && on.value === "webhook") on.value = "push";
    on.disabled = WEBHOOK_ONLY.has(kind.value) || SMS_ONLY.has(kind.value);
    Object.assign(memory, { kind: kind.value, on: on.value, times: times.value });
  };
  const say = (text) => {
    memory.said = text;
    said.textContent = text;
  };
  for (const field of [kind, on, times]) field.addEventListener("change", fits);
  fits();
  root.replaceChildren(
    el("p", { class: "hint", text: t("faultsHint") }),
    el("form", {
      class: "fault-form",
      onsubmit: async (event) => {
        event.preventDefault();
        fits();
        const fault = { kind: kind.value, on: on.value, times: Number(times.value) };
        const text = `${t(fault.kind)} · ${fault.on} × ${fault.times}`;
        if (await app.attempt(() => api.fault(fault))) say(t("faultArmed", { text }));
      },
    },
    labelled("faultKind", kind), labelled("faultOn", on), labelled("faultTimes", times),
    el("button", { type: "submit", class: "pill strong", testid: "fault-set", text: t("faultSet") }),
    el("button", {
      type: "button", class: "pill", testid: "fault-clear", text: t("faultClear"),
      onclick: async () => {
        if (await app.attempt(() => api.clearFaults())) say(t("faultCleared"));
      },
    })),
    said,
  );
}

function labelled(key, field) {
  return el("label", { class: "labelled", for: field.id }, el("span", { text: t(key) }), field);
}

function select(id, values, chosen, name) {
  const field = el("select", { class: "field", id, testid: id }, ...values.map((value) => el("option", { value, text: name(value) })));
  field.value = chosen;
  return field;
}
