// What became of telling the clinic something.

import { t } from "./i18n.js";

export const took = (status) => status !== null && status >= 200 && status < 300;

export function outcome({ waits, status }) {
  if (waits) return t("bookingWaits");
  if (status === 0) return t("bookingUnheard");
  return t(took(status) ? "bookingTook" : "bookingRefused", { n: status });
}
