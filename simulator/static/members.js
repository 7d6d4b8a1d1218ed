// Through whose eyes an open group is seen: one chip for each member, above the chat.

import { initial } from "./chat.js";
import { el, icon } from "./dom.js";
import { t } from "./i18n.js";

export function drawMembers(app, row) {
  const { group, person } = app;
  row.hidden = group === null;
  if (!group) return;
  const focused = row.contains(document.activeElement) ? document.activeElement.dataset.userId : null;
  const inside = app.people.filter((one) => group.members.includes(one.user_id));
  row.replaceChildren(el("span", { class: "members-label", text: t("youAre") }), ...inside.map((one) => el(
    "button", {
      type: "button", class: "chip", "aria-pressed": String(one === person), testid: `be-${one.name.toLowerCase()}`,
      "data-user-id": one.user_id, onclick: () => app.enter(group.group_id, one.user_id),
    },
    el("span", { class: "avatar avatar-chip", "aria-hidden": "true", text: initial(one.name) }),
    el("span", { class: "chip-name", text: one.name }),
    one.device === "pc" ? el("span", { class: "chip-pc", role: "img", "aria-label": t("onPc"), title: t("onPc") }, icon("computer", 16)) : null,
  )));
  if (focused) row.querySelector(`[data-user-id="${CSS.escape(focused)}"]`)?.focus();
}
