// The console page: loads the state, follows the stream, and tells the parts. Each part draws itself.

import { byId } from "./dom.js";
import { get, Stream } from "./net.js";
import { emit, inView, keep, on, openIncidents, store, takeLetters, takePage, takePlan, takeStart } from "./store.js";
import { language, setClock, speak } from "./words.js";
import "./rail.js";
import "./header.js";
import "./chat.js";
import "./prompt.js";
import "./facts.js";
import "./timeline.js";
import "./keys.js";
import "./layout.js";
import "./drill.js";

const stream = new Stream(hear, linked);
let generation = 0;

/** The language: chosen, or else the browser's, or else the service's. */
async function firstLanguage() {
  const chosen = keep.get("lang") || navigator.languages.map(known).find(Boolean);
  return chosen || (await get("/api/start", { lang: "en" })).lang;
}

const known = (tag) => (tag.startsWith("zh") ? "zh-CN" : tag.startsWith("en") ? "en" : null);

/** Loads everything anew: at first, after a lost link, in another language. What is known by `seq` is not doubled. */
async function load(lang) {
  const mine = ++generation;
  if (lang !== language() || !byId("frame").dataset.ready) await speak(lang, get);
  const start = await get("/api/start", { lang });
  if (mine !== generation) return;
  setClock(start.now, start.speed, start.zone_offset_min);
  takeStart(start);
  if (!byId("frame").dataset.ready) {
    store.seq = start.seq;
    choose(location.hash.slice(1));
  }
  byId("frame").dataset.ready = "1";
  byId("frame").hidden = false;
  byId("boot").hidden = true;
  emit("start");
  emit("select");
  await loadPage(true);
}

/** Selects a channel by name, or the worst open incident's, or the first. */
function choose(name) {
  const wanted = decodeURIComponent(name || "");
  const worst = openIncidents()[0];
  const channel = store.channels.has(wanted) ? wanted : worst?.channel || [...store.channels.keys()][0] || "";
  const owner = [...store.incidents.values()].find((i) => i.channel && i.channel === channel);
  store.selected = { channel, incident: owner ? owner.number : null };
}

/** Goes to a channel or, where it has none, to an incident. */
export function select({ channel, incident }) {
  if (channel) {
    choose(channel);
    history.replaceState(null, "", `#${encodeURIComponent(channel)}`);
  }
  if (incident !== undefined && incident !== null) store.selected = { ...store.selected, incident };
  emit("select");
  loadPage();
}

on("go", select);
on("language", (lang) => {
  keep.set("lang", lang);
  store.pages.clear();
  load(lang).then(() => stream.start(store.seq, lang)).catch(retryLater);
});
addEventListener("hashchange", () => {
  choose(location.hash.slice(1));
  emit("select");
  loadPage();
});

/** The timeline of the incident in view. */
async function loadPage(anew) {
  const incident = inView();
  if (!incident || (store.pages.has(incident.number) && !anew)) return;
  try {
    takePage(await get(`/api/incidents/${incident.number}`, { lang: language() }));
    emit("page", incident.number);
  } catch (problem) {
    emit("page-failed", { number: incident.number, problem });
  }
}

/** One event of the stream. */
function hear(kind, value, seq) {
  if (seq > store.seq) store.seq = seq;
  if (!store.link.up) linked({ up: true });
  store.link.contact = Date.now();
  hearing[kind](value);
}

const hearing = {
  message: (message) => emit("message", message),
  incident(incident) {
    const before = inView()?.number;
    store.incidents.set(incident.number, incident);
    emit("incident", incident);
    if (inView()?.number !== before) {
      emit("select");
      loadPage();
    }
  },
  entry({ incident, entry }) {
    const page = store.pages.get(incident);
    if (page) page.set(entry.seq, entry);
    emit("entry", { incident, entry });
  },
  letters(given) {
    takeLetters(given);
    emit("letters", given);
  },
  channel(channel) {
    store.channels.set(channel.name, channel);
    emit("channel", channel);
    if (!store.selected.channel) select({ channel: channel.name });
  },
  state(state) {
    store.state = state;
    emit("state");
  },
  plan(plan) {
    takePlan(plan);
    emit("plan", plan);
  },
  fleet(fleet) {
    store.fleet = fleet;
    emit("fleet");
  },
  traffic: (chart) => emit("traffic", chart),
  beat({ now, speed }) {
    setClock(now, speed);
    emit("beat");
  },
  reset: () => load(language()).catch(() => stream.lost()),
};

/** The link came or went. After a loss everything is asked for again; the stream itself brings the missed messages. */
function linked(link) {
  const again = link.up && store.link.lost;
  const lost = link.up ? false : store.link.lost || Boolean(byId("frame").dataset.ready);
  Object.assign(store.link, link, { lost });
  emit("link");
  if (again) load(language()).catch(() => stream.lost());
}

function retryLater() {
  byId("boot").hidden = false;
  setTimeout(begin, 2000);
}

async function begin() {
  try {
    const lang = await firstLanguage();
    await load(lang);
    stream.start(store.seq, lang);
  } catch {
    retryLater();
  }
}

begin();
