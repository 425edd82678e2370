// The chat: messages keyed by their event, oldest first. It follows the end only where the reader is at the end.

import { byId, button, el, setAttr, setText, shape } from "./dom.js";
import { showCard } from "./card.js";
import { showPlanEverywhere } from "./plan.js";
import { failWaiting, makeMessage, makePrivate, makeWaiting, markDay, paintMessage } from "./message.js";
import { get, post } from "./net.js";
import { channelLabel, emit, keep, on, openPlans, speaker, store, takePlan } from "./store.js";
import { language, t } from "./words.js";

const PAGE = 100;
const NEAR_END_PX = 80;
const MOST_SHOWN = 1500;
const NEW_LINE_MS = 2000;
const ELSEWHERE_MS = 1500;

const log = byId("log");
const scroll = byId("scroll");
const more = byId("earlier");
const newer = byId("newer");

const nodes = new Map();
const locals = new Map();
let channel = null;
let earlier = 0;
let atEnd = true;
let opening = 0;
let newLine = null;
let fresh = 0;

on("select", () => open(false));
on("start", () => { open(true); countUnread(); });
on("message", arrive);
on("incident", ({ card }) => showEverywhere(card));
on("seen", seen);

/** A plan of the chat is known from then on, so that it can be gone to. */
function knowPlan({ plan }) {
  if (!plan) return;
  takePlan(plan);
  showPlanEverywhere(store.plans.get(plan.id));
}

function showEverywhere(card) {
  for (const node of document.querySelectorAll(`.card[data-incident="${CSS.escape(card.incident)}"]`)) showCard(node, card, keepPlace);
}

/** Opens the selected channel; `anew` asks again although it is open, and keeps what is there. */
async function open(anew) {
  const name = store.selected.channel;
  drawBar(name);
  if (name === channel && !anew) return;
  const turn = ++opening;
  if (name !== channel) clear(name);
  if (!name) return;
  try {
    const page = await get("/api/messages", { channel: name, limit: PAGE, lang: language() });
    if (turn === opening) fill(page);
  } catch (problem) {
    if (turn === opening && store.link.up) log.append(el("p", { class: "gone", "data-local": "problem" }, problem.message, " ", button(t("ui-again"), () => open(true))));
  }
}

function clear(name) {
  channel = name;
  atEnd = true;
  nodes.clear();
  log.replaceChildren();
  dropNewLine();
  setEarlier(0);
}

/** The place of a message in the record; what is not recorded has none. */
const place = (node) => node.message && !node.message.unrecorded ? node.message.seq : 0;

/** Takes the newest page. Where it does not touch what is shown, that is let go, so that no gap is hidden. */
function fill({ messages, earlier: before }) {
  setAttr(log, "aria-busy", "true");
  const newest = Math.max(0, ...[...nodes.values()].map(place));
  const first = messages[0]?.seq ?? 0;
  if (nodes.size && before > 0 && first > newest) {
    nodes.clear();
    log.replaceChildren();
  }
  if (!nodes.size) setEarlier(before);
  for (const message of messages) put(message);
  putLocals();
  for (const stale of log.querySelectorAll("[data-local=problem]")) stale.remove();
  setAttr(log, "aria-busy", null);
  follow();
  see();
}

function drawBar(name) {
  const info = store.channels.get(name);
  byId("chat-name").replaceChildren(name ? `#${channelLabel(name)}` : t("ui-no-channel"));
  setText(byId("chat-topic"), info ? info.topic : "");
}

/** Where the plan box is out of sight, one line over the messages repeats an open decision. */
function drawWaits() {
  const plan = openPlans()[0];
  const line = byId("waits");
  setAttr(line, "hidden", !plan);
  const key = plan ? `${plan.id} ${plan.flag.word}` : "";
  if (line.dataset.key === key) return;
  line.dataset.key = key;
  if (plan) line.replaceChildren(shape(plan.flag.shape), el("span", {}, el("strong", {}, plan.id), ` ${plan.flag.word}`), button(t("ui-plan-show", { id: plan.id }), () => emit("plan-go", plan.id), { class: "linkish" }));
}
on("start plan select", drawWaits);

/** Puts a message where its number says; the same number again replaces what was there. */
function put(message) {
  const old = nodes.get(message.seq);
  if (old) {
    keepPlace(old, () => paintMessage(old, message, keepPlace));
    if (message.card) showEverywhere(message.card);
    return old;
  }
  knowPlan(message);
  const node = makeMessage(message, keepPlace);
  node.order = message.seq;
  log.insertBefore(node, placeOf(node.order));
  nodes.set(message.seq, node);
  markDay(node, neighbour(node, "previousElementSibling"));
  const next = neighbour(node, "nextElementSibling");
  if (next) markDay(next, node);
  settle(message.seq);
  return node;
}

/** What goes before: older ones to the front at once, new ones found from the end. */
function placeOf(order) {
  const first = log.firstElementChild;
  if (first && first.order > order) return first;
  let after = log.lastElementChild;
  // What has no order is a line over the message that follows it.
  while (after && !(after.order <= order)) after = after.previousElementSibling;
  return after ? after.nextElementSibling : first;
}

/** What only this reader sees stands where it was said; where older messages are not shown, it waits for them. */
function putLocals() {
  const from = earlier > 0 ? Math.min(...nodes.keys()) : 0;
  for (const node of locals.get(channel) || []) if (!node.isConnected && node.order >= from) log.insertBefore(node, placeOf(node.order));
}

function neighbour(node, side) {
  let other = node[side];
  while (other && !other.message) other = other[side];
  return other;
}

/** A message of the stream. */
function arrive(message) {
  if (message.card) showEverywhere(message.card);
  if (message.channel !== channel) {
    count(message);
    return;
  }
  const known = nodes.has(message.seq);
  const reading = atEnd && document.hasFocus();
  const node = put(message);
  if (known) return;
  if (!reading && message.author !== speaker()) {
    mark(node);
    count(message);
  }
  if (atEnd) follow();
  trim();
  see();
}

// ---- what is unread ----

const counted = new Map();

function count(message) {
  if (message.author === speaker()) return;
  if (!message.unrecorded) {
    if (message.seq <= (counted.get(message.channel) || 0)) return;
    counted.set(message.channel, message.seq);
    if (message.seq <= Number(keep.get(`seen-${message.channel}`) || 0)) return;
  }
  store.unread.set(message.channel, (store.unread.get(message.channel) || 0) + 1);
  emit("unread");
}

/** What came while this page was closed. */
async function countUnread() {
  for (const c of store.channels.values()) {
    const last = keep.get(`seen-${c.name}`);
    if (last === null) keep.set(`seen-${c.name}`, String(c.newest));
    else if (c.newest > Math.max(Number(last), counted.get(c.name) || 0) && c.name !== channel) {
      const page = await get("/api/messages", { channel: c.name, limit: 50, lang: language() }).catch(() => ({ messages: [] }));
      page.messages.forEach(count);
    }
  }
}

function mark(node) {
  fresh += 1;
  if (!newLine) {
    newLine = el("p", { class: "newline", "data-local": "new" }, el("span", {}));
    log.insertBefore(newLine, node);
  }
  setText(newLine.firstChild, t("ui-new", { n: fresh }));
  drawNewer();
}

function dropNewLine() {
  if (newLine) keepPlace(newLine.nextElementSibling, () => newLine.remove());
  newLine = null;
  fresh = 0;
  drawNewer();
}

function drawNewer() {
  setAttr(newer, "hidden", atEnd || fresh === 0);
  newer.replaceChildren(t("ui-new", { n: fresh }), shape("up", { class: "shape down" }));
}

newer.addEventListener("click", () => { atEnd = true; follow(); });

/** The end is on the screen and the window has the focus: what is there has been read. */
function see() {
  if (!atEnd || !document.hasFocus() || !channel || !seenOnScreen()) return;
  const newest = Math.max(0, ...[...log.children].slice(-5).map(place));
  if (newest > Number(keep.get(`seen-${channel}`) || 0)) keep.set(`seen-${channel}`, String(newest));
  if (store.unread.delete(channel)) emit("unread");
  if (newLine && !newLine.leaving) {
    newLine.leaving = true;
    const line = newLine;
    setTimeout(() => { if (line === newLine) dropNewLine(); }, NEW_LINE_MS);
  }
}

const seenOnScreen = () => scroll.clientHeight > 0;
function seen() { see(); }
addEventListener("focus", see);

// ---- where the reader is ----

let lastTop = 0;
scroll.addEventListener("scroll", () => {
  // Only going up leaves the end: what arrives between two frames does not.
  if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX) atEnd = true;
  else if (scroll.scrollTop < lastTop) atEnd = false;
  lastTop = scroll.scrollTop;
  drawNewer();
  see();
}, { passive: true });

let following = 0;
function follow() {
  if (!atEnd || following) return;
  following = requestAnimationFrame(() => {
    following = 0;
    if (atEnd) scroll.scrollTop = scroll.scrollHeight;
    drawNewer();
  });
}

new ResizeObserver(() => { if (atEnd) scroll.scrollTop = scroll.scrollHeight; }).observe(scroll);

/** Changes something in or above the view and keeps the read line, or the button under the finger, where it is. */
function keepPlace(node, change) {
  if (atEnd && !(node && node.matches(".card") && node.contains(document.activeElement))) {
    change();
    follow();
    return;
  }
  const under = node?.querySelector?.("button:hover, button:focus");
  const line = under || [...log.children].find((n) => n.getBoundingClientRect().bottom > scroll.getBoundingClientRect().top) || log;
  const before = line.getBoundingClientRect().top;
  change();
  if (line.isConnected) scroll.scrollTop += line.getBoundingClientRect().top - before;
}

// ---- older ones ----

function setEarlier(n) {
  earlier = n;
  setAttr(more, "hidden", n <= 0);
  more.replaceChildren(button([shape("up"), t("ui-earlier", { n })], older, { class: "linkish" }));
}

async function older() {
  const first = Math.min(...nodes.keys());
  const mine = channel;
  const page = await get("/api/messages", { channel, before: first, limit: PAGE * 2, lang: language() }).catch(() => null);
  if (!page || mine !== channel) return;
  atEnd = false;
  setAttr(log, "aria-busy", "true");
  keepPlace(null, () => {
    for (const message of page.messages.reverse()) put(message);
    setEarlier(page.earlier);
    putLocals();
  });
  setAttr(log, "aria-busy", null);
}

/** Lets go of the oldest where the reader is at the end; they are still there to be asked for. */
function trim() {
  if (!atEnd || nodes.size <= MOST_SHOWN) return;
  const last = [...nodes.keys()].sort((a, b) => a - b)[nodes.size - MOST_SHOWN + PAGE - 1];
  const gone = [...log.children].filter((n) => n.order < last + 1);
  for (const node of gone) {
    nodes.delete(node.order);
    node.remove();
  }
  setEarlier(earlier + gone.filter((n) => n.message).length);
}

// ---- sending ----

const waiting = new Map();

function settle(seq) {
  const sent = waiting.get(seq);
  waiting.delete(seq);
  if (sent) stands(sent);
}

/** What was sent stands in the channel; what only its answer says is shown below. */
function stands({ node, name, line, reply }) {
  dropLocal(node, name);
  if (reply.more) answer(name, line, { ...reply, text: reply.more });
}

/** Keeps what only this reader sees: behind all that this page has heard of, before all that is still to come. */
function addLocal(node, name) {
  node.order = Math.max(store.seq, ...(name === channel ? nodes.keys() : [])) + 0.5;
  locals.set(name, [...(locals.get(name) || []), node]);
  if (name !== channel) return;
  log.insertBefore(node, placeOf(node.order));
  atEnd = true;
  follow();
}

function dropLocal(node, name) {
  locals.set(name, (locals.get(name) || []).filter((n) => n !== node));
  node.remove();
}

/** Sends a line: with a slash a command, without one a message. */
export async function send(line, done) {
  const name = channel || "";
  const isCommand = line.startsWith("/");
  const node = makeWaiting(line, isCommand);
  const as = speaker() === store.me.person ? undefined : speaker();
  addLocal(node, name);
  try {
    const reply = isCommand ? await post("/api/command", { line, channel: name, lang: language(), as }) : await post("/api/say", { channel: name, text: line, as });
    accepted(node, name, line, reply, isCommand);
  } catch (problem) {
    const unsure = problem.status === undefined;
    failWaiting(node, unsure ? t("ui-no-answer") : problem.message, !unsure && (() => { dropLocal(node, name); send(line); }), () => dropLocal(node, name));
    follow();
  }
  if (done) done();
}

/** What was done stands in the channel, as everybody sees it; an answer of its own is only for what does not. */
function accepted(node, name, line, reply, isCommand) {
  if (reply.outcome !== "done" || reply.open) {
    dropLocal(node, name);
    answer(name, line, reply);
  } else if (reply.seq === undefined || nodes.has(reply.seq) || name !== channel) stands({ node, name, line, reply });
  else {
    waiting.set(reply.seq, { node, name, line, reply });
    if (isCommand) setTimeout(() => elsewhere(node, name, line, reply), ELSEWHERE_MS);
  }
}

/** It did not come to this channel: its answer is shown here. */
function elsewhere(node, name, line, reply) {
  if (waiting.get(reply.seq)?.node !== node) return;
  waiting.delete(reply.seq);
  dropLocal(node, name);
  answer(name, line, reply);
}

/** Shows a private answer in its channel, and goes where it leads if that is a channel. */
export function answer(name, line, reply) {
  const node = makePrivate(line, reply, () => dropLocal(node, name));
  addLocal(node, name);
  if (reply.open && store.channels.has(reply.open)) emit("go", { channel: reply.open });
}

on("pin", async (message) => {
  try {
    const reply = await post("/api/pin", { channel: message.channel, seq: message.seq, lang: language() });
    if (reply.outcome !== "done") answer(message.channel, t("ui-pin"), reply);
  } catch (problem) {
    answer(message.channel, t("ui-pin"), { outcome: problem.status ? "refused" : "unknown", text: problem.status ? problem.message : t("ui-no-answer") });
  }
});
