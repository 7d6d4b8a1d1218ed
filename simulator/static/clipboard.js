// The clipboard.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { showSheet, toast } from "./sheet.js";

/** To the clipboard; where the browser forbids it the text is shown to be copied by hand. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied", { text }));
  } catch (refusal) {
    if (!(refusal instanceof DOMException) && !(refusal instanceof TypeError)) throw refusal;
    const field = el("textarea", { class: "field", readonly: true, rows: "3", "data-focus": true, "aria-label": t("copy") });
    field.value = text;
    showSheet(t("copy"), field);
    field.select();
  }
}
