// The rail: open incidents, channels, what ended lately, who reads, language, theme, keys.

import { byId, button, el, outside, ring, setAttr, setText, shape } from "./dom.js";
import { closedIncidents, emit, on, openIncidents, store } from "./store.js";
import { language, t } from "./words.js";

const RECENT = 5;

on("start incident channel select unread", draw);

function draw() {
  for (const place of [byId("rail"), byId("more")]) fill(place);
}

function fill(place) {
  if (place.firstChild) {
    for (const [name, items] of lists()) {
      const list = place.querySelector(`[data-list=${name}]`);
      setAttr(list.closest("section"), "hidden", name === "closed" && items.length === 0);
      reconcile(list, items);
    }
    drawMe(place);
    return;
  }
  place.append(el("div", { class: "brand" }, ring(), el("span", { class: "name" }, "Lifeboat")),
    ...lists().map(([name]) => section(name)), el("div", { class: "railfoot" }, el("div", { class: "me" }), el("div", { class: "switches" }),
      button([el("kbd", {}, "?"), el("span", { class: "name" })], () => emit("keys"), { class: "allkeys plain" })));
  fill(place);
}

const lists = () => [["open", openItems()], ["channels", channelItems()], ["closed", closedItems()]];

function section(name) {
  return el("section", {}, el("h2", { class: "small", "data-title": name }), el("ul", { "data-list": name }));
}

const openItems = () => openIncidents().map((i) => incidentItem(i, i.title));

const closedItems = () => closedIncidents().slice(0, RECENT).map((i) => incidentItem(i, i.title));

function incidentItem(i, under) {
  return { key: i.id, shape: i.flag.shape, tone: i.flag.tone, lead: i.open ? i.flag.word : "", name: i.id, under,
    channel: i.channel, go: { channel: i.channel, incident: i.number }, current: store.selected.incident === i.number };
}

function channelItems() {
  const owned = new Set([...store.incidents.values()].map((i) => i.channel));
  return [...store.channels.values()].filter((c) => !owned.has(c.name)).map((c) => ({ key: c.name, shape: "hash", tone: "plain", lead: "",
    name: c.label, under: c.incident === undefined ? "" : c.topic, channel: c.name, go: { channel: c.name }, current: store.selected.channel === c.name && store.selected.incident === null }));
}

/** Keeps the buttons that stay, so that focus stays with them. */
function reconcile(list, items) {
  const old = new Map([...list.children].map((li) => [li.dataset.key, li]));
  if (items.length === 0) {
    list.replaceChildren(el("li", { class: "none", "data-key": "" }, t("ui-none")));
    return;
  }
  const wanted = items.map((item) => paint(old.get(item.key) || create(item), item));
  if (wanted.length !== list.children.length || wanted.some((li, n) => list.children[n] !== li)) list.replaceChildren(...wanted);
}

function create(item) {
  const li = el("li", { "data-key": item.key });
  li.append(el("button", { type: "button", class: "item", onclick: () => emit("go", li.go) },
    shape(item.shape), el("span", { class: "what" }, el("span", { class: "lead" }), outside(item.name, { class: "id" }), el("bdi", { class: "under" })), el("span", { class: "count" })));
  return li;
}

function paint(li, item) {
  li.go = item.go;
  const [press] = li.children;
  setAttr(press, "data-tone", item.tone);
  setAttr(press, "aria-current", item.current ? "page" : null);
  const sign = press.querySelector("svg");
  if (sign.dataset.shape !== item.shape) sign.replaceWith(shape(item.shape));
  setText(press.querySelector(".lead"), item.lead ? `${item.lead} ` : "");
  setText(press.querySelector(".under"), item.under || "");
  const n = store.unread.get(item.channel) || 0;
  setAttr(press, "data-unread", n ? n : null);
  const count = press.querySelector(".count");
  setText(count, n ? String(n) : "");
  setAttr(count, "aria-label", n ? t("ui-unread", { n }) : null);
  return li;
}

function drawMe(place) {
  for (const title of place.querySelectorAll("[data-title]")) setText(title, t({ open: "ui-open", channels: "ui-channels", closed: "ui-closed" }[title.dataset.title]));
  setText(place.querySelector(".allkeys .name"), t("ui-all-keys"));
  const me = place.querySelector(".me");
  me.replaceChildren(shape(store.me.person ? "person" : "lock"), el("span", { class: "what" },
    store.me.person ? outside(store.me.person, { class: "who" }) : el("span", { class: "who" }, t("ui-reader")), el("span", { class: "under" }, store.me.may)));
  drawSwitches(place.querySelector(".switches"));
}

function drawSwitches(box) {
  if (!box.firstChild) {
    box.append(pair("ui-language", [["en", "EN", "en"], ["zh-CN", "中文", "zh-CN"]], (v) => emit("language", v)),
      pair("ui-theme", [["light", "", null], ["dark", "", null]], (v) => { window.setTheme(v); draw(); }));
  }
  const [langs, themes] = box.children;
  setAttr(langs, "aria-label", t("ui-language"));
  setAttr(themes, "aria-label", t("ui-theme"));
  setText(themes.children[0], t("ui-light"));
  setText(themes.children[1], t("ui-dark"));
  for (const b of langs.children) setAttr(b, "aria-pressed", String(b.dataset.value === language()));
  for (const b of themes.children) setAttr(b, "aria-pressed", String(b.dataset.value === document.documentElement.dataset.theme));
}

function pair(label, options, chosen) {
  return el("div", { class: "pair", role: "group", "aria-label": t(label) },
    options.map(([value, text, lang]) => el("button", { type: "button", "data-value": value, lang, onclick: () => chosen(value) }, text)));
}
