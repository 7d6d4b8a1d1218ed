// Who one talks to: the line above the chat, and the account's name wherever the page says it.

import { initial } from "./chat.js";
import { t } from "./i18n.js";

const at = (id) => document.getElementById(id);

export function drawHead(app) {
  const { group, person, channel } = app;
  const name = channel?.name ?? "";
  const title = group?.name ?? name;
  const note = group ? t("groupOf", { n: group.members.length, who: person.name }) : `${t("official")} ${channel?.basic_id ?? ""}`;
  at("head-name").textContent = title;
  at("head-avatar").textContent = initial(title);
  at("head-note").textContent = app.onPc() ? `${note} · ${t("onPc")}` : note;
  for (const node of document.querySelectorAll("[data-account-name]")) node.textContent = name;
  for (const node of document.querySelectorAll("[data-account-initial]")) node.textContent = initial(name);
  for (const node of document.querySelectorAll("[data-account-id]")) node.textContent = channel?.basic_id ?? "";
}
