// The timeline: an ordered list, newest at the bottom, with gaps drawn and evidence one press away.

import { byId, button, el, outside, setAttr, shape } from "./dom.js";
import { fillLine } from "./prompt.js";
import { emit, entries, inView, on, store, whyNot } from "./store.js";
import { duration, language, minute, t } from "./words.js";

const SHOWN = 60;
const GAP_MS = 10 * 60000;
const NEAR_END_PX = 80;

const place = byId("time");
const list = el("ol", { class: "entries" });
const earlier = el("p", { class: "earlier" });
const scroll = el("div", { class: "scroll", tabindex: "0" }, earlier, list);
const bar = el("div", { class: "bar" });
const links = el("div", { class: "exports", hidden: true, tabindex: "-1" });
const newer = button("", () => { atEnd = true; toEnd(); }, { class: "newer", hidden: true });
place.append(bar, links, scroll, el("div", { class: "foot" }, newer));

let number = null;
let all = false;
let atEnd = true;
let missed = 0;

on("start select page link", () => draw(false));
on("entry", ({ incident }) => incident === number && draw(true));
on("letters", ({ incident }) => incident === number && draw(false));
on("export", () => toggleExport(true));
on("shown", () => atEnd && toEnd());
on("page-failed", ({ problem }) => list.replaceChildren(el("li", { class: "none" }, problem.message)));

function draw(arrived) {
  const incident = inView();
  if (incident?.number !== number) {
    number = incident ? incident.number : null;
    all = false;
    atEnd = true;
    missed = 0;
    links.hidden = true;
    list.replaceChildren();
  }
  drawBar(incident);
  if (!incident) return;
  const known = entries(number);
  const shown = all ? known : known.slice(-SHOWN);
  if (arrived && !atEnd) missed += 1;
  drawEarlier(known, shown);
  keepPlace(() => fill(shown));
  drawNewer();
}

function drawBar(incident) {
  const total = incident ? entries(incident.number).length : 0;
  const key = JSON.stringify([incident?.id, total, whyNot(), language()]);
  if (bar.dataset.key === key) return;
  bar.dataset.key = key;
  const focused = document.activeElement?.dataset?.act;
  bar.replaceChildren(el("h2", { id: "time-name" }, t("ui-timeline")), incident ? el("span", { class: "quiet" }, t("ui-entries", { n: total, zone: store.zone })) : "",
    ...(incident ? [button([t("ui-note"), el("kbd", { "aria-hidden": "true" }, "N")], () => fillLine("/incident note "), { "data-act": "note", "aria-disabled": whyNot() ? "true" : null }),
      button(t("ui-export"), () => toggleExport(false), { "data-act": "export", "aria-expanded": String(!links.hidden) })] : []));
  if (focused) bar.querySelector(`[data-act=${focused}]`)?.focus();
}

function drawEarlier(known, shown) {
  setAttr(earlier, "hidden", known.length === shown.length);
  if (known.length > shown.length) earlier.replaceChildren(button([shape("up"), t("ui-earlier-from", { n: known.length - shown.length, at: minute(Date.parse(known[0].at.utc)) })], () => { all = true; atEnd = false; draw(false); }, { class: "linkish" }));
}

/** Entries keep their node, keyed by their event; gaps are drawn between them. */
function fill(shown) {
  const old = new Map([...list.querySelectorAll("li[data-seq]")].map((li) => [li.dataset.seq, li]));
  const wanted = [];
  shown.forEach((entry, n) => {
    const before = shown[n - 1];
    const gap = before ? Date.parse(entry.at.utc) - Date.parse(before.at.utc) : 0;
    if (gap >= GAP_MS) wanted.push(el("li", { class: "gap" }, t("ui-gap", { age: duration(gap) })));
    const key = JSON.stringify(entry) + language();
    const kept = old.get(String(entry.seq));
    wanted.push(kept && kept.key === key ? kept : item(entry, key));
  });
  if (shown.length === 0) wanted.push(el("li", { class: "none" }, t("ui-no-entries")));
  wanted.forEach((li, n) => { if (list.children[n] !== li) list.insertBefore(li, list.children[n] || null); });
  while (list.children.length > wanted.length) list.lastChild.remove();
}

function item(entry, key) {
  const gone = entry.corrected_by !== undefined;
  const node = el("li", { "data-seq": entry.seq, tabindex: "-1", class: gone ? "corrected" : "", "data-tone": entry.tone },
    el("span", { class: "when" }, el("time", { datetime: entry.at.utc }, entry.at.text), entry.recorded && el("small", {}, t("ui-recorded", { at: entry.recorded }))),
    shape(entry.shape),
    el("div", { class: "what" }, el("p", {}, entry.letter && el("span", { class: "letter" }, entry.letter), gone ? el("s", {}, outside(entry.text)) : outside(entry.text), " ", entry.actor && outside(entry.actor, { class: "actor" }),
      gone && [" ", button(t("ui-corrected"), () => focusEntry(entry.corrected_by), { class: "linkish" })]), chips(entry)));
  node.key = key;
  return node;
}

function chips(entry) {
  if (entry.chips.length === 0) return null;
  const opened = el("pre", { class: "evidence", hidden: true, tabindex: "0" });
  return el("div", { class: "chips" }, entry.chips.map((chip) => button(outside(chip.label), (event) => {
    const press = event.currentTarget;
    const open = press.getAttribute("aria-expanded") !== "true";
    for (const other of press.parentElement.querySelectorAll("button")) setAttr(other, "aria-expanded", String(open && other === press));
    opened.replaceChildren(...chip.lines.flatMap((line) => [outside(line), "\n"]));
    opened.hidden = !open;
  }, { class: "chip", "aria-expanded": "false" })), opened);
}

/** Brings an entry into view, from a letter on the chart or a correction. */
export function focusEntry(seq) {
  emit("view", "timeline");
  let node = list.querySelector(`li[data-seq="${seq}"]`);
  if (!node) {
    all = true;
    draw(false);
    node = list.querySelector(`li[data-seq="${seq}"]`);
  }
  node?.scrollIntoView({ block: "center" });
  node?.focus({ preventScroll: true });
}

// ---- where the reader is ----

let lastTop = 0;
scroll.addEventListener("scroll", () => {
  // Only going up leaves the end: what arrives between two frames does not.
  if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX) atEnd = true;
  else if (scroll.scrollTop < lastTop) atEnd = false;
  lastTop = scroll.scrollTop;
  if (atEnd) missed = 0;
  drawNewer();
}, { passive: true });
new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(scroll);

function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
}

function keepPlace(change) {
  if (atEnd) {
    change();
    requestAnimationFrame(() => atEnd && toEnd());
    return;
  }
  const line = [...list.children].find((n) => n.getBoundingClientRect().bottom > scroll.getBoundingClientRect().top);
  const before = line?.getBoundingClientRect().top;
  change();
  if (line?.isConnected) scroll.scrollTop += line.getBoundingClientRect().top - before;
}

function drawNewer() {
  setAttr(newer, "hidden", atEnd || missed === 0);
  newer.replaceChildren(t("ui-new", { n: missed }), shape("up", { class: "shape down" }));
}

// ---- export ----

const FORMS = [["html", "HTML"], ["md", "Markdown"], ["json", "JSON"]];

function toggleExport(focus) {
  const incident = inView();
  if (!incident) return;
  if (focus) emit("view", "timeline");
  links.hidden = !links.hidden;
  setAttr(bar.querySelector("[data-act=export]"), "aria-expanded", String(!links.hidden));
  links.replaceChildren(...[["en", "English"], ["zh-CN", "中文"]].map(([lang, name]) => el("p", {}, el("span", { class: "quiet", lang }, name),
    FORMS.map(([ext, label]) => el("a", { href: `/export/${encodeURIComponent(incident.id)}.${ext}?lang=${lang}`, target: "_blank", rel: "noopener", "aria-label": `${label}, ${name}` }, label)))));
  if (!links.hidden && focus) links.querySelector("a").focus();
}
