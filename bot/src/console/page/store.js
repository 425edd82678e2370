// What the page knows, and who is told when it changes. Nothing here draws.

/** Known facts; written only by the functions below and by app.js. */
export const store = {
  seq: 0,
  me: { may: "" },
  zone: "",
  drill: null,
  state: null,
  services: [],
  incidents: new Map(),
  channels: new Map(),
  pages: new Map(),
  charts: new Map(),
  selected: { channel: "", incident: null },
  unread: new Map(),
  link: { up: false, lost: false, contact: 0, retryAt: 0 },
};

const listeners = new Map();

/** Calls `fn` on each `topic`. */
export function on(topic, fn) {
  for (const name of topic.split(" ")) listeners.set(name, [...(listeners.get(name) || []), fn]);
}

/** Tells everybody who listens to `topic`. */
export function emit(topic, detail) {
  for (const fn of listeners.get(topic) || []) fn(detail);
}

const rank = { sev1: 1, sev2: 2, sev3: 3, sev4: 4 };

/** Open incidents by severity, then the newest first. */
export function openIncidents() {
  return [...store.incidents.values()].filter((i) => i.open)
    .sort((a, b) => (rank[a.flag.tone] || 5) - (rank[b.flag.tone] || 5) || b.number - a.number);
}

export const closedIncidents = () => [...store.incidents.values()].filter((i) => !i.open).sort((a, b) => b.number - a.number);

/** The incident that header, facts and timeline speak of: the one selected, or else the worst open one. */
export function inView() {
  const chosen = store.incidents.get(store.selected.incident);
  return chosen || openIncidents()[0] || null;
}

/** May the reader write now? Otherwise the key of the reason. */
export function whyNot() {
  if (!store.me.person) return "ui-why-readonly";
  if (!store.link.up) return "ui-why-offline";
  return null;
}

/** Takes a whole `Start`. */
export function takeStart(start) {
  Object.assign(store, { me: start.me, zone: start.zone, drill: start.drill || null, state: start.state, services: start.services });
  store.channels = new Map(start.channels.map((c) => [c.name, c]));
  store.incidents = new Map(start.incidents.map((i) => [i.number, i]));
}

/** Takes an incident's page; entries are keyed by their event. */
export function takePage(page) {
  store.incidents.set(page.incident.number, page.incident);
  store.pages.set(page.incident.number, new Map(page.timeline.map((e) => [e.seq, e])));
}

/** The entries of an incident as they happened. */
export function entries(number) {
  const page = store.pages.get(number);
  return page ? [...page.values()].sort((a, b) => (a.at.utc < b.at.utc ? -1 : a.at.utc > b.at.utc ? 1 : a.seq - b.seq)) : [];
}

/** Reads and keeps small things of this reader; a full or forbidden storage is no failure. */
export const keep = {
  get(name) {
    try { return localStorage.getItem(`lb-${name}`); } catch { return null; }
  },
  set(name, value) {
    try {
      if (value === null || value === "") localStorage.removeItem(`lb-${name}`);
      else localStorage.setItem(`lb-${name}`, value);
    } catch { /* kept until the page is closed, no longer */ }
  },
};
