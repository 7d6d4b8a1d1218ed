// The words of the simulator's own frame, Thai first. What is inside the chat is the clinic's and stays as it was sent.

const WORDS = {
  title: ["จำลอง LINE ของคลินิก", "A pretend LINE for the clinic"],
  subtitle: ["ทุกอย่างในหน้านี้อยู่ในเครื่องนี้ ไม่มีข้อความใดออกไปถึง LINE จริง", "Everything here stays on this computer; nothing reaches the real LINE"],
  phoneOf: ["โทรศัพท์ของ", "Phone of"],
  people: ["เลือกลูกค้า", "Choose a customer"],
  newGroup: ["สร้างกลุ่มที่มีคลินิกอยู่ด้วย", "Make a group with the clinic in it"],
  groupName: ["ชื่อกลุ่ม", "Group name"],
  members: ["สมาชิก", "Members"],
  makeGroup: ["สร้างกลุ่ม", "Make the group"],
  groupOf: ["กลุ่ม {n} คน · คุณคือ {who}", "Group of {n} · you are {who}"],
  youAre: ["คุณคือ", "You are"],
  onPc: ["LINE บนคอมพิวเตอร์ ไม่มีเมนูและปุ่มตอบด่วน", "LINE on a computer: no menu, no quick replies"],
  allowJoins: ["ตั้งค่า LINE: ให้คลินิกเข้ากลุ่มได้", "LINE setting: let the clinic join groups"],
  refuseJoins: ["ตั้งค่า LINE: ไม่ให้คลินิกเข้ากลุ่ม", "LINE setting: do not let the clinic join groups"],
  joins_refused: ["LINE ไม่ให้คลินิกเข้ากลุ่ม เพราะปิด Allow bot to join group chats ไว้ เปิดได้ที่เมนูสามจุดของแชตกับคลินิก", "LINE does not let the clinic in: Allow bot to join group chats is off. The three dots of the clinic's chat switch it on."],
  not_a_member: ["คนนี้ไม่ได้อยู่ในกลุ่มนี้", "This person is not in this group"],
  account_blocked: ["คนนี้บล็อกคลินิกอยู่ ต้องเลิกบล็อกก่อน", "This person has blocked the clinic; unblock it first"],
  text_too_long: ["ข้อความยาวเกินไป", "The message is too long"],
  not_own_message: ["ยกเลิกการส่งได้เฉพาะข้อความของตัวเอง", "Only one's own messages can be unsent"],
  outside_picker: ["วันเวลานี้อยู่นอกช่วงที่เลือกได้", "This date is outside what can be picked"],
  clock_away: ["ระบบคลินิกไม่ตอบ เลื่อนนาฬิกาไม่ได้ตอนนี้", "The clinic's system does not answer, so its clock cannot be moved now"],
  clock_refused: ["เลื่อนนาฬิกาได้ไม่เกินสิบปี", "The clock can be moved by ten years at most"],
  gone: ["สิ่งนี้ไม่มีแล้ว", "This is not there any more"],
  invite: ["เชิญ {who} เข้ากลุ่ม", "Invite {who}"],
  tellTaps: ["ให้ LINE บอกว่าใครกดปุ่ม", "Let LINE tell who taps a button"],
  hideTaps: ["ไม่ให้ LINE บอกว่าใครกดปุ่ม", "Let LINE not tell who taps a button"],
  memberLeaves: ["{who} ออกจากกลุ่ม", "{who} leaves the group"],
  removeAccount: ["นำคลินิกออกจากกลุ่ม", "Remove the clinic from the group"],
  removed: ["คลินิกไม่ได้อยู่ในกลุ่มนี้แล้ว", "The clinic is no longer in this group"],
  addPerson: ["เพิ่มลูกค้า", "Add a customer"],
  name: ["ชื่อ", "Name"],
  language: ["ภาษาในเครื่อง", "Phone language"],
  thai: ["ไทย", "Thai"],
  english: ["อังกฤษ", "English"],
  add: ["เพิ่ม", "Add"],
  cancel: ["ยกเลิก", "Cancel"],
  close: ["ปิด", "Close"],
  desk: ["แผงควบคุม", "Control desk"],
  openDesk: ["เปิดแผงควบคุม: เวลา ความขัดข้อง ข้อมูลที่รับส่ง", "Open the desk: time, faults, what went over the wire"],
  chatMenu: ["ตัวเลือกของแชต", "Chat options"],
  block: ["บล็อกคลินิกนี้", "Block this clinic"],
  unblock: ["เลิกบล็อก", "Unblock"],
  blocked: ["บล็อกบัญชีนี้อยู่ จึงไม่ได้รับข้อความ", "This account is blocked, so no messages arrive"],
  follow: ["เพิ่มเพื่อน", "Add friend"],
  followHint: ["เพิ่มคลินิกเป็นเพื่อนเพื่อเริ่มคุย", "Add the clinic as a friend to start chatting"],
  official: ["บัญชีทางการ", "Official account"],
  resetAll: ["ล้างแชตทั้งหมด", "Clear all chats"],
  resetAsk: ["ล้างแชต เมนู และการเป็นเพื่อนของทุกคน?", "Forget everyone's chats, menus and friendships?"],
  messages: ["ข้อความในแชต", "Messages of the chat"],
  message: ["พิมพ์ข้อความ", "Type a message"],
  send: ["ส่ง", "Send"],
  stickers: ["สติกเกอร์", "Stickers"],
  attach: ["ส่งรูปหรือตำแหน่ง", "Send a picture or a place"],
  image: ["รูปภาพ", "Picture"],
  location: ["ตำแหน่ง", "Location"],
  video: ["วิดีโอ", "Video"],
  audio: ["เสียง", "Voice"],
  file: ["ไฟล์", "File"],
  coupon: ["คูปอง", "Coupon"],
  noPicture: ["แสดงรูปไม่ได้", "Picture not shown"],
  whichPlace: ["ส่งตำแหน่งไหน", "Which place to send"],
  read: ["อ่านแล้ว", "Read"],
  unsend: ["ยกเลิกการส่ง", "Unsend"],
  unsentByMe: ["คุณยกเลิกการส่งข้อความ", "You unsent a message"],
  unsentByOther: ["มีการยกเลิกการส่งข้อความ", "A message was unsent"],
  messageMenu: ["ตัวเลือกของข้อความ", "Message options"],
  asJson: ["ดูเป็น JSON", "See as JSON"],
  newest: ["ข้อความใหม่", "New message"],
  typing: ["กำลังตอบ", "Answering"],
  quick: ["ตอบด่วน", "Quick replies"],
  menu: ["เมนู", "Menu"],
  menuArea: ["ช่องที่ {n} ของเมนู", "Menu area {n}"],
  today: ["วันนี้", "Today"],
  ok: ["ตกลง", "OK"],
  copied: ["คัดลอกแล้ว: {text}", "Copied: {text}"],
  copy: ["คัดลอก", "Copy"],
  openTab: ["เปิดในแท็บใหม่", "Open in a new tab"],
  realPhone: ["โทรศัพท์จริงจะทำอย่างไร", "What a real phone would do"],
  wouldOpen: ["เปิดหน้าเว็บนี้ในเบราว์เซอร์ของ LINE", "Open this page in LINE's own browser"],
  wouldCall: ["เปิดหน้าโทรออก พร้อมหมายเลข {text}", "Open the dialler with {text}"],
  wouldPrefill: ["เปิดแชตกับ {who} และเติมข้อความไว้ในช่องพิมพ์ รอให้ลูกค้ากดส่งเอง", "Open the chat with {who}, with this text already typed, waiting to be sent"],
  wouldShare: ["ให้เลือกเพื่อนที่จะส่งข้อความนี้ให้", "Let the customer choose friends to send this text to"],
  wouldAdd: ["เปิดหน้าเพิ่มเพื่อนของ {who}", "Open the add-friend page of {who}"],
  wouldLiff: ["เปิดหน้านี้ซ้อนอยู่ใน LINE (LIFF)", "Open this page inside LINE (LIFF)"],
  wouldLine: ["เปิดหน้านี้ในแอป LINE", "Open this part of the LINE app"],
  doHere: ["ทำในหน้านี้", "Do it here"],
  openAs: ["เปิดลิงก์นี้ในเครื่องของ {who}", "Open it on {who}'s phone"],
  voice: ["โทรศัพท์จริงจะเปิดไมโครโฟน", "A real phone would open the microphone"],
  clock: ["นาฬิกาของคลินิก", "The clinic's clock"],
  clockHint: ["เลื่อนเวลาไปข้างหน้าแล้วถามแต้มอีกครั้ง แต้มที่รออยู่จะเข้า แต้มเก่าจะหมดอายุ", "Move time forward and ask for the points again: waiting ones arrive, old ones expire"],
  now: ["เวลาจริง", "Now"],
  hour: ["+1 ชม.", "+1 hour"],
  tomorrow: ["พรุ่งนี้ 10:00", "Tomorrow 10:00"],
  week: ["+7 วัน", "+7 days"],
  month: ["+30 วัน", "+30 days"],
  year: ["+1 ปี", "+1 year"],
  realTime: ["ตรงกับเวลาจริง", "Same as real time"],
  ahead: ["เร็วกว่าเวลาจริง {text}", "{text} ahead of real time"],
  behind: ["ช้ากว่าเวลาจริง {text}", "{text} behind real time"],
  days: ["{n} วัน", "{n} d"],
  hours: ["{n} ชม.", "{n} h"],
  minutes: ["{n} นาที", "{n} min"],
  tillCalls: ["เครื่องคิดเงิน", "till"],
  till: ["เครื่องคิดเงินของคลินิก", "The clinic's till"],
  tillHint: ["รับเงินและรับโค้ดจากลูกค้าที่อยู่บนหน้าจอ", "Takes money and codes from the customer on the screen"],
  tillAmount: ["ยอดชำระ (บาท)", "Amount (baht)"],
  tillService: ["บริการ", "Service"],
  tillPay: ["รับชำระ", "Take payment"],
  tillQuote: ["จะได้กี่แต้ม", "What would it earn?"],
  tillVisit: ["บันทึกการมาคลินิก", "Note a visit"],
  tillReceipts: ["ใบเสร็จของลูกค้าคนนี้", "Receipts of this customer"],
  tillRefund: ["คืนเงิน", "Refund"],
  tillBack: ["คืนกี่บาท", "Baht to give back"],
  tillCode: ["โค้ดของรางวัล", "Code of a reward"],
  tillUse: ["ใช้โค้ด", "Use the code"],
  tillPaid: ["รับชำระ ฿{baht} แล้ว ลูกค้าได้ {n} แต้ม ระดับ{tier}", "฿{baht} taken: {n} points earned, tier {tier}"],
  tillQuoted: ["บิลนี้จะได้ {n} แต้ม ({rate} แต้มต่อบาท ×{factor} ระดับ{tier})", "This bill would earn {n} points ({rate} a baht, ×{factor} for {tier})"],
  tillVisited: ["บันทึกแล้ว มาคลินิกรวม {n} ครั้ง", "Noted: {n} visits so far"],
  tillRefunded: ["คืนเงิน ฿{baht} แล้ว หักแต้มคืน {n} แต้ม", "฿{baht} given back, {n} points taken back"],
  tillGaveBack: ["คืนแล้ว ฿{baht}", "฿{baht} given back"],
  tillUsed: ["ใช้โค้ดแล้ว: {text}", "Used: {text}"],
  nPoints: ["{n} แต้ม", "{n} points"],
  notMember: ["ยังไม่ได้สมัครสมาชิก แต้มจะเก็บไว้ให้", "Not a member yet; points are kept for later"],
  bronze: ["บรอนซ์", "Bronze"],
  silver: ["ซิลเวอร์", "Silver"],
  gold: ["โกลด์", "Gold"],
  platinum: ["แพลทินัม", "Platinum"],
  diamond: ["ไดมอนด์", "Diamond"],
  unknown_customer: ["คลินิกยังไม่รู้จักลูกค้าคนนี้ ให้เพิ่มคลินิกเป็นเพื่อนก่อน", "The clinic does not know this customer: add it as a friend first"],
  unknown_redemption: ["ไม่มีโค้ดนี้ ตรวจดูอีกครั้งบนหน้าจอของลูกค้า", "There is no such code: read it again from the customer's screen"],
  redemption_used: ["โค้ดนี้ใช้ไปแล้ว", "This code has been used"],
  redemption_cancelled: ["โค้ดนี้ยกเลิกแล้ว และคืนแต้มให้แล้ว", "This code was cancelled and its points given back"],
  redemption_expired: ["โค้ดนี้หมดอายุแล้ว", "This code has expired"],
  unauthorized: ["ระบบคลินิกไม่รับกุญแจของเครื่องคิดเงิน ตรวจดู SIMULATOR_API_KEY", "The clinic's system refuses the till's key: look at SIMULATOR_API_KEY"],
  missing_scope: ["กุญแจของเครื่องคิดเงินไม่มีสิทธิ์ทำสิ่งนี้", "The till's key may not do this"],
  too_many_requests: ["ถามถี่เกินไป รอหนึ่งนาทีแล้วลองอีกครั้ง", "Asked too often: wait a minute and try again"],
  unavailable: ["ระบบคลินิกยังไม่ว่าง กดอีกครั้งได้ จะไม่เกิดซ้ำ", "The clinic's system is busy: press again, it will not happen twice"],
  no_answer: ["ระบบคลินิกไม่ตอบ กดอีกครั้งได้ จะไม่เกิดซ้ำ", "The clinic's system does not answer: press again, it will not happen twice"],
  no_key: ["เครื่องคิดเงินยังไม่มีกุญแจ make run ทำให้เอง หรือสร้างเองแล้วเริ่มใหม่:", "The till has no key. `make run` makes one; or make it yourself and start again:"],
  faults: ["ทำให้ขัดข้อง", "Make something fail"],
  faultsHint: ["ลองดูว่าคลินิกรับมือกับ LINE หรือเครือข่ายที่มีปัญหาอย่างไร", "See how the clinic copes when LINE or the network misbehaves"],
  faultKind: ["อะไร", "What"],
  faultOn: ["ที่ไหน", "Where"],
  faultTimes: ["กี่ครั้ง", "Times"],
  faultSet: ["ตั้งไว้", "Arm it"],
  faultClear: ["ล้างทั้งหมด", "Clear all"],
  faultArmed: ["ตั้งไว้แล้ว: {text}", "Armed: {text}"],
  faultCleared: ["ไม่มีความขัดข้องแล้ว", "No faults any more"],
  duplicate: ["ส่ง webhook ซ้ำ", "Duplicate webhook"],
  redeliver: ["ส่ง webhook ใหม่ภายหลัง", "Redelivered webhook"],
  delay: ["ตอบช้า", "Slow answer"],
  error_500: ["ตอบ 500", "Answer 500"],
  timeout_after_accept: ["รับแล้วแต่ไม่ตอบ", "Accepted, then no answer"],
  rate_429: ["429 ถี่เกินไป", "429 too many calls"],
  quota_429: ["429 โควตาหมด", "429 quota used up"],
  hang: ["ค้าง", "Hang"],
  refuse: ["ปฏิเสธการเชื่อมต่อ", "Refuse connections"],
  any: ["ทุกที่", "anywhere"],
  wire: ["ข้อมูลที่รับส่งจริง", "What went over the wire"],
  wireHint: ["ทุกคำขอระหว่าง LINE จำลองกับระบบของคลินิก ใหม่สุดอยู่บน", "Every request between the pretend LINE and the clinic's system, newest first"],
  wireEmpty: ["ยังไม่มีอะไรรับส่ง ลองพิมพ์ข้อความในแชต", "Nothing yet. Type something in the chat."],
  all: ["ทั้งหมด", "All"],
  toClinic: ["ถึงคลินิก", "To the clinic"],
  fromClinic: ["จากคลินิก", "From the clinic"],
  headers: ["ส่วนหัว", "Headers"],
  body: ["เนื้อหา", "Body"],
  response: ["คำตอบ", "Answer"],
  events: ["เหตุการณ์", "Events"],
  clear: ["ล้าง", "Clear"],
  offline: ["ขาดการเชื่อมต่อ กำลังลองใหม่…", "Connection lost, trying again…"],
  failed: ["ไม่สำเร็จ: {text}", "That failed: {text}"],
  notFriend: ["เพิ่มเพื่อนก่อน", "Add the clinic as a friend first"],
  tooBig: ["รูปใหญ่เกิน 10 MB", "The picture is larger than 10 MB"],
  guide: ["เริ่มตรงนี้", "Start here"],
  gotIt: ["เข้าใจแล้ว", "Got it"],
  back: ["เลื่อนกลับ", "Back"],
  forth: ["เลื่อนไป", "Forward"],
};

export const GUIDE = [
  ["แตะ “เพิ่มเพื่อน” แล้วคุยกับคลินิกเหมือนใช้ LINE", "Tap “Add friend”, then chat with the clinic as in LINE"],
  ["รับชำระที่เครื่องคิดเงิน หรือเลื่อนนาฬิกา แล้วดูแต้มเปลี่ยน", "Take a payment at the till, or move the clock, and watch the points change"],
  ["สลับลูกค้าได้จากแถบบนสุด เช่น Mali กับ Ken", "Switch customers at the top, for example Mali and Ken"],
];

const KEPT = "simulator.language";
const listeners = new Set();
let current = localStorage.getItem(KEPT) === "en" ? "en" : "th";

export const language = () => current;

export function t(key, facts = {}) {
  const pair = WORDS[key];
  if (!pair) return key;
  return pair[current === "th" ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
}

/** A refusal in the reader's language. What nobody meets by using the screen has only the program's own words. */
export function explain(error) {
  if (error instanceof TypeError) return t("offline");
  return Object.hasOwn(WORDS, error.code ?? "") ? t(error.code) : t("failed", { text: error.message });
}

export function setLanguage(next) {
  current = next === "en" ? "en" : "th";
  localStorage.setItem(KEPT, current);
  label(document);
  for (const listener of listeners) listener();
}

export const onLanguage = (listener) => listeners.add(listener);

/** Fills what the page itself says: data-t is text, data-t-label the accessible name, data-t-hint the placeholder. */
export function label(root) {
  document.documentElement.lang = current;
  document.title = t("title");
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    node.title = t(node.dataset.tLabel);
  }
  for (const node of root.querySelectorAll("[data-t-hint]")) node.placeholder = t(node.dataset.tHint);
}
