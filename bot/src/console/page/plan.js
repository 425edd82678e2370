// The plan box: what will be done and how far it is, with the buttons that say yes or no. In the chat a short form of it.

import { button, el, flag, outside, setAttr, setFlag, setText, shape } from "./dom.js";
import { linked } from "./card.js";
import { hold, paintButtons, paintRows, repaint, show, showNow } from "./held.js";
import { emit, on, speaker, store, whyNot } from "./store.js";
import { t } from "./words.js";

const BLAST = ["ui-blast-now", "ui-blast-lowest", "ui-blast-after"];

/** The whole box. */
export function makePlan(plan, keepPlace) {
  const node = el("article", { class: "plan", tabindex: "-1" },
    el("div", { class: "cardhead" }, flag(plan.flag), el("div", { class: "cardname" }, el("h3", {}), el("p", { class: "meta" }))),
    el("p", { class: "lead" }, el("span", {}), " ", el("strong", { class: "countdown", "aria-hidden": "true", hidden: true })),
    el("div", { class: "progress", hidden: true }, el("progress", {}), el("p", {})),
    el("ul", { class: "planlines" }), blastTable(), el("dl", { class: "rows" }),
    el("div", { class: "ask", hidden: true }), el("div", { class: "actions" }), el("p", { class: "why", hidden: true }),
    el("div", { class: "cardfoot" }, el("span", { class: "state" }), el("code", { class: "hash" }), el("time", {})));
  hold(node, plan, { paint, shapeOf, waits, keepPlace });
  return node;
}

export const showPlan = show;

function blastTable() {
  return el("table", { class: "blast" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }), BLAST.map(() => el("th", { scope: "col" })))),
    el("tbody", {}, el("tr", {}, el("th", { scope: "row" }), BLAST.map(() => el("td", {})))));
}

const shapeOf = (plan) => JSON.stringify([plan.standing, plan.lines.length, plan.rows.length, plan.actions.map((a) => a.command)]);

function waits(node, plan) {
  setFlag(node.querySelector(".flag"), plan.flag);
  setText(node.querySelector(".state"), t("ui-card-waits", { n: plan.state }));
}

function paint(node, plan) {
  setAttr(node, "data-plan", plan.id);
  setAttr(node, "data-standing", plan.standing);
  setAttr(node, "aria-label", `${plan.id} ${plan.flag.word}`);
  setFlag(node.querySelector(".flag"), plan.flag);
  setText(node.querySelector("h3"), plan.title);
  setText(node.querySelector(".meta"), plan.meta);
  setText(node.querySelector(".lead span"), plan.lead);
  const countdown = node.querySelector(".countdown");
  setAttr(countdown, "hidden", !plan.until);
  setAttr(countdown, "data-countdown", plan.until ? plan.until.utc : null);
  paintBar(node.querySelector(".progress"), plan.bar);
  paintLines(node.querySelector(".planlines"), plan.lines);
  paintBlast(node.querySelector(".blast"), plan.blast);
  paintRows(node.querySelector(".rows"), plan.rows, linked);
  paintActions(node, plan);
  setText(node.querySelector(".state"), t("ui-plan-state", { id: plan.id, n: plan.state }));
  setText(node.querySelector(".hash"), plan.hash);
  const edited = node.querySelector("time");
  setText(edited, plan.edited.text);
  setAttr(edited, "datetime", plan.edited.utc);
}

function paintBar(box, bar) {
  setAttr(box, "hidden", !bar);
  if (!bar) return;
  const meter = box.firstChild;
  setAttr(meter, "max", bar.total);
  setAttr(meter, "value", bar.done);
  setAttr(meter, "aria-label", bar.text);
  setText(box.lastChild, [bar.text, bar.left].filter(Boolean).join(" · "));
}

const MARKS = { check: "check", cross: "cross", question: "question", run: "run", pause: "pause", skip: "minus", next: "minus" };

function paintLines(list, lines) {
  const key = JSON.stringify(lines);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...lines.map((line) => el("li", { "data-mark": line.word ? line.mark : null },
    line.word && shape(MARKS[line.mark], line.mark === "run" ? { class: "shape line turn" } : {}), line.word && el("span", { class: "unseen" }, `${line.word}: `),
    outside(line.name, { class: "who" }), el("span", {}, " ", outside(line.text)))));
}

function paintBlast(table, blast) {
  setAttr(table, "hidden", !blast);
  if (!blast) return;
  const [heads, cells] = table.querySelectorAll("tr");
  BLAST.forEach((key, n) => setText(heads.children[n + 1], t(key)));
  [blast.label, blast.now, blast.lowest, blast.after].forEach((text, n) => setText(cells.children[n], text));
}

// ---- who may ----

/** May this reader press it? Otherwise the line beside it says who could. */
export const mayPress = (action) => action.who.includes(speaker());

function paintActions(node, plan) {
  const asking = node.held?.asking && plan.actions.find((action) => action.command === node.held.asking);
  const box = node.querySelector(".actions");
  setAttr(box, "hidden", Boolean(asking));
  const look = (action) => (action.primary ? "primary" : action.danger ? "danger" : "");
  paintButtons(box, plan.actions, (action) => press(node, action), mayPress, look);
  const missing = plan.actions.find((action) => !mayPress(action));
  const reason = whyNot();
  const why = node.querySelector(".why");
  setAttr(why, "hidden", plan.actions.length === 0 || !(reason || missing));
  const text = reason ? t(reason) : missing ? missing.why : "";
  // In a drill the reader may be that other person too.
  const other = !reason && missing && (store.me.plays || []).concat(store.me.person).find((name) => missing.who.includes(name));
  const key = `${text} ${other || ""}`;
  if (why.dataset.key !== key) why.replaceChildren(text, ...(other ? [" ", button(t("ui-speak-as", { person: other }), () => emit("speak", other), { class: "linkish" })] : []));
  why.dataset.key = key;
  paintAsk(node, asking || null);
}

function press(node, action) {
  if (action.ask) {
    node.held.asking = action.command;
    repaint(node);
    node.querySelector(".ask input, .ask button").focus();
  } else run(node, action);
}

function run(node, action) {
  node.held.asking = null;
  repaint(node);
  emit("run", { command: action.command, done: () => showNow(node) });
}

/** The question, inside the box: never a window of its own. */
function paintAsk(node, action) {
  const box = node.querySelector(".ask");
  setAttr(box, "hidden", !action);
  const key = action ? JSON.stringify([action.command, action.ask]) : "";
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  if (!action) {
    box.replaceChildren();
    return;
  }
  const yes = button(action.ask.yes, () => run(node, action), { class: action.danger ? "danger" : "primary", "data-yes": action.what, "aria-disabled": action.ask.typed ? "true" : null });
  const back = button(t("ui-back"), () => {
    node.held.asking = null;
    repaint(node);
    node.querySelector(".actions button")?.focus();
  });
  const typed = action.ask.typed && el("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": t("ui-type-first", { text: action.ask.typed }),
    oninput: (event) => setAttr(yes, "aria-disabled", event.target.value.trim().toUpperCase() === action.ask.typed ? null : "true") });
  box.replaceChildren(el("p", {}, outside(action.ask.text)), typed ? el("p", { class: "quiet" }, t("ui-type-first", { text: action.ask.typed })) : "", typed || "", el("div", { class: "answers" }, yes, back));
  box.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    back.click();
  };
}

// ---- in the chat ----

/** The short form: what it is, where it stands, and the way to the box. */
export function makePlanNote(plan, keepPlace) {
  const node = el("article", { class: "plan note", tabindex: "-1" },
    el("div", { class: "cardhead" }, flag(plan.flag), el("div", { class: "cardname" }, el("h3", {}), el("p", { class: "lead" }))),
    el("div", { class: "progress", hidden: true }, el("progress", {}), el("p", {})),
    el("div", { class: "cardfoot" }, button("", () => emit("plan-go", node.held.shown.id), { class: "linkish" }), el("time", {})));
  hold(node, plan, { paint: paintNote, shapeOf: () => "", waits: () => {}, keepPlace });
  return node;
}

function paintNote(node, plan) {
  setAttr(node, "data-plan", plan.id);
  setAttr(node, "data-standing", plan.standing);
  setAttr(node, "aria-label", `${plan.id} ${plan.flag.word}`);
  setFlag(node.querySelector(".flag"), plan.flag);
  setText(node.querySelector("h3"), plan.title);
  setText(node.querySelector(".lead"), plan.lead);
  paintBar(node.querySelector(".progress"), plan.bar);
  setText(node.querySelector(".cardfoot button"), t("ui-plan-show", { id: plan.id }));
  setText(node.querySelector("time"), plan.edited.text);
}

/** All boxes of a plan show its newest state. */
export function showPlanEverywhere(plan) {
  for (const node of document.querySelectorAll(`.plan[data-plan="${CSS.escape(plan.id)}"]`)) show(node, plan);
}

on("plan", showPlanEverywhere);
on("link start speaks", () => {
  for (const node of document.querySelectorAll(".plan")) repaint(node);
});
