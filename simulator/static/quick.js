// Quick replies: they stand under the newest message only, and are gone when anything newer is there.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { picture } from "./flex_parts.js";

// These leave the row standing until something has really been sent, as on the phone.
const LEAVES_ROW = new Set(["camera", "cameraRoll", "location", "datetimepicker", "uri"]);

let usedAt = 0;

/** `last` is the newest item of the chat, or null when nothing may be offered. */
export function drawQuickReplies(row, last, onAction) {
  const items = last?.from === "bot" && last.seq !== usedAt ? last.message?.quickReply?.items ?? [] : [];
  const key = items.length > 0 ? `${last.seq} ${JSON.stringify(items)}` : "";
  row.hidden = items.length === 0;
  if (row.dataset.key === key) return;
  row.dataset.key = key;
  row.setAttribute("aria-label", t("quick"));
  row.scrollLeft = 0;
  row.replaceChildren(...items.map((item) => {
    const action = item.action ?? {};
    const mark = item.imageUrl ? el("span", { class: "quick-icon" }, picture(item.imageUrl, true)) : null;
    return el("button", {
      type: "button", class: "quick", testid: "quick-reply", "data-action": action.type,
      onclick: () => {
        if (!LEAVES_ROW.has(action.type)) {
          usedAt = last.seq;
          row.hidden = true;
        }
        onAction(action);
      },
    }, mark, el("span", { text: action.label ?? "" }));
  }));
}
