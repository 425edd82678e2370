// Edited in place: nodes stay, text changes, and no button moves under a finger.

import { button, outside, setAttr, setText, shape } from "./dom.js";
import { whyNot } from "./store.js";
import { t } from "./words.js";

const REPAINT_MS = 1000;
const HOLD_MS = 10000;
const INERT_MS = 800;
const EAGER_MS = 4000;

/**
 * Makes `node` show newer states of what it shows. `how` is: `paint(node, value)`; `shapeOf(value)`, what decides where
 * the buttons are; `waits(node, value)`, what may be said at once while the rest waits; `keepPlace(node, change)`.
 */
export function hold(node, value, how) {
  const held = { ...how, over: false, since: 0, eager: 0, shown: value, next: null, timer: 0, painted: 0 };
  node.held = held;
  const inOrOut = (over) => {
    held.over = over;
    held.since = Date.now();
    if (!over) release(node);
  };
  node.addEventListener("pointerenter", () => inOrOut(true));
  node.addEventListener("pointermove", () => { held.since = Date.now(); });
  node.addEventListener("pointerleave", () => inOrOut(false));
  node.addEventListener("focusin", () => { held.since = Date.now(); });
  node.addEventListener("focusout", () => setTimeout(() => release(node), 0));
  repaint(node, value);
}

const inside = (node) => node.held.over || node.contains(document.activeElement);

function release(node) {
  if (node.held.next && !inside(node)) show(node, node.held.next);
}

/** Shows a newer state, at most once a second; waits where it would move a button under the pointer or the focus. */
export function show(node, value, now = false) {
  const held = node.held;
  if (value.state < held.shown.state) return;
  held.next = value;
  clearTimeout(held.timer);
  const wait = held.painted + REPAINT_MS - Date.now();
  if (wait > 0 && !now) {
    held.timer = setTimeout(() => show(node, held.next), wait);
    return;
  }
  const moves = held.shapeOf(value) !== held.shapeOf(held.shown);
  const rest = held.since + HOLD_MS - Date.now();
  if (moves && inside(node) && rest > 0 && !now && Date.now() > held.eager) {
    held.waits(node, value);
    held.timer = setTimeout(() => show(node, held.next), rest);
    return;
  }
  held.next = null;
  held.keepPlace(node, () => repaint(node, value));
  if (moves && inside(node)) inert(node);
}

/** Shows at once what waits, and what comes soon, after a button of it was pressed. */
export function showNow(node) {
  node.held.eager = Date.now() + EAGER_MS;
  if (node.held.next) show(node, node.held.next, true);
}

/** Paints again what is shown: the language or the link changed. */
export function repaint(node, value = node.held.shown) {
  Object.assign(node.held, { shown: value, painted: Date.now() });
  node.held.paint(node, value);
}

/** After a change under the finger the buttons wait, and say so. */
function inert(node) {
  for (const b of node.querySelectorAll(".actions button")) setAttr(b, "aria-disabled", "true");
  setText(node.querySelector(".state"), t("ui-changed"));
  setTimeout(() => repaint(node), INERT_MS);
}

/** Rows of labels and texts; `worded(text)` makes the nodes of a text. */
export function paintRows(list, rows, worded) {
  while (list.children.length > rows.length) list.lastChild.remove();
  rows.forEach((row, n) => {
    const line = list.children[n] || list.appendChild(pair());
    setText(line.firstChild, row.label);
    if (line.dataset.text !== row.text) line.lastChild.replaceChildren(...worded(row.text));
    line.dataset.text = row.text;
  });
}

function pair() {
  const line = document.createElement("div");
  line.append(document.createElement("dt"), document.createElement("dd"));
  return line;
}

/** Buttons of `actions`, keyed by their command; `may(action)` tells whether this reader may press one. */
export function paintButtons(box, actions, press, may = () => true, look = (action) => (action.primary ? "primary" : "")) {
  const old = new Map([...box.querySelectorAll("button")].map((b) => [b.dataset.command, b]));
  const wanted = actions.slice(0, 4).map((action) => {
    const b = old.get(action.command) || button("", () => press(b.action), { "data-command": action.command });
    const off = Boolean(whyNot()) || !may(action);
    b.action = action;
    b.className = look(action);
    setAttr(b, "aria-disabled", off ? "true" : null);
    const key = action.label + off;
    if (b.dataset.label !== key) b.replaceChildren(...(off ? [shape("lock")] : []), outside(action.label));
    b.dataset.label = key;
    return b;
  });
  const now = [...box.querySelectorAll("button")];
  if (wanted.length !== now.length || wanted.some((b, n) => now[n] !== b)) {
    for (const b of now) if (!wanted.includes(b)) b.remove();
    box.prepend(...wanted);
  }
  return wanted;
}
