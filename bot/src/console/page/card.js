// The card of an incident.

import { button, el, flag, outside, setAttr, setFlag, setText } from "./dom.js";
import { hold, paintButtons, paintRows, repaint, show, showNow } from "./held.js";
import { emit, on, store, whyNot } from "./store.js";
import { t } from "./words.js";

/** An empty card that shows `card`; `keepPlace(node, change)` changes it without moving the reader's line. */
export function makeCard(card, keepPlace) {
  const node = el("article", { class: "card", tabindex: "-1" },
    el("div", { class: "cardhead" }, flag(card.flag), el("div", { class: "cardname" }, el("h3", {}), el("p", { class: "meta" }))),
    el("dl", { class: "rows" }), el("div", { class: "actions" }), el("p", { class: "why", hidden: true }),
    el("div", { class: "cardfoot" }, el("span", { class: "state" }), el("time", {})));
  hold(node, card, { paint, shapeOf, waits, keepPlace });
  return node;
}

export const showCard = show;

/** What decides where the buttons are. */
const shapeOf = (card) => JSON.stringify([card.rows.length, card.actions.map((a) => a.command)]);

function waits(node, card) {
  setFlag(node.querySelector(".flag"), card.flag);
  setText(node.querySelector(".state"), t("ui-card-waits", { n: card.state }));
}

function paint(node, card) {
  setAttr(node, "data-incident", card.incident);
  setAttr(node, "data-state", card.state);
  setAttr(node, "data-tone", card.flag.tone);
  setAttr(node, "aria-label", `${card.flag.word} ${card.incident}`);
  setFlag(node.querySelector(".flag"), card.flag);
  setText(node.querySelector("h3"), card.title);
  setText(node.querySelector(".meta"), card.meta);
  paintRows(node.querySelector(".rows"), card.rows, linked);
  paintButtons(node.querySelector(".actions"), card.actions, (action) => press(node, action.command));
  paintWhy(node, card.actions.length > 0);
  setText(node.querySelector(".state"), t("ui-card-state", { id: card.incident, n: card.state }));
  const edited = node.querySelector("time");
  setText(edited, card.edited.text);
  setAttr(edited, "datetime", card.edited.utc);
}

/** A known incident's or plan's id in a line leads to it. */
export function linked(text) {
  return text.split(/(INC-\d{4,}|P-\d+)/).filter(Boolean).map((part) => {
    const incident = /^INC-/.test(part) && [...store.incidents.values()].find((i) => i.id === part);
    if (incident) return button(part, () => emit("go", { channel: incident.channel, incident: incident.number }), { class: "linkish" });
    if (store.plans.has(part)) return button(part, () => emit("plan-go", part), { class: "linkish" });
    return outside(part);
  });
}

function paintWhy(node, any) {
  const why = any ? whyNot() : null;
  const line = node.querySelector(".why");
  setAttr(line, "hidden", !why);
  setText(line, why ? t(why) : "");
}

/** A button sends its line; one that only shows a plan goes to it. */
function press(card, command) {
  const plan = /^\/plan show (P-\d+)$/.exec(command);
  if (plan && store.plans.has(plan[1])) emit("plan-go", plan[1]);
  else emit("run", { command, done: () => showNow(card) });
}

on("link start", () => {
  for (const node of document.querySelectorAll(".card")) repaint(node);
});
