// The command line: a combobox over the completions of the server. What is typed without a slash is said in the channel.

import { byId, button, el, outside, setAttr, setText, shape } from "./dom.js";
import { send } from "./chat.js";
import { get } from "./net.js";
import { emit, keep, on, speaker, store, whyNot } from "./store.js";
import { language, t } from "./words.js";

const ASK_AFTER_MS = 40;
/** Longer text scrolls inside; `.mirror` in app.css is as high. */
const MOST_LINES = 6;
const HISTORY = 50;

const form = byId("prompt");
const ghost = el("span", { class: "ghost", "aria-hidden": "true" });
const typed = el("span", { class: "typed", "aria-hidden": "true" });
const line = el("textarea", { id: "line", rows: "1", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "options",
  "aria-describedby": "why preview", spellcheck: "false", autocapitalize: "off", autocorrect: "off", enterkeyhint: "send" });
const list = el("ul", { id: "options", class: "options", role: "listbox" });
const signature = el("p", { class: "signature" });
const preview = el("p", { id: "preview", class: "preview", "aria-live": "polite" });
const hints = el("p", { class: "hints", "aria-hidden": "true" });
const pop = el("div", { class: "pop", hidden: true }, signature, list, preview, hints);
const why = el("p", { id: "why", class: "why", hidden: true });
const sendIt = el("button", { type: "submit", class: "send" });
const past = JSON.parse(keep.get("past") || "[]");

let options = [];
let active = -1;
let moved = false;
let asked = null;
let timer = 0;
let recall = -1;
let back = null;

form.append(pop, why, el("div", { class: "field" }, el("div", { class: "typing" }, el("div", { class: "mirror" }, typed, ghost), line), el("kbd", { "aria-hidden": "true" }, "/"), sendIt));

on("start link select", () => {
  const reason = whyNot();
  setText(why, reason ? t(reason) : "");
  setAttr(why, "hidden", !reason || reason === "ui-why-readonly");
  line.placeholder = t(store.me.person ? "ui-line-hint" : "ui-why-readonly");
  line.setAttribute("aria-label", t("ui-line"));
  setAttr(line, "readonly", !store.me.person);
  setAttr(sendIt, "aria-disabled", reason ? "true" : null);
  sendIt.replaceChildren(t("ui-send"));
  list.setAttribute("aria-label", t("ui-options"));
  hints.replaceChildren(...[["↑", null], ["↓", "ui-hint-choose"], ["Tab", "ui-key-take"], ["Enter", "ui-key-send"], ["Esc", "ui-hint-close"]]
    .flatMap(([key, word]) => [el("kbd", {}, key), word && el("span", {}, t(word))]).filter(Boolean));
});
on("select", () => {
  const draft = keep.get(`draft-${store.selected.channel}`) || "";
  if (line.dataset.channel === store.selected.channel) return;
  line.dataset.channel = store.selected.channel;
  write(draft, true);
});
on("run", run);

/** A button's command: sent as it is, or put into the line where it ends in a blank. */
function run({ command, done }) {
  if (command.endsWith(" ")) {
    fillLine(command);
    return;
  }
  if (!whyNot()) send(command, done);
}

/** Puts text into the command line and the cursor behind it. */
export function fillLine(text) {
  emit("view", "chat");
  back = document.activeElement;
  line.focus();
  write(text);
}

/** Moves the focus to the command line; remembers where it was. */
export function toLine(start) {
  emit("view", "chat");
  back = document.activeElement;
  line.focus();
  if (start && !line.value) write(start);
}

function write(text, quiet) {
  line.value = text;
  line.setSelectionRange(text.length, text.length);
  changed(quiet);
  line.scrollTop = line.scrollHeight;
}

function changed(quiet) {
  keep.set(`draft-${store.selected.channel}`, line.value);
  setAttr(form, "data-filled", line.value !== "");
  // A command has wider letters, and so more lines: it is measured as it is drawn.
  setAttr(form, "data-command", line.value.startsWith("/"));
  line.rows = 1;
  while (line.rows < MOST_LINES && line.scrollHeight > line.clientHeight + 2) line.rows += 1;
  clearTimeout(timer);
  if (quiet || !line.value.startsWith("/")) close();
  else timer = setTimeout(ask, ASK_AFTER_MS);
  drawGhost();
}

line.addEventListener("input", () => { recall = -1; changed(); });

async function ask() {
  asked?.abort();
  const text = line.value;
  if (!text.startsWith("/")) return;
  asked = new AbortController();
  try {
    const as = speaker() === store.me.person ? {} : { as: speaker() };
    const found = await get("/api/complete", { line: text, channel: store.selected.channel, lang: language(), ...as }, asked.signal);
    if (text === line.value && document.activeElement === line) show(found);
  } catch (problem) {
    if (problem.name !== "AbortError") close();
  }
}

function show(found) {
  options = found.options;
  active = options.length ? 0 : -1;
  moved = false;
  signature.replaceChildren(...found.signature.flatMap((part) => [el(part.current ? "u" : "span", {}, part.text), " "]));
  list.replaceChildren(...options.map(row));
  setAttr(list, "hidden", options.length === 0);
  preview.replaceChildren(...(found.preview ? [shape(found.refused ? "cross" : "link"), outside(found.preview)] : []));
  setAttr(preview, "data-refused", found.refused);
  setAttr(preview, "hidden", !found.preview);
  setAttr(signature, "hidden", found.signature.length === 0);
  setAttr(pop, "hidden", options.length === 0 && !found.preview && found.signature.length === 0);
  line.setAttribute("aria-expanded", String(options.length > 0));
  choose(active);
}

function row(option, n) {
  return el("li", { id: `option-${n}`, role: "option", "aria-selected": "false", "data-refused": option.refused,
    onpointerdown: (event) => { event.preventDefault(); take(n); } },
  el("b", {}, outside(option.label)), el("span", { class: "about" }, option.about), option.need && el("span", { class: "pill", "data-tone": option.refused ? "sev1" : "amber" }, shape(option.refused ? "lock" : "person"), option.need));
}

function choose(n) {
  active = n;
  [...list.children].forEach((item, k) => setAttr(item, "aria-selected", String(k === n)));
  setAttr(line, "aria-activedescendant", n >= 0 && moved ? `option-${n}` : null);
  list.children[n]?.scrollIntoView({ block: "nearest" });
  drawGhost();
}

/** What Tab would add, in grey behind the cursor. */
function drawGhost() {
  const option = pop.hidden ? null : options[active];
  const rest = option && option.line.startsWith(line.value) ? option.line.slice(line.value.length) : "";
  setText(typed, line.value);
  setText(ghost, rest);
}

function take(n) {
  const option = options[n];
  if (option) write(option.line);
  line.focus();
}

function close() {
  pop.hidden = true;
  options = [];
  active = -1;
  line.setAttribute("aria-expanded", "false");
  setAttr(line, "aria-activedescendant", null);
  drawGhost();
}

const isOpen = () => !pop.hidden;

const pressed = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Tab: (event) => {
    if (event.shiftKey || !isOpen() || !options[active] || options[active].line === line.value) return false;
    take(active);
    return true;
  },
  Enter: (event) => {
    if (event.shiftKey || event.isComposing) return false;
    if (isOpen() && moved && options[active] && options[active].line.trimEnd() !== line.value.trimEnd()) take(active);
    else submit();
    return true;
  },
  Escape: () => {
    if (isOpen()) close();
    else if (back && back.isConnected && back !== document.body) back.focus();
    else line.blur();
    return true;
  },
};

line.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (pressed[event.key]?.(event)) event.preventDefault();
});
line.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== line) close(); }, 100));
line.addEventListener("focus", () => { if (line.value.startsWith("/")) changed(); });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

function step(by) {
  if (isOpen() && options.length) {
    moved = true;
    choose((active + by + options.length) % options.length);
    return true;
  }
  if (line.value && recall < 0) return false;
  const next = recall - by;
  if (next < -1 || next >= past.length) return true;
  recall = next;
  write(recall < 0 ? "" : past[recall], true);
  return true;
}

function submit() {
  const text = line.value.trim();
  if (!text) return;
  const reason = whyNot();
  if (reason) {
    setAttr(why, "hidden", null);
    return;
  }
  if (past[0] !== text) past.unshift(text);
  past.length = Math.min(past.length, HISTORY);
  keep.set("past", JSON.stringify(past));
  recall = -1;
  write("");
  send(text);
}
