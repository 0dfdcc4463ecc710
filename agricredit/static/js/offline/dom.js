// Elements without markup strings: nothing that somebody typed is ever read as HTML.

/** An element. Properties that are functions listen (`click`), booleans switch, the rest are attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** A sentence with its blanks filled: fill("还有 %(count)s 笔", {count: 2}). */
export function fill(sentence, blanks) {
  return sentence.replace(/%\((\w+)\)s/g, (whole, name) => (name in blanks ? String(blanks[name]) : whole));
}

/** A button. */
export function button(label, act, kind = "") {
  return h("button", { type: "button", class: `button ${kind}`.trim(), click: act }, label);
}

/** A notice with a word that says what it is. */
export function notice(kind, head, text) {
  return h("p", { class: `notice ${kind}`.trim(), role: kind === "error" ? "alert" : "status" }, head && h("strong", {}, head), text);
}

/** A random identifier, also where the page is not served over HTTPS (crypto.randomUUID is missing there). */
export function newUid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The Shanghai date of a moment, as 2026-11-22: farms here keep one calendar whatever the phone is set to. */
export function day(moment) {
  return new Date(moment.getTime() + 8 * 3600e3).toISOString().slice(0, 10);
}

/** 11月22日, with the year where it is not this one. */
export function spoken(iso, words, today) {
  const [year, month, date] = iso.split("-").map(Number);
  return fill(today && !today.startsWith(String(year)) ? words.full_day : words.month_day, { year, month, day: date });
}
