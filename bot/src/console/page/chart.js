// The share of failed requests as a line that tells no lie: from 0, uncut, with holes where nothing is known.

import { el, setAttr, setText, svg } from "./dom.js";
import { focusEntry } from "./timeline.js";
import { letters, newest, normal, runs, share, ticksOf, timeTicks, top } from "./scale.js";
import { count, digits, minute, now, percent, second, sinceMidnight, t } from "./words.js";

const EDGE = { left: 34, right: 12, top: 24, bottom: 20 };
let ids = 0;

/** A figure that draws the chart it is given with `show(chart, {title, tone, live, height})`. */
export class ChartView {
  constructor() {
    this.id = `chart-${++ids}`;
    this.cursor = null;
    this.root = svg("svg", { class: "plot", tabindex: 0, role: "slider", "aria-orientation": "horizontal" });
    this.title = el("h2", {});
    this.nowText = el("p", { class: "quiet" });
    this.caption = el("figcaption", { class: "unseen" });
    this.table = el("div", { class: "numbers", hidden: true, tabindex: "0" });
    this.toggle = el("button", { type: "button", class: "linkish", "aria-expanded": "false", onclick: () => this.tabulate() });
    this.node = el("figure", { class: "chart" }, el("div", { class: "charthead" }, this.title, this.nowText), this.root, this.caption, el("p", { class: "charttail" }, this.toggle), this.table);
    this.root.addEventListener("pointermove", (event) => this.point(event));
    this.root.addEventListener("pointerdown", (event) => this.point(event));
    this.root.addEventListener("pointerleave", () => document.activeElement !== this.root && this.place(null));
    this.root.addEventListener("blur", () => this.place(null));
    this.root.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  show(chart, look) {
    this.chart = chart;
    this.look = look;
    this.data = normal(chart, look.live ? now() : 0);
    setAttr(this.node, "data-tone", look.tone);
    setText(this.title, look.title);
    setText(this.toggle, t("ui-as-table"));
    this.describe();
    this.draw();
    if (!this.table.hidden) this.fillTable();
  }

  describe() {
    const known = this.data.counts.map(share);
    const blind = known.slice(-2).every((s) => s === null);
    const last = blind ? null : share(newest(this.chart));
    const current = last === null ? "?" : digits(last);
    this.nowText.replaceChildren(t("ui-usual", { n: digits(this.chart.usual) }), " · ", t("ui-now-share"), " ", el("strong", {}, `${current}`));
    const peak = Math.max(0, ...known.map((s) => s || 0));
    const text = t("ui-chart-caption", { service: this.chart.service, now: last === null ? "?" : percent(last), peak: percent(peak), limit: percent(this.chart.limit) });
    setText(this.caption, text);
    setAttr(this.root, "aria-label", text);
    setAttr(this.root, "aria-valuemin", 0);
    setAttr(this.root, "aria-valuemax", this.data.counts.length - 1);
  }

  draw() {
    const box = this.root.getBoundingClientRect();
    if (!this.data || box.width < 80) return;
    const { from, step, counts } = this.data;
    const [w, h] = [Math.round(box.width), Math.round(box.height)];
    const peak = top(counts, this.chart.limit);
    this.g = { w, h, peak, end: from + counts.length * step,
      x: (ms) => EDGE.left + ((ms - from) / (counts.length * step)) * (w - EDGE.left - EDGE.right),
      y: (s) => h - EDGE.bottom - ((s * 100) / peak) * (h - EDGE.top - EDGE.bottom) };
    setAttr(this.root, "viewBox", `0 0 ${w} ${h}`);
    this.over = svg("g", { class: "over" });
    this.root.replaceChildren(this.hatch(), ...this.axes(), ...this.holes(), ...this.lines(), ...this.limit(), ...this.marks(), this.over);
    this.place(this.cursor === null ? null : Math.min(this.cursor, counts.length - 1));
  }

  hatch() {
    return svg("defs", {}, svg("pattern", { id: `${this.id}-hatch`, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { class: "stripe", width: 3, height: 7 })));
  }

  axes() {
    const { w, h, x, y, peak, end } = this.g;
    const rows = ticksOf(peak).flatMap((tick) => [
      svg("line", { class: tick ? "grid" : "base", x1: EDGE.left, x2: w - EDGE.right, y1: y(tick / 100), y2: y(tick / 100) }),
      text(EDGE.left - 6, y(tick / 100) + 4, String(tick), "tick end")]);
    const columns = timeTicks(this.data.from, end, w - EDGE.left - EDGE.right, sinceMidnight)
      .map((at) => text(Math.min(w - 30, Math.max(EDGE.left, x(at))), h - 5, minute(at), x(at) < EDGE.left + 14 ? "tick" : "tick middle"));
    return [...rows, ...columns];
  }

  holes() {
    const { h, x } = this.g;
    const { from, step, counts } = this.data;
    return runs(counts, (pair) => pair === null).flatMap(([a, b]) => {
      const [x1, x2] = [x(from + a * step), x(from + (b + 1) * step)];
      const box = svg("rect", { class: "hole", x: x1, y: EDGE.top, width: Math.max(1, x2 - x1), height: h - EDGE.top - EDGE.bottom, fill: `url(#${this.id}-hatch)` });
      if (b !== counts.length - 1) return [box];
      const label = t("ui-no-data", { at: minute(from + a * step) });
      return [box, x1 > EDGE.left + 120 ? text(x1 - 5, h - EDGE.bottom - 22, label, "tick end label") : text(x1 + 6, EDGE.top + 14, label, "tick label")];
    });
  }

  lines() {
    const { x, y } = this.g;
    const { from, step, counts } = this.data;
    const at = (n) => `${x(from + (n + 0.5) * step).toFixed(1)} ${y(share(counts[n])).toFixed(1)}`;
    return runs(counts, (pair) => share(pair) !== null).flatMap(([a, b]) => {
      const points = Array.from({ length: b - a + 1 }, (_, n) => at(a + n)).join("L");
      const [x1, x2] = [x(from + (a + 0.5) * step).toFixed(1), x(from + (b + 0.5) * step).toFixed(1)];
      const dot = a === b || b === counts.length - 1 ? svg("circle", { class: "dot", cx: x2, cy: y(share(counts[b])), r: a === b && b < counts.length - 1 ? 1.5 : 3.5 }) : null;
      return [svg("path", { class: "area", d: `M${points}L${x2} ${y(0)}L${x1} ${y(0)}Z` }), svg("path", { class: "share", d: `M${points}` }), dot].filter(Boolean);
    });
  }

  limit() {
    const { w, y } = this.g;
    const at = y(this.chart.limit);
    return [svg("line", { class: "limit", x1: EDGE.left, x2: w - EDGE.right, y1: at, y2: at }), text(EDGE.left + 3, at - 4, t("ui-limit", { n: digits(this.chart.limit) }), "tick label")];
  }

  marks() {
    const { w, h, x } = this.g;
    this.letters = letters(this.chart.marks, x, EDGE.left, w - EDGE.right);
    return this.letters.flatMap((l) => {
      const press = svg("g", { class: "letter" }, svg("rect", { x: l.place - l.wide / 2, y: 2, width: l.wide, height: 15, rx: 2 }), text(l.place, 13, l.text, "middle"));
      press.addEventListener("click", () => focusEntry(l.marks[0].seq));
      return [svg("line", { class: "mark", x1: l.at, x2: l.at, y1: 17, y2: h - EDGE.bottom }), press];
    });
  }

  point(event) {
    if (!this.g) return;
    const box = this.root.getBoundingClientRect();
    const { from, step, counts } = this.data;
    const inside = (event.clientX - box.left - EDGE.left) / (this.g.w - EDGE.left - EDGE.right);
    const n = Math.floor((inside * counts.length * step) / step);
    this.place(n >= 0 && n < counts.length && from ? n : null);
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!by || !this.g) return;
    event.preventDefault();
    const last = this.data.counts.length - 1;
    const here = this.cursor ?? (by < 0 ? last + 1 : last);
    const stops = this.chart.marks.map((m) => this.stepOf(m)).filter((n) => n >= 0 && n <= last).sort((a, b) => a - b);
    const jump = by < 0 ? stops.filter((n) => n < here).pop() : stops.find((n) => n > here);
    this.place(event.shiftKey ? jump ?? this.cursor : Math.min(last, Math.max(0, here + by)));
  }

  stepOf(mark) {
    return Math.floor((Date.parse(mark.at) - this.data.from) / this.data.step);
  }

  /** When a step begins, with seconds where there are several in a minute. */
  clock(at) {
    return this.data.step < 60000 ? second(at) : minute(at);
  }

  /** Puts the cursor on a step and says what is there. */
  place(n) {
    this.cursor = n;
    if (!this.over) return;
    if (n === null) {
      this.over.replaceChildren();
      setAttr(this.root, "aria-valuenow", this.data.counts.length - 1);
      return;
    }
    const { from, step, counts } = this.data;
    const pair = counts[n];
    const part = share(pair);
    const at = from + n * step;
    const lines = [`${this.clock(at)} · ${part === null ? t(pair ? "ui-no-requests" : "ui-unknown") : percent(part)}`];
    if (part !== null) lines.push(t("ui-of-requests", { bad: count(pair[0]), total: count(pair[1]) }));
    for (const mark of this.chart.marks.filter((m) => this.stepOf(m) === n)) lines.push(`${mark.letter} ${cut(mark.text)}`);
    setAttr(this.root, "aria-valuenow", n);
    setAttr(this.root, "aria-valuetext", lines.join(", "));
    this.tip(from + (n + 0.5) * step, part, lines);
  }

  tip(at, part, lines) {
    const { w, h, x, y } = this.g;
    const px = x(at);
    const words = lines.map((line, n) => text(0, 16 + n * 15, line, n ? "" : "strong"));
    const bubble = svg("g", { class: "tip" }, ...words);
    this.over.replaceChildren(svg("line", { class: "cursor", x1: px, x2: px, y1: 17, y2: h - EDGE.bottom }), part === null ? null : svg("circle", { class: "cursordot", cx: px, cy: y(part), r: 4 }), bubble);
    const wide = Math.max(...words.map((word) => word.getComputedTextLength())) + 16;
    const left = px - wide - 10 > EDGE.left ? px - wide - 10 : Math.min(px + 10, w - wide - 2);
    bubble.prepend(svg("rect", { x: -8, y: 0, width: wide, height: lines.length * 15 + 8, rx: 4 }));
    bubble.setAttribute("transform", `translate(${left + 8} ${EDGE.top})`);
  }

  tabulate() {
    this.table.hidden = !this.table.hidden;
    setAttr(this.toggle, "aria-expanded", String(!this.table.hidden));
    if (!this.table.hidden) this.fillTable();
  }

  fillTable() {
    const { from, step, counts } = this.data;
    const marks = (n) => this.chart.marks.filter((m) => this.stepOf(m) === n).map((m) => m.letter).join(" ");
    const rows = counts.map((pair, n) => el("tr", {}, el("th", { scope: "row" }, this.clock(from + n * step)), el("td", {}, share(pair) === null ? t(pair ? "ui-no-requests" : "ui-unknown") : percent(share(pair))),
      el("td", {}, pair ? count(pair[0]) : "–"), el("td", {}, pair ? count(pair[1]) : "–"), el("td", {}, marks(n))));
    this.table.replaceChildren(el("table", {}, el("caption", { class: "unseen" }, this.caption.textContent),
      el("thead", {}, el("tr", {}, ["ui-col-time", "ui-col-share", "ui-col-bad", "ui-col-total", "ui-col-event"].map((key) => el("th", { scope: "col" }, t(key))))), el("tbody", {}, rows)));
  }
}

const cut = (line) => (line.length > 34 ? `${line.slice(0, 33)}…` : line);

function text(x, y, words, look) {
  const node = svg("text", { x, y, class: look });
  node.textContent = words;
  return node;
}
