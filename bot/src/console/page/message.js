// One message, one waiting line, one private answer: how each looks in the chat.

import { button, el, outside, ring, setAttr, setText, shape } from "./dom.js";
import { linked, makeCard } from "./card.js";
import { makePlanNote } from "./plan.js";
import { channelLabel, emit, speaker, store } from "./store.js";
import { day, minute, now, t } from "./words.js";

/** A message as an element; `keepPlace` as in card.js. */
export function makeMessage(message, keepPlace) {
  const node = el("div", { class: `message ${message.kind === "card" || message.kind === "plan" ? "carded" : message.kind}`, "data-seq": message.seq, tabindex: "-1" },
    el("p", { class: "dayline", hidden: true }), el("time", { class: "at", datetime: message.at.utc, title: message.at.text }, minute(Date.parse(message.at.utc))),
    el("div", { class: "said" }));
  node.message = message;
  paintMessage(node, message, keepPlace);
  return node;
}

/** Paints a message anew; its card stays the same node. */
export function paintMessage(node, message, keepPlace) {
  node.message = message;
  const said = node.querySelector(".said");
  const card = said.querySelector(".card, .plan");
  const head = el("p", { class: "by" }, message.bot && ring(), outside(message.author, { class: "who" }), message.role && el("span", { class: "role" }, message.role),
    message.unrecorded && el("span", { class: "pill", "data-tone": "amber" }, t("ui-unrecorded")),
    message.pinned && el("span", { class: "pinned" }, shape("pin"), t("ui-pinned")));
  if (message.card) said.replaceChildren(head, card || makeCard(message.card, keepPlace));
  else if (message.plan) said.replaceChildren(head, card || makePlanNote(store.plans.get(message.plan.id) || message.plan, keepPlace));
  else said.replaceChildren(head, el("p", { class: "text" }, ...(message.bot ? linked(message.text) : [outside(message.text)])), pinButton(message));
}

function pinButton(message) {
  if (message.pinned || message.bot || !store.me.person) return "";
  return button(shape("pin"), () => emit("pin", message), { class: "pin plain", tabindex: "-1", "aria-label": t("ui-pin") });
}

/** Puts a line with the date over a message that begins a new day. */
export function markDay(node, before) {
  const at = day(Date.parse(node.message.at.utc));
  const line = node.querySelector(".dayline");
  const begins = before ? day(Date.parse(before.message.at.utc)) !== at : at !== day(now());
  setAttr(line, "hidden", !begins);
  setText(line, begins ? (at === day(now()) ? t("ui-today") : at) : "");
}

/** What was typed and has no receipt yet. */
export function makeWaiting(text, isCommand) {
  return el("div", { class: `message waiting ${isCommand ? "command" : "text"}`, "data-local": "waiting" }, el("span", { class: "at" }),
    el("div", { class: "said" }, el("p", { class: "by" }, outside(speaker() || "", { class: "who" }), el("span", { class: "role fate" }, t("ui-waiting"))), el("p", { class: "text" }, outside(text))));
}

/** The line was not taken: why, and what can be done. */
export function failWaiting(node, why, again, drop) {
  node.classList.add("failed");
  setText(node.querySelector(".fate"), "");
  node.querySelector(".said").append(el("p", { class: "why" }, shape("cross"), outside(why)),
    el("div", { class: "actions" }, again && button(t("ui-again"), again), button(t("ui-drop"), drop)));
}

const SIGNS = { done: "check", shown: "note", refused: "cross", failed: "cross", unknown: "question" };

/** A private answer to a command. */
export function makePrivate(line, reply, close) {
  const outcome = reply.outcome in SIGNS ? reply.outcome : "unknown";
  const word = t(`ui-outcome-${outcome}`);
  return el("div", { class: "message private", "data-local": "private", "data-outcome": outcome, tabindex: "-1" }, el("time", { class: "at" }, minute(now())),
    el("div", { class: "said" }, el("p", { class: "by" }, shape(SIGNS[outcome]), !reply.text.startsWith(word) && el("strong", {}, word), el("span", { class: "role" }, t("ui-only-you")),
      button(shape("cross"), close, { class: "plain close", "aria-label": t("ui-close") })),
      el("p", { class: "asked" }, outside(line)), el("p", { class: "text" }, ...linked(reply.text)), reply.open && opener(reply.open)));
}

function opener(target) {
  if (target.startsWith("/")) return el("p", {}, el("a", { href: target, target: "_blank", rel: "noopener" }, t("ui-open-export")));
  return el("p", {}, button(t("ui-go-to", { name: `#${channelLabel(target)}` }), () => emit("go", { channel: target }), { class: "linkish" }));
}
