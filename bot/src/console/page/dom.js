// Elements and signs. Text is always set as text; nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (`onclick`, ...) and children (nodes or text; null is left out). */
export function el(tag, props, ...kids) {
  const node = document.createElement(tag);
  set(node, props);
  node.append(...kids.flat().filter((kid) => kid !== null && kid !== undefined && kid !== false && kid !== ""));
  return node;
}

/** The same for SVG. */
export function svg(tag, props, ...kids) {
  const node = document.createElementNS(SVG, tag);
  set(node, props);
  node.append(...kids.filter((kid) => kid !== null && kid !== undefined));
  return node;
}

function set(node, props) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

export const byId = (id) => document.getElementById(id);

/** Sets text only where it differs, so that screen readers and selections are left alone. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute only where it differs; null removes it. */
export function setAttr(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
}

const HAN = /\p{Script=Han}/u;
const LATIN = /[A-Za-z]{2}/;

/** The language a passage is marked with, where it differs from the page's. */
export function langOf(text) {
  const page = document.documentElement.lang;
  if (page === "en") return HAN.test(text) ? "zh-CN" : null;
  return LATIN.test(text) && !HAN.test(text) ? "en" : null;
}

/** Text that came from outside: isolated for direction, marked with its language. */
export function outside(text, props) {
  return el("bdi", { lang: langOf(text), ...props }, text);
}

// 16 × 16, filled unless said otherwise.
const SHAPES = {
  diamond: "M8 1 15 8 8 15 1 8Z",
  triangle: "M8 1.6 15.4 14.4H.6Z",
  square: "M2 2h12v12H2Z",
  circle: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
  part: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm0 1.8a4.7 4.7 0 0 1 0 9.4Z",
  person: "M8 8.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM1.8 14.6c0-3 2.4-5 6.2-5s6.2 2 6.2 5Z",
  pin: "M5 1.4h6v1.4l-1 .6.5 4 2 1.6v1.4H8.8L8 15.4l-.8-5H3.5V9l2-1.6.5-4-1-.6Z",
  note: "M2.5 2h11v8.2L9.8 14H2.5Zm2.2 3v1.4h6.6V5Zm0 3v1.4h4.2V8Z",
  lock: "M4.2 7V5a3.8 3.8 0 0 1 7.6 0v2H13v7.5H3V7Zm1.8 0h4V5a2 2 0 0 0-4 0Z",
  up: "M8 4 14 12H2Z",
  chat: "M1.5 3h13v1.8h-13Zm0 4.1h13v1.8h-13Zm0 4.1h13V13h-13Z",
  wait: "M3 1h10v2.2c0 2-1.7 3.4-3.4 4.8C11.3 9.4 13 10.8 13 12.8V15H3v-2.2c0-2 1.7-3.4 3.4-4.8C4.7 6.6 3 5.2 3 3.2Z",
  pause: "M3.5 2h3.2v12H3.5Zm5.8 0h3.2v12H9.3Z",
};
const LINES = {
  check: "M2.5 8.5 6.3 12.3 13.5 4",
  cross: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  question: "M4.6 5.6C4.6 1.6 11.6 1.7 11.6 5.5 11.6 8 8.1 7.9 8.1 10.8M8.1 12.9v2",
  hash: "M6 2 5 14M11 2l-1 12M2.5 5.8h11.5M2 10.3h11.5",
  clock: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 4.5V8l2.5 1.8",
  run: "M8 2a6 6 0 1 1-5.6 3.9",
  link: "M2 8h9M7.5 4.5 11.5 8l-4 3.5",
  minus: "M3.5 8h9",
  freeze: "M8 1.5v13M2.4 4.8l11.2 6.4M13.6 4.8 2.4 11.2M6 2.5 8 4.4l2-1.9M6 13.5l2-1.9 2 1.9",
};

/** A sign, hidden from speech: the word beside it is not. */
export function shape(name, props) {
  const line = LINES[name];
  return svg("svg", { class: line ? "shape line" : "shape", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false", "data-shape": name, ...props },
    svg("path", { d: line || SHAPES[name] || SHAPES.circle }));
}

/** Lifeboat's ring. */
export function ring() {
  return svg("svg", { class: "ring", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    svg("circle", { cx: 8, cy: 8, r: 5.4 }), svg("path", { d: "M8 .4v4.4M8 11.2v4.4M.4 8h4.4M11.2 8h4.4" }));
}

/** The path of a shape, for the favicon. */
export const shapePath = (name) => ({ d: LINES[name] || SHAPES[name] || SHAPES.circle, line: name in LINES });

/** Shape and word in one block: the state. */
export function flag(flagged, extra) {
  return el("span", { class: `flag ${extra || ""}`, "data-tone": flagged.tone }, shape(flagged.shape), el("span", { class: "word" }, flagged.word));
}

/** Repaints a flag in place; tells whether it changed. */
export function setFlag(node, flagged) {
  const changed = node.querySelector(".word").textContent !== flagged.word;
  setAttr(node, "data-tone", flagged.tone);
  setText(node.querySelector(".word"), flagged.word);
  const sign = node.querySelector("svg");
  if (sign.dataset.shape !== flagged.shape) sign.replaceWith(shape(flagged.shape));
  return changed;
}

/** A button that tells why in text when it may not be pressed; it stays in the focus order. */
export function button(label, onclick, props) {
  return el("button", { type: "button", onclick: (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") !== "true") onclick(event);
  }, ...props }, label);
}
