// What happens on the phone when something is tapped. The server hears of every tap; the phone's own part is done here.

import { api } from "./api.js";
import { copy } from "./clipboard.js";
import { el, jsonView } from "./dom.js";
import { t } from "./i18n.js";
import { closeSheet, showSheet, toast } from "./sheet.js";
import { openUri } from "./links.js";

const PICKER = { date: "date", time: "time", datetime: "datetime-local" };

/** Performs a LINE action object for the person whose phone this is. */
export async function perform(app, action) {
  if (!app.maySpeak()) {
    toast(t("notFriend"));
    return;
  }
  switch (action.type) {
    case "message":
      await send(app, action);
      break;
    case "postback":
      await send(app, action);
      afterPostback(app, action);
      break;
    case "richmenuswitch":
      await send(app, action);
      break;
    case "datetimepicker":
      pickDate(app, action);
      break;
    case "uri":
      openUri(app, action.uri);
      break;
    case "clipboard":
      await copy(action.clipboardText ?? "");
      break;
    case "camera":
    case "cameraRoll":
      app.composer.pickImage(action.type === "camera");
      break;
    case "location":
      app.composer.pickPlace();
      break;
    default:
      showSheet(String(action.type), jsonView(action));
  }
}

async function send(app, action, params) {
  await app.attempt(() => api.act(app.person.user_id, app.where(), action, params));
}

function afterPostback(app, action) {
  if (action.inputOption === "openKeyboard") app.composer.fill(action.fillInText ?? "");
  if (action.inputOption === "closeRichMenu") app.menu.toggle(false);
  if (action.inputOption === "openRichMenu") app.menu.toggle(true);
  if (action.inputOption === "openVoice") toast(t("voice"));
}

// LINE writes "t" between date and time as well as "T"; browsers want "T".
const plain = (value) => (value ? String(value).replace("t", "T") : null);

function pickDate(app, action) {
  const mode = Object.hasOwn(PICKER, action.mode ?? "") ? action.mode : "date";
  const input = el("input", {
    type: PICKER[mode], min: plain(action.min), max: plain(action.max), value: plain(action.initial), required: true,
    "aria-label": action.label ?? mode, testid: "date-input", "data-focus": true, class: "field",
  });
  const form = el("form", {
    class: "stack",
    onsubmit: (event) => {
      event.preventDefault();
      closeSheet();
      send(app, action, { [mode]: input.value });
    },
  }, input, el("button", { type: "submit", class: "solid", testid: "date-ok", text: t("ok") }));
  showSheet(action.label ?? mode, form);
}
