// The state header: flag, one sentence of truth, seats and clocks; the strips under it; the tab's title and sign.

import { byId, button, el, flag, outside, setAttr, setFlag, setText, shape, shapePath } from "./dom.js";
import { emit, inView, on, store, whyNot } from "./store.js";
import { duration, language, now, second, t, ticking } from "./words.js";

const SPEAK_EVERY_MS = 15000;
let spoken = { text: "", at: 0, tone: "", timer: 0, lang: "" };

on("start", hushOther);
on("start incident state select link", draw);
setInterval(tick, 1000);

/** What the header says: Lifeboat lost, blind, the incident in view, or quiet. */
function truth() {
  const incident = inView();
  if (store.link.lost) {
    return { flag: { shape: "question", word: t("ui-flag-offline"), tone: "blind" }, sentence: t("ui-offline-sentence", { at: second(store.link.contact) }), incident };
  }
  if (store.state.flag.tone === "blind") return { ...store.state, incident };
  if (incident) return { flag: incident.flag, sentence: incident.sentence, incident };
  return { ...store.state, incident: null };
}

function draw() {
  if (!store.state) return;
  const head = byId("head");
  const said = truth();
  if (!head.firstChild) build(head, said);
  setFlag(head.querySelector(".flag"), said.flag);
  const first = head.querySelector(".line1");
  const seats = head.querySelector(".seats");
  setText(head.querySelector("h1"), said.sentence);
  first.replaceChildren(...firstLine(said));
  drawSeats(seats, said.incident);
  drawClocks(head.querySelector(".clocks"), said.incident);
  document.body.dataset.mood = said.incident ? "storm" : "calm";
  setAttr(document.body, "data-blind", store.state.flag.tone === "blind" || store.link.lost);
  drawStrips();
  drawTitle(said);
  speakTruth(said);
  tick();
}

function build(head, said) {
  head.append(flag(said.flag, "big"), el("div", { class: "truth" }, el("p", { class: "line1" }), el("h1", {}), el("div", { class: "seats" })), el("dl", { class: "clocks" }));
}

function firstLine({ flag: shown, incident }) {
  if (!incident) return [el("span", { class: "quiet" }, store.services.join(" · "))];
  return [
    el("strong", {}, incident.id),
    el("span", { class: "pill", "data-status": incident.status }, incident.status_text),
    shown.word !== incident.flag.word && el("span", { class: "pill", "data-tone": incident.flag.tone }, shape(incident.flag.shape), t("ui-was", { word: incident.flag.word })),
    el("span", {}, t("ui-since", { at: incident.since.text }), " ", incident.open && el("strong", { class: "age", "data-from": incident.since.utc, "aria-hidden": "true" })),
    incident.service && outside(incident.service, { class: "quiet" }),
  ].filter(Boolean);
}

function drawSeats(box, incident) {
  const seats = incident ? incident.seats : [];
  const key = JSON.stringify([seats, whyNot(), language()]);
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  box.replaceChildren(...seats.map((seat) => el("span", { class: "held" }, el("span", { class: "quiet" }, seat.role), " ",
    seat.person ? outside(seat.person, { class: "who" }) : el("span", { class: "nobody" }, t("ui-nobody")),
    !seat.person && seat.take && !whyNot() ? [" ", button(t("ui-take"), () => emit("run", { command: seat.take }), { class: "linkish", "aria-label": t("ui-take-role", { role: seat.role }) })] : null)));
}

function drawClocks(box, incident) {
  const clocks = incident ? incident.clocks : [];
  const key = JSON.stringify([clocks, language()]);
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  setAttr(box, "hidden", clocks.length === 0);
  box.replaceChildren(...clocks.map((clock) => el("div", { class: clock.running_from ? "clock running" : "clock" },
    el("dt", {}, el("abbr", { title: clock.title }, clock.name), el("span", { class: "unseen" }, ` ${clock.title}`), clock.running_from && shape("run", { class: "shape line turn" })),
    el("dd", { class: "value", "data-tick": clock.running_from, "aria-hidden": clock.running_from ? "true" : null }, clock.value),
    el("dd", { class: "ends" }, clock.ends))));
}

/** Ages and running clocks, in text; hidden from speech. */
function tick() {
  const at = now();
  for (const node of document.querySelectorAll("[data-tick]")) setText(node, ticking(at - Date.parse(node.dataset.tick)));
  for (const node of document.querySelectorAll("[data-from]")) setText(node, t("ui-age", { age: duration(at - Date.parse(node.dataset.from)) }));
  for (const node of document.querySelectorAll("[data-countdown]")) setText(node, t("ui-countdown", { age: duration(Math.max(0, Date.parse(node.dataset.countdown) - at)) }));
  for (const node of document.querySelectorAll("[data-until]")) setText(node, t("ui-next-try", { s: Math.max(0, Math.ceil((Number(node.dataset.until) - Date.now()) / 1000)) }));
}

function drawStrips() {
  const strips = [];
  if (store.link.lost) {
    strips.push(strip("amber", "question", t("ui-offline-strip", { at: second(store.link.contact) }), el("span", { "data-until": store.link.retryAt, "aria-hidden": "true" })));
  }
  if (!store.me.person) strips.push(strip("plain", "lock", t("ui-readonly-strip")));
  for (const notice of store.state.notices) strips.push(strip(notice.tone, notice.tone === "red" ? "cross" : notice.tone === "amber" ? "question" : "note", notice.text));
  const box = byId("strips");
  const key = JSON.stringify([store.link.lost, store.link.retryAt, store.me.person, store.state.notices, language()]);
  if (box.dataset.key !== key) box.replaceChildren(...strips);
  box.dataset.key = key;
}

const strip = (tone, sign, text, more) => el("div", { class: "strip", "data-tone": tone, role: "status" }, shape(sign), el("p", {}, outside(text), more && " ", more));

function drawTitle({ flag: shown, incident }) {
  const total = [...store.unread.values()].reduce((a, b) => a + b, 0);
  const sign = { diamond: "◆", triangle: "▲", square: "■", circle: "●", check: "✓", question: "?", cross: "✕", part: "◔" }[shown.shape] || "";
  document.title = [total ? `(${total})` : "", sign, shown.word, incident ? incident.id : "Lifeboat", store.state.drill ? t("ui-drill") : ""].filter(Boolean).join(" ");
  drawIcon(shown);
}
on("unread", () => store.state && drawTitle(truth()));

const FILLS = { sev1: "#B81D2C", sev2: "#A9480A", sev3: "#7A5A00", sev4: "#465F6C", quiet: "#17703D", ended: "#17703D" };

function drawIcon(shown) {
  const icon = byId("icon");
  const key = shown.shape + shown.tone;
  if (icon.dataset.key === key) return;
  icon.dataset.key = key;
  const path = shapePath(shown.shape);
  const ink = path.line ? "fill='none' stroke='#fff' stroke-width='2.4'" : "fill='#fff'";
  const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='-4 -4 24 24'><rect x='-4' y='-4' width='24' height='24' rx='4' fill='${FILLS[shown.tone] || "#3C4F57"}'/><path d='${path.d}' ${ink}/></svg>`;
  icon.href = `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

/** What was said in another language is taken back; the same is then said in the reader's. */
function hushOther() {
  if (spoken.lang === language()) return;
  clearTimeout(spoken.timer);
  for (const id of ["polite", "alarm"]) setText(byId(id), "");
  spoken = { text: "", at: 0, tone: "", timer: 0, lang: language() };
}

/** Says the sentence politely, at most every 15 s; at once and aloud when severity rises or Lifeboat goes blind. */
function speakTruth({ flag: shown, sentence }) {
  const text = `${shown.word}. ${sentence}`;
  if (text === spoken.text) return;
  const rank = { sev1: 4, sev2: 3, sev3: 2, sev4: 1 };
  const worse = spoken.text && ((rank[shown.tone] || 0) > (rank[spoken.tone] || 0) || (shown.tone === "blind" && spoken.tone !== "blind"));
  const say = () => {
    setText(byId(worse ? "alarm" : "polite"), text);
    spoken = { ...spoken, text, at: Date.now(), tone: shown.tone, timer: 0 };
  };
  clearTimeout(spoken.timer);
  const wait = SPEAK_EVERY_MS - (Date.now() - spoken.at);
  if (worse || wait <= 0) say();
  else spoken.timer = setTimeout(say, wait);
}
