// What is seen of the fleet: seats, the probe matrix, standbys, schedules; and what may be typed next.

import { button, el, outside, setAttr, shape } from "./dom.js";
import { emit, inView, on, store } from "./store.js";
import { language, t } from "./words.js";

const MOST_SEATS = 24;
const SIGNS = { pass: "check", fail: "cross", unknown: "question", none: "minus" };

export const next = el("section", { class: "panel next" });
export const board = el("div", { class: "board" });

on("start select incident link", drawNext);
on("start select fleet incident", drawBoard);

/** Draws only where something changed, so that focus and an opened cell stay. */
function fresh(node, what) {
  const key = JSON.stringify([what, language(), store.me.person]);
  if (node.dataset.key === key) return false;
  node.dataset.key = key;
  return true;
}

// ---- suggested next ----

function drawNext() {
  const list = inView()?.suggested || [];
  setAttr(next, "hidden", list.length === 0);
  if (!fresh(next, list)) return;
  next.replaceChildren(el("div", { class: "panelhead" }, el("h2", {}, t("ui-next")), el("span", { class: "quiet" }, t("ui-next-how"))),
    el("ol", {}, list.map((one) => el("li", {}, button(el("code", {}, one.line), () => fill(one.line), { class: "line", "data-line": one.line.trimEnd() }), el("p", {}, outside(one.why))))));
}

/** Into the command line of the incident's own channel, where what comes of it will stand. */
function fill(line) {
  const incident = inView();
  if (incident?.channel && store.selected.channel !== incident.channel) emit("go", { channel: incident.channel, incident: incident.number });
  emit("run", { command: `${line.trimEnd()} ` });
}

// ---- clusters ----

function drawBoard() {
  const { clusters, schedules } = store.fleet;
  setAttr(board, "hidden", clusters.length === 0);
  const active = clusters.filter((one) => one.active);
  const standby = clusters.filter((one) => !one.active);
  const short = schedules.filter((one) => one.short || !inView());
  const keep = [...board.children].map((panel) => panel.dataset.name).join();
  const panels = [...active.flatMap((one) => [["seats", one], ["matrix", one]]), ["standbys", standby], ["schedules", short]]
    .filter(([kind, what]) => (kind === "matrix" ? what.matrix : Array.isArray(what) ? what.length : true));
  const names = panels.map(([kind, what]) => `${kind}-${what.name || ""}`);
  if (keep !== names.join()) board.replaceChildren(...names.map((name) => el("section", { class: "panel", "data-name": name })));
  panels.forEach(([kind, what], n) => {
    if (fresh(board.children[n], what)) draw[kind](board.children[n], what);
  });
}

const head = (title, seen, more) => el("div", { class: "panelhead" }, el("h2", {}, title), more && el("span", { class: "quiet" }, more), seen && el("span", { class: "quiet seen" }, seen.text));

const draw = {
  seats(panel, one) {
    setAttr(panel, "data-stale", one.stale);
    panel.replaceChildren(head(t("ui-capacity", { cluster: one.name, headline: one.headline }), one.seen, one.traffic),
      ...(one.frozen ? [el("p", { class: "frozen" }, shape("freeze"), outside(one.frozen))] : []), one.stale ? el("p", { class: "pill", "data-tone": "amber" }, t("ui-stale")) : "",
      one.seats.length > MOST_SEATS ? sums(one.seats) : el("ul", { class: "seats" }, one.seats.map((seat) => el("li", { "data-state": seat.state, title: seat.word },
        seat.name ? outside(seat.name) : shape("cross"), el("span", { class: "unseen" }, ` ${seat.word}`)))));
  },
  matrix(panel, { matrix, stale }) {
    setAttr(panel, "data-stale", stale);
    const opened = el("p", { class: "evidence", hidden: true });
    panel.replaceChildren(el("div", { class: "wide" }, el("table", { class: "matrix" }, el("caption", {}, el("span", {}, matrix.caption), el("span", { class: "quiet" }, matrix.seen.text)),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("ui-node")), matrix.columns.map((column) => el("th", { scope: "col", "data-bad": column.all_fail }, column.label)), el("th", { scope: "col" }, matrix.pods))),
      el("tbody", {}, matrix.rows.map((row) => el("tr", {}, el("th", { scope: "row" }, outside(row.node), row.note && el("small", {}, outside(row.note))),
        row.cells.map((cell, n) => el("td", { "data-state": cell.state }, cellOf(cell, () => evidence(opened, row, matrix.columns[n], cell)))), el("td", {}, row.pods)))))),
    matrix.folded ? el("p", { class: "quiet" }, matrix.folded) : "", opened, matrix.verdict ? el("p", { class: "verdict" }, matrix.verdict) : "");
  },
  standbys(panel, list) {
    panel.replaceChildren(head(t("ui-standbys")), el("ol", { class: "standbys" }, list.map((one) => el("li", {}, outside(one.name, { class: "who" }), el("span", {}, outside(one.standby.text)),
      el("span", { class: "pill", "data-tone": one.standby.tone }, shape(one.standby.tone === "red" ? "cross" : "clock"), one.standby.check)))));
  },
  schedules(panel, list) {
    panel.replaceChildren(head(t("ui-schedules")), el("ul", { class: "facts-list" }, list.map((one) => el("li", { "data-well": one.short ? "no" : "yes" }, shape(one.short ? "cross" : "clock"),
      el("span", {}, outside(one.name, { class: "who" }), el("span", { class: "under" }, outside(one.text)), one.verdict && el("span", { class: "under verdict" }, outside(one.verdict)))))));
  },
};

/** Many seats are numbers. */
function sums(seats) {
  const of = new Map();
  for (const seat of seats) of.set(seat.word, (of.get(seat.word) || 0) + 1);
  return el("p", {}, [...of].map(([word, n]) => `${n} ${word}`).join(" · "));
}

function cellOf(cell, open) {
  const sign = shape(SIGNS[cell.state] || "question");
  if (!cell.evidence) return [sign, el("span", { class: "unseen" }, cell.word)];
  return button([sign, el("span", { class: "unseen" }, cell.word)], open, { class: "plain" });
}

function evidence(place, row, column, cell) {
  const text = `${row.node} · ${column.label}: ${cell.word}, ${cell.evidence}`;
  const same = !place.hidden && place.textContent === text;
  place.replaceChildren(outside(text));
  place.hidden = same;
}
