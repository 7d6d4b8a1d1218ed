// The words of the phone's SMS; `i18n.js` has the others.

export const TEXTS = {
  texts: ["SMS", "SMS"],
  textsOpen: ["เปิด SMS ของเครื่องนี้", "Open this phone's SMS"],
  textsNew: ["SMS ใหม่จาก {from}", "New SMS from {from}"],
  textsNumber: ["เบอร์ของเครื่องนี้: {number}", "This phone's number: {number}"],
  textsNone: ["ยังไม่มี SMS ให้เบอร์นี้กับคลินิก แล้วนัดหรือขอผูกข้อมูล", "No SMS yet. Give this number to the clinic, then book or ask to be linked"],
  textsParts: ["{count} ส่วน", "parts: {count}"],
  textsCopy: ["คัดลอกเบอร์", "Copy the number"],
  text_sent: ["ส่งแล้ว ยังไม่มีรายงาน", "sent, not reported yet"],
  text_delivered: ["รายงานว่าถึงแล้ว", "reported as delivered"],
  text_failed: ["รายงานว่าไม่ถึง", "reported as not delivered"],
  bad_number: ["SMS: เบอร์ไม่ถูกต้องในคำตอบที่สำเร็จ", "SMS: bad number in a success"],
  error_inside: ["SMS: 200 แต่ข้างในเป็นข้อผิดพลาด", "SMS: 200 with an error inside"],
  no_credit: ["SMS: เครดิตหมด", "SMS: no credit left"],
  report_late: ["SMS: รายงานมาช้า", "SMS: report comes late"],
  report_never: ["SMS: ไม่มีรายงาน", "SMS: report never comes"],
  report_first: ["SMS: รายงานมาก่อนคำตอบ", "SMS: report before the answer"],
  report_failed: ["SMS: รายงานว่าไม่ถึง", "SMS: reported as not delivered"],
};
