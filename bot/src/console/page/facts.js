// The facts: the chart of what fails, the tasks of the incident, what Lifeboat sees; in calm also what ended lately.

import { byId, el, flag, outside, setAttr, shape } from "./dom.js";
import { ChartView } from "./chart.js";
import { board, next } from "./fleet.js";
import { get } from "./net.js";
import { makePlan, showPlan } from "./plan.js";
import { closedIncidents, emit, entries, inView, on, shownPlans, store } from "./store.js";
import { language, minute, now, speed, t } from "./words.js";
import { extend } from "./scale.js";

const REFETCH_MS = 30000;
const REDRAW_MS = 15000;
/** A drill's clock runs faster, and so does what is asked again; up to so many times. */
const FASTEST = 15;
const RECENT = 5;
/** A day, less the half hour in which its oldest step may be gone. */
const DAY_MS = 23.5 * 3600000;

const place = byId("facts");
const charts = el("div", { class: "charts" });
const tasks = el("section", { class: "panel" });
const lower = el("div", { class: "lower" });
const sources = el("section", { class: "panel" });
const lately = el("section", { class: "panel" });
const plans = el("div", { class: "plans" });
const ended = el("div", { class: "plans" });
lower.append(sources, lately);
place.append(plans, next, ended, charts, board, tasks, lower);

on("start select plan incident", drawPlans);
on("plan-go", goToPlan);

/** Open plans stand first, what was suggested next, then a plan that ended. Boxes stay; only what came or went changes. */
function drawPlans() {
  const shown = shownPlans();
  fillPlans(plans, shown.filter((plan) => plan.open));
  fillPlans(ended, shown.filter((plan) => !plan.open));
}

function fillPlans(box, wanted) {
  const old = new Map([...plans.children, ...ended.children].map((node) => [node.dataset.plan, node]));
  const nodes = wanted.map((plan) => {
    const node = old.get(plan.id) || makePlan(plan, keepFacts);
    if (node.held.shown !== plan) showPlan(node, plan);
    return node;
  });
  if (nodes.length !== box.children.length || nodes.some((node, n) => box.children[n] !== node)) keepFacts(null, () => box.replaceChildren(...nodes));
}

/** Changes something and keeps the button under the finger where it is. */
function keepFacts(node, change) {
  const under = place.querySelector("button:hover, button:focus, input:focus");
  const before = under?.getBoundingClientRect().top;
  change();
  if (under?.isConnected) place.scrollTop += under.getBoundingClientRect().top - before;
}

/** Brings a plan's box into view and gives it the focus. */
function goToPlan(id) {
  store.plan = id;
  drawPlans();
  emit("view", "now");
  const box = place.querySelector(`.plans [data-plan="${CSS.escape(id)}"]`);
  box?.scrollIntoView({ block: "nearest" });
  box?.focus({ preventScroll: true });
}

const views = new Map();
let pending = 0;

on("start select state", () => { drawTasks(); drawSources(); drawLately(); wanted(); });
on("incident", () => { drawTasks(); drawLately(); wanted(); });
on("page entry letters link", later);
on("traffic", take);
on("start", () => { for (const view of views.values()) view.asked = 0; wanted(); });
setInterval(later, REDRAW_MS);

/** Which charts are to be seen: the incident's, where it is about a service, or else each service's. */
function keys() {
  const incident = inView();
  if (!incident) return store.services.map((service) => ({ key: `s${service}`, query: { service } }));
  return incident.service ? [{ key: `i${incident.number}`, query: { incident: incident.number }, incident }] : [];
}

function wanted() {
  const now = keys();
  const names = now.map((k) => k.key).join();
  if (charts.dataset.names !== names) {
    charts.dataset.names = names;
    charts.replaceChildren(...now.map(({ key }) => {
      if (!views.has(key)) views.set(key, { view: new ChartView(), asked: 0 });
      return views.get(key).view.node;
    }));
  }
  for (const one of now) load(one);
  later();
}

async function load({ key, query }) {
  const slot = views.get(key);
  if (slot.busy || Date.now() - slot.asked < REFETCH_MS / Math.min(speed(), FASTEST)) return;
  slot.asked = Date.now();
  slot.busy = true;
  try {
    slot.chart = await get("/api/chart", query);
    later();
  } catch {
    slot.asked = Date.now() - REFETCH_MS + 3000;
  }
  slot.busy = false;
}

/** The newest steps of a service. Steps of another length are asked for instead. */
function take(push) {
  for (const one of keys()) {
    const slot = views.get(one.key);
    if (slot?.chart && slot.chart.service === push.service && live(one) && !extend(slot.chart, push)) load(one);
  }
  later();
}

const live = ({ incident }) => !incident || incident.open;

function later() {
  if (pending) return;
  pending = setTimeout(() => {
    pending = 0;
    draw();
  }, 50);
}

function draw() {
  for (const one of keys()) {
    const slot = views.get(one.key);
    if (!slot?.chart) continue;
    if (one.incident) setMarks(slot.chart, one.incident.number);
    slot.view.show(slot.chart, { title: titleOf(slot.chart, one.incident), tone: one.incident ? one.incident.flag.tone : "quiet", live: live(one) });
  }
}

/** A service's own chart says how far back it goes: the whole day, once that is known. */
function titleOf({ service, from }, incident) {
  if (incident) return t("ui-chart", { service });
  const began = Date.parse(from);
  return now() - began > DAY_MS ? t("ui-chart-day", { service }) : t("ui-chart-since", { service, at: minute(began) });
}

/** The timeline knows which letters moved since. */
function setMarks(chart, number) {
  if (store.pages.has(number)) chart.marks = entries(number).filter((entry) => entry.letter).map((entry) => ({ letter: entry.letter, at: entry.at.utc, text: entry.text, seq: entry.seq }));
}

function drawTasks() {
  const list = inView()?.tasks || [];
  setAttr(tasks, "hidden", list.length === 0);
  const open = list.filter((task) => !task.done).length;
  tasks.replaceChildren(el("div", { class: "panelhead" }, el("h2", {}, t("ui-tasks")), el("span", { class: "quiet" }, t("ui-tasks-open", { open, total: list.length }))),
    el("ul", { class: "facts-list" }, list.map((task) => el("li", { "data-done": task.done }, shape(task.done ? "check" : "square"), el("span", {}, outside(task.text), " ", el("span", { class: "quiet" }, `· ${task.what}`)),
      el("span", { class: "quiet" }, task.done ? t("ui-task-done") : task.owner ? outside(task.owner) : t("ui-nobody"))))));
}

function drawSources() {
  const list = store.state?.sources || [];
  const key = JSON.stringify([list, language()]);
  if (sources.dataset.key === key) return;
  sources.dataset.key = key;
  sources.replaceChildren(el("div", { class: "panelhead" }, el("h2", {}, t("ui-sees"))), el("ul", { class: "facts-list" },
    list.map((source) => el("li", { "data-well": source.well ? "yes" : "no" }, shape(source.well ? "check" : "question"), el("span", {}, outside(source.name, { class: "who" }), " ", !source.well && el("span", { class: "pill", "data-tone": "amber" }, t("ui-silent")),
      el("span", { class: "under" }, outside(source.text)))))), list.length === 0 ? el("p", { class: "none" }, t("ui-no-sources")) : "");
}

function drawLately() {
  const list = inView() ? [] : closedIncidents().slice(0, RECENT);
  setAttr(lately, "hidden", Boolean(inView()));
  const key = JSON.stringify([list, language()]);
  if (lately.dataset.key === key) return;
  lately.dataset.key = key;
  lately.replaceChildren(el("div", { class: "panelhead" }, el("h2", {}, t("ui-closed"))), el("ul", { class: "facts-list" }, list.map((incident) => el("li", {}, flag(incident.flag, "small"),
    el("span", {}, el("button", { type: "button", class: "linkish", onclick: () => emit("go", { channel: incident.channel, incident: incident.number }) }, incident.id), " ", outside(incident.title),
      el("span", { class: "under" }, incident.clocks.map((c) => `${c.name} ${c.value}`).join(" · ")))))), list.length === 0 ? el("p", { class: "none" }, t("ui-none-closed")) : "");
}
