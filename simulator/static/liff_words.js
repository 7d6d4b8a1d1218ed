// The words of the browser inside LINE, where a LIFF app opens; `i18n.js` has the others.

export const LIFF = {
  wouldLiff: ["เปิดหน้านี้ซ้อนอยู่ใน LINE (LIFF) บนคอมพิวเตอร์จะเปิดในเบราว์เซอร์", "Open this page inside LINE (LIFF); LINE on a computer opens it in a browser"],
  liffOpening: ["กำลังเปิด…", "Opening…"],
};
