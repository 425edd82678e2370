// The card of an incident. It is edited in place: nodes stay, text changes, and no button moves under a finger.

import { button, el, flag, outside, setAttr, setFlag, setText, shape } from "./dom.js";
import { emit, on, store, whyNot } from "./store.js";
import { t } from "./words.js";

const REPAINT_MS = 1000;
const HOLD_MS = 10000;
const INERT_MS = 800;

/** An empty card that shows `card`; `keepPlace(node, change)` changes it without moving the reader's line. */
export function makeCard(card, keepPlace) {
  const node = el("article", { class: "card", tabindex: "-1" },
    el("div", { class: "cardhead" }, flag(card.flag), el("div", { class: "cardname" }, el("h3", {}), el("p", { class: "meta" }))),
    el("dl", { class: "rows" }), el("div", { class: "actions" }), el("p", { class: "why", hidden: true }),
    el("div", { class: "cardfoot" }, el("span", { class: "state" }), el("time", {})));
  const held = { over: false, since: 0, shown: card, next: null, timer: 0, painted: 0 };
  node.held = held;
  node.addEventListener("pointerenter", () => hold(node, true));
  node.addEventListener("pointermove", () => { held.since = Date.now(); });
  node.addEventListener("pointerleave", () => hold(node, false));
  node.addEventListener("focusin", () => { held.since = Date.now(); });
  node.addEventListener("focusout", () => setTimeout(() => release(node, keepPlace), 0));
  node.keepPlace = keepPlace;
  paint(node, card);
  return node;
}

function hold(node, over) {
  node.held.over = over;
  node.held.since = Date.now();
  if (!over) release(node, node.keepPlace);
}

const inside = (node) => node.held.over || node.contains(document.activeElement);

function release(node, keepPlace) {
  if (node.held.next && !inside(node)) showCard(node, node.held.next, keepPlace);
}

/** Shows a newer state, at most once a second; waits where it would move a button under the pointer or the focus. */
export function showCard(node, card, keepPlace, now = false) {
  const held = node.held;
  if (card.state < held.shown.state) return;
  held.next = card;
  clearTimeout(held.timer);
  const wait = held.painted + REPAINT_MS - Date.now();
  if (wait > 0 && !now) {
    held.timer = setTimeout(() => showCard(node, held.next, keepPlace), wait);
    return;
  }
  const moves = shapeOf(card) !== shapeOf(held.shown);
  const rest = held.since + HOLD_MS - Date.now();
  if (moves && inside(node) && rest > 0 && !now) {
    setFlag(node.querySelector(".flag"), card.flag);
    setText(node.querySelector(".state"), t("ui-card-waits", { n: card.state }));
    held.timer = setTimeout(() => showCard(node, held.next, keepPlace), rest);
    return;
  }
  held.next = null;
  keepPlace(node, () => paint(node, card));
  if (moves && inside(node)) inert(node);
}

/** What decides where the buttons are. */
const shapeOf = (card) => JSON.stringify([card.rows.length, card.actions.map((a) => a.command)]);

/** After a change under the finger the buttons wait, and say so. */
function inert(node) {
  for (const b of node.querySelectorAll(".actions button")) setAttr(b, "aria-disabled", "true");
  setText(node.querySelector(".state"), t("ui-changed"));
  setTimeout(() => paint(node, node.held.shown), INERT_MS);
}

function paint(node, card) {
  const held = node.held;
  Object.assign(held, { shown: card, painted: Date.now() });
  setAttr(node, "data-incident", card.incident);
  setAttr(node, "data-state", card.state);
  setAttr(node, "data-tone", card.flag.tone);
  setAttr(node, "aria-label", `${card.flag.word} ${card.incident}`);
  setFlag(node.querySelector(".flag"), card.flag);
  setText(node.querySelector("h3"), card.title);
  setText(node.querySelector(".meta"), card.meta);
  paintRows(node.querySelector(".rows"), card.rows);
  paintActions(node.querySelector(".actions"), card.actions, node);
  paintWhy(node, card.actions.length > 0);
  setText(node.querySelector(".state"), t("ui-card-state", { id: card.incident, n: card.state }));
  const edited = node.querySelector("time");
  setText(edited, card.edited.text);
  setAttr(edited, "datetime", card.edited.utc);
}

function paintRows(list, rows) {
  while (list.children.length > rows.length) list.lastChild.remove();
  rows.forEach((row, n) => {
    const line = list.children[n] || list.appendChild(el("div", {}, el("dt", {}), el("dd", {})));
    setText(line.firstChild, row.label);
    if (line.dataset.text !== row.text) line.lastChild.replaceChildren(...linked(row.text));
    line.dataset.text = row.text;
  });
}

/** A known incident's id in a line leads to it. */
export function linked(text) {
  return text.split(/(INC-\d{4,})/).filter(Boolean).map((part) => {
    const found = /^INC-/.test(part) && [...store.incidents.values()].find((i) => i.id === part);
    return found ? button(part, () => emit("go", { channel: found.channel, incident: found.number }), { class: "linkish" }) : outside(part);
  });
}

function paintActions(box, actions, card) {
  const old = new Map([...box.children].map((b) => [b.dataset.command, b]));
  const wanted = actions.slice(0, 4).map((action) => {
    const b = old.get(action.command) || button("", () => press(card, action.command), { "data-command": action.command });
    b.className = action.primary ? "primary" : "";
    setAttr(b, "aria-disabled", whyNot() ? "true" : null);
    if (b.dataset.label !== action.label + !!whyNot()) b.replaceChildren(...(whyNot() ? [shape("lock")] : []), outside(action.label));
    b.dataset.label = action.label + !!whyNot();
    return b;
  });
  if (wanted.length !== box.children.length || wanted.some((b, n) => box.children[n] !== b)) box.replaceChildren(...wanted);
}

function paintWhy(node, any) {
  const why = any ? whyNot() : null;
  const line = node.querySelector(".why");
  setAttr(line, "hidden", !why);
  setText(line, why ? t(why) : "");
}

function press(card, command) {
  emit("run", { command, done: () => card.held.next && showCard(card, card.held.next, card.keepPlace, true) });
}

on("link start", () => {
  for (const node of document.querySelectorAll(".card")) paint(node, node.held.shown);
});
