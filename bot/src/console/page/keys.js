// The keyboard, and the list of its keys.

import { byId, button, el, setAttr, shape } from "./dom.js";
import { fillLine, toLine } from "./prompt.js";
import { emit, keep, on, store } from "./store.js";
import { t } from "./words.js";

const REGIONS = ["chat", "facts", "time", "rail"];
const VIEW_OF = { chat: "chat", facts: "now", time: "timeline", rail: "more" };
const ALL = [["/", "ui-key-line"], ["↑ ↓", "ui-key-choose"], ["Tab", "ui-key-take"], ["Enter", "ui-key-send"], ["Shift+Enter", "ui-key-newline"], ["Esc", "ui-key-close"],
  ["A X", "ui-key-plan"], ["N", "ui-key-note"], ["P", "ui-key-pin"], ["J K", "ui-key-entries"], ["U", "ui-key-unread"], ["1 2 3", "ui-key-regions"], ["F6", "ui-key-next"], ["← →", "ui-key-chart"], ["E", "ui-key-export"], ["?", "ui-key-all"]];

const panel = byId("keys");
let back = null;
let single = keep.get("keys") !== "off";

const letters = {
  "/": () => toLine("/"),
  a: () => focusPlan(["approve", "resume"]),
  x: () => focusPlan(["reject", "cancel"]),
  n: () => fillLine("/incident note "),
  p: () => pin(),
  j: () => walk(1),
  k: () => walk(-1),
  u: () => unread(),
  1: () => region("chat"),
  2: () => region("facts"),
  3: () => region("time"),
  e: () => emit("export"),
  "?": () => toggle(),
};

on("keys", toggle);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "F6") {
    event.preventDefault();
    next(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape" && !panel.hidden) toggle();
  else if (!inField(event.target) && (single || event.key === "?" || event.key === "/")) {
    const act = letters[event.key.length === 1 ? event.key.toLowerCase() : ""];
    if (!act) return;
    event.preventDefault();
    act();
  }
});

const inField = (node) => node.matches?.("input, textarea, select, [contenteditable]");

function region(id) {
  emit("view", VIEW_OF[id]);
  byId(id).focus();
}

function next(by) {
  const at = REGIONS.findIndex((id) => byId(id).contains(document.activeElement));
  const id = REGIONS[(at + by + REGIONS.length) % REGIONS.length];
  if (id === "rail") (byId("rail").querySelector("[aria-current], button") || byId("rail")).focus();
  else region(id);
}

/** Puts the focus on the button that says yes or no to the plan in view; Enter presses it. */
function focusPlan(kinds) {
  emit("view", "now");
  const all = [...byId("facts").querySelectorAll(".plan .actions button, .plan .ask button[data-yes]")];
  const open = all.filter((b) => b.offsetParent !== null);
  (open.find((b) => kinds.includes(b.dataset.yes)) || open.find((b) => kinds.includes(b.action?.what)))?.focus();
}

/** The next or previous message or entry, in the region that has the focus. */
function walk(by) {
  const inTime = byId("time").contains(document.activeElement);
  const all = [...(inTime ? byId("time").querySelectorAll("li[data-seq]") : byId("log").querySelectorAll(".message"))];
  const here = document.activeElement.closest?.("li[data-seq], .message");
  const at = all.indexOf(here);
  const to = at < 0 ? all.length - 1 : Math.min(all.length - 1, Math.max(0, at + by));
  all[to]?.focus();
}

function pin() {
  const message = document.activeElement.closest?.(".message")?.message;
  if (message && !message.pinned && !message.card && store.me.person) emit("pin", message);
}

function unread() {
  const line = byId("log").querySelector(".newline");
  if (line) line.nextElementSibling?.focus();
  else {
    const [name] = store.unread.keys();
    if (name) emit("go", { channel: name });
  }
}

function toggle() {
  if (!panel.hidden) {
    panel.hidden = true;
    back?.focus?.();
    return;
  }
  back = document.activeElement;
  draw();
  panel.hidden = false;
  panel.focus();
}

function draw() {
  panel.replaceChildren(el("div", { class: "bar" }, el("h2", { id: "keys-name" }, t("ui-all-keys")), button(shape("cross"), toggle, { class: "plain", "aria-label": t("ui-close") })),
    el("dl", {}, ALL.map(([key, word]) => el("div", {}, el("dt", {}, key.split(" ").map((k) => el("kbd", {}, k))), el("dd", {}, t(word))))),
    el("p", {}, button(t("ui-single-keys"), (event) => {
      single = !single;
      keep.set("keys", single ? "" : "off");
      setAttr(event.currentTarget, "aria-pressed", String(single));
    }, { "aria-pressed": String(single), class: "toggle" })));
}
