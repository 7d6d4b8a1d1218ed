// The menus behind the three dots: of a chat with the clinic, and of one message.

import { api } from "./api.js";
import { icon, jsonView } from "./dom.js";
import { joinsChoice } from "./groups.js";
import { t } from "./i18n.js";
import { showChoices, showSheet } from "./sheet.js";

export function chatMenu(app) {
  const friend = app.isFriend();
  showChoices(app.channel?.name ?? "", [
    [friend ? t("block") : t("follow"), () => app.befriend(!friend),
      { danger: friend, mark: icon(friend ? "block" : "addPerson"), testid: "block" }],
    joinsChoice(app),
    [t("resetAll"), () => askReset(app), { danger: true, mark: icon("close"), testid: "reset" }],
  ]);
}

function askReset(app) {
  showChoices(t("resetAsk"), [
    [t("resetAll"), () => app.reset(), { danger: true, mark: icon("close"), testid: "reset-sure" }],
    [t("cancel"), () => {}, { mark: icon("left") }],
  ]);
}

export function itemMenu(app, item) {
  const mine = app.chat.isMine(item);
  showChoices(t("messageMenu"), [
    ...(app.maySpeak() ? [[t("reply"), () => app.composer.quote(item), { mark: icon("reply"), testid: "reply" }]] : []),
    ...(mine ? [[t("unsend"), () => unsend(app, item), { danger: true, mark: icon("close"), testid: "unsend" }]] : []),
    [t("asJson"), () => showSheet("JSON", jsonView(item)), { mark: icon("code"), testid: "as-json" }],
  ]);
}

async function unsend(app, item) {
  await app.attempt(() => api.unsend(app.person.user_id, item.item_id));
  app.refresh({ whole: true });
}
