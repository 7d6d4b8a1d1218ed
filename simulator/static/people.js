// Whose phone this is: the row of customers, adding one, and what can be done to a chat as a whole.

import { api } from "./api.js";
import { initial } from "./chat.js";
import { el, icon, inOrder } from "./dom.js";
import { t } from "./i18n.js";
import { groupForm } from "./groups.js";
import { closeSheet, showSheet } from "./sheet.js";

/** Fills the row: customers, groups, their members. `unread` counts what arrived for those who are not looked at. Who
 * looks as before stays as it is: what is replaced while somebody taps it is not tapped. */
export function drawPeople(app, row, unread) {
  const standing = new Map([...row.children].map((node) => [node.dataset.key, node]));
  const kept = (key, make) => {
    const node = standing.get(key) ?? make();
    node.dataset.key = key;
    return node;
  };
  const inGroups = new Set(app.groups.flatMap((group) => group.members));
  const chip = (person) => {
    const chosen = !app.group && person.user_id === app.person?.user_id;
    const waiting = unread.get(person.user_id) ?? 0;
    return kept(JSON.stringify([person.user_id, person.name, person.language, chosen, waiting]), () => el(
      "button", {
        type: "button", class: "chip", "aria-pressed": String(chosen), testid: `person-${person.name.toLowerCase()}`,
        "data-user-id": person.user_id, onclick: () => app.choose(person.user_id),
      },
      el("span", { class: "avatar avatar-chip", "aria-hidden": "true", text: initial(person.name) }),
      el("span", { class: "chip-name", text: person.name }),
      el("small", { class: "chip-language", text: (person.language ?? "").toUpperCase() }),
      waiting > 0 && !chosen ? el("span", { class: "badge", text: String(waiting) }) : null,
    ));
  };
  const customers = app.people.filter((person) => !inGroups.has(person.user_id));
  const staff = app.people.filter((person) => inGroups.has(person.user_id));
  const groups = app.groups.map((group) => {
    const chosen = group.group_id === app.group?.group_id;
    const waiting = unread.get(group.group_id) ?? 0;
    return kept(JSON.stringify([group.group_id, group.name, group.members, chosen, waiting]), () => el("button", {
      type: "button", class: "chip", "aria-pressed": String(chosen), testid: "group", "data-user-id": group.group_id,
      onclick: () => app.enter(group.group_id, group.members.includes(app.person?.user_id) ? app.person.user_id : group.members[0]),
    }, el("span", { class: "avatar avatar-chip avatar-group", "aria-hidden": "true" }, icon("group", 17)),
    el("span", { class: "chip-name", text: group.name }), waiting > 0 && !chosen ? el("span", { class: "badge", text: String(waiting) }) : null));
  });
  const add = kept(`add ${t("addPerson")}`, () => el("button", {
    type: "button", class: "chip chip-add", testid: "person-add", "aria-label": t("addPerson"), title: t("addPerson"),
    onclick: () => askPerson(app),
  }, icon("addPerson", 20)));
  const scrolled = row.scrollLeft;
  const focused = document.activeElement?.dataset?.userId;
  inOrder(row, [...customers.map(chip), ...groups, ...staff.map(chip), add]);
  row.scrollLeft = scrolled;
  const here = app.group?.group_id ?? app.person?.user_id;
  if (row.dataset.here !== here) row.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "center" });
  row.dataset.here = here;
  if (focused) row.querySelector(`[data-user-id="${CSS.escape(focused)}"]`)?.focus();
}

function askPerson(app) {
  const name = el("input", {
    class: "field", type: "text", required: true, maxlength: "40", autocomplete: "off", "data-focus": true, id: "person-name",
    testid: "person-name",
  });
  const language = el("select", { class: "field", id: "person-language", testid: "person-language" },
    el("option", { value: "th", text: t("thai") }), el("option", { value: "en", text: t("english") }));
  const pc = el("input", { type: "checkbox", testid: "person-pc" });
  showSheet(t("addPerson"), el("form", {
    class: "stack",
    onsubmit: async (event) => {
      event.preventDefault();
      closeSheet();
      const added = await app.attempt(() => api.addPerson(name.value.trim(), language.value, pc.checked ? "pc" : "phone"));
      if (added) app.choose(added.user_id);
    },
  }, el("label", { for: "person-name", text: t("name") }), name, el("label", { for: "person-language", text: t("language") }), language,
  el("label", { class: "member" }, pc, el("span", { text: t("onPc") })),
  el("button", { type: "submit", class: "solid", testid: "person-save", text: t("add") })), groupForm(app));
}
