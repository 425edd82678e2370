// Words of the page in the reader's language, and how times and shares are printed.

let words = {};
let lang = "en";
let offsetMin = 0;
let clock = { there: Date.now(), here: Date.now(), speed: 1 };

/** Loads the words of a language and marks the page with it. */
export async function speak(name, load) {
  words = await load(`/api/i18n/${name}`);
  lang = name;
  document.documentElement.lang = name;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
}

export const language = () => lang;

/** The text of a key with its `{name}`s filled in; the key itself where it is missing, so that a gap is seen. */
export function t(key, values) {
  const text = words[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
}

/** The clock and the zone of the server; in a drill its clock runs so many times as fast. */
export function setClock(now, speed, minutes) {
  if (minutes !== undefined) offsetMin = minutes;
  clock = { there: Date.parse(now), here: Date.now(), speed: speed || 1 };
}

export const now = () => clock.there + (Date.now() - clock.here) * clock.speed;

/** How many times as fast as real the server's clock runs. */
export const speed = () => clock.speed;

const two = (n) => String(n).padStart(2, "0");
const local = (ms) => new Date(ms + offsetMin * 60000);

/** `10:15`. */
export function minute(ms) {
  const d = local(ms);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}

/** `10:15:41`. */
export const second = (ms) => `${minute(ms)}:${two(local(ms).getUTCSeconds())}`;

/** `2026-01-04`, in the configured zone. */
export const day = (ms) => local(ms).toISOString().slice(0, 10);

/** Milliseconds since midnight in the configured zone. */
export const sinceMidnight = (ms) => (ms + offsetMin * 60000) % 86400000;

/** `41 s`, `2 min 39 s`, `1 h 6 min`, `3 d 2 h`. */
export function duration(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return t("ui-dur-s", { s });
  if (s < 3600) return t("ui-dur-min", { m: Math.floor(s / 60), s: s % 60 });
  if (s < 86400) return t("ui-dur-h", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  return t("ui-dur-d", { d: Math.floor(s / 86400), h: Math.floor((s % 86400) / 3600) });
}

/** A running clock: `47:14`, `1:06:02`. */
export function ticking(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600);
  return h ? `${h}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** The digits of a share: `41`, `2.5`, `0.03`. */
export function digits(share) {
  const p = share * 100;
  if (p === 0) return "0";
  if (p >= 10) return String(Math.round(p));
  if (p >= 1) return String(Math.round(p * 10) / 10);
  return p >= 0.01 ? String(Math.round(p * 100) / 100) : "<0.01";
}

/** `41 %` or `41%`. */
export const percent = (share) => t("ui-percent", { n: digits(share) });

/** `5,530` or `5530`. */
export const count = (n) => (lang === "en" ? n.toLocaleString("en") : String(n));
