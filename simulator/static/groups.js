// Group chats that the clinic's account sits in, such as the staff's: making one, coming and going, whose eyes to look through.

import { api } from "./api.js";
import { el, icon } from "./dom.js";
import { t } from "./i18n.js";
import { closeSheet, showChoices } from "./sheet.js";

/** The form that makes a group of people who are already here. */
export function groupForm(app) {
  const name = el("input", { class: "field", type: "text", required: true, maxlength: "40", autocomplete: "off", id: "group-name", testid: "group-name" });
  const members = app.people.map((person) => {
    const box = el("input", { type: "checkbox", value: person.user_id });
    return { box, row: el("label", { class: "member" }, box, el("span", { text: person.name })) };
  });
  const chosen = () => members.filter(({ box }) => box.checked).map(({ box }) => box.value);
  return el("details", { class: "group-form", testid: "group-form" }, el("summary", { text: t("newGroup") }), el("form", {
    class: "stack",
    onsubmit: async (event) => {
      event.preventDefault();
      const inside = chosen();
      if (inside.length === 0) {
        members[0].box.focus();
        return;
      }
      closeSheet();
      const made = await app.attempt(() => api.addGroup(app.channel.id, name.value.trim(), inside));
      if (made) app.enter(made.group_id, inside[0]);
    },
  }, el("label", { for: "group-name", text: t("groupName") }), name,
  el("div", { role: "group", "aria-label": t("members") }, ...members.map(({ row }) => row)),
  el("button", { type: "submit", class: "solid", testid: "group-save", text: t("makeGroup") })));
}

/** What can be done to the open group. */
export function groupMenu(app) {
  const { group, person } = app;
  const inside = (one) => group.members.includes(one.user_id);
  showChoices(group.name, [
    ...app.people.filter((one) => !inside(one)).map((one) =>
      [t("invite", { who: one.name }), () => app.attempt(() => api.joinGroup(group.group_id, one.user_id)), { mark: icon("addPerson") }]),
    tapsChoice(app),
    [t("memberLeaves", { who: person.name }), () => app.attempt(() => api.leaveGroup(group.group_id, person.user_id)), { danger: true, mark: icon("close") }],
    ...(group.bot_inside
      ? [[t("removeAccount"), () => app.attempt(() => api.removeAccount(group.group_id)), { danger: true, mark: icon("block") }]] : []),
  ]);
}

/** What the account's owner has switched in LINE's own manager. */
export function joinsChoice(app) {
  const refused = app.switches.refuse_joins === true;
  return [t(refused ? "allowJoins" : "refuseJoins"), () => app.attempt(() => api.turnSwitch("refuse_joins", !refused)),
    { mark: icon("group"), testid: "refuse-joins" }];
}

/** LINE promises the member's id for messages only; some taps bring it all the same. */
function tapsChoice(app) {
  const told = app.switches.group_postback_user === true;
  return [t(told ? "hideTaps" : "tellTaps"), () => app.attempt(() => api.turnSwitch("group_postback_user", !told)),
    { mark: icon("person"), testid: "tell-taps" }];
}
