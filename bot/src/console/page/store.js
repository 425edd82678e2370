// What the page knows, and who is told when it changes. Nothing here draws.

/** Known facts; written only by the functions below and by app.js. */
export const store = {
  seq: 0,
  me: { may: "" },
  zone: "",
  state: null,
  services: [],
  plans: new Map(),
  fleet: { clusters: [], schedules: [] },
  incidents: new Map(),
  channels: new Map(),
  pages: new Map(),
  charts: new Map(),
  selected: { channel: "", incident: null },
  plan: "",
  as: "",
  unread: new Map(),
  link: { up: false, lost: false, contact: 0, retryAt: 0 },
};

/** A channel's name as it is shown: without the words of a title that was redacted. */
export function channelLabel(name) {
  return store.channels.get(name)?.label ?? name;
}

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

/** As whom the reader speaks: in a drill one human may play several people. */
export const speaker = () => ((store.me.plays || []).includes(store.as) ? store.as : store.me.person);

/** May the reader write now? Otherwise the key of the reason. */
export function whyNot() {
  if (!store.me.person) return "ui-why-readonly";
  if (!store.link.up) return "ui-why-offline";
  return null;
}

/** Takes a whole `Start`. */
export function takeStart(start) {
  Object.assign(store, { me: start.me, zone: start.zone, state: start.state, services: start.services });
  store.channels = new Map(start.channels.map((c) => [c.name, c]));
  store.incidents = new Map(start.incidents.map((i) => [i.number, i]));
  store.plans = new Map(start.plans.map((p) => [p.id, p]));
  store.fleet = start.fleet;
}

/** Takes a plan's newer state; an older one changes nothing. */
export function takePlan(plan) {
  const known = store.plans.get(plan.id);
  if (!known || plan.state >= known.state) store.plans.set(plan.id, plan);
}

const planNumber = (plan) => Number(plan.id.slice(2));

/** The plans that may still change machines, newest first; those of the incident in view before all others. */
export function openPlans() {
  const here = inView()?.id;
  return [...store.plans.values()].filter((plan) => plan.open)
    .sort((a, b) => (b.incident === here) - (a.incident === here) || planNumber(b) - planNumber(a));
}

/** The plans to be seen: the one asked for, the open ones, else the newest of the incident in view. */
export function shownPlans() {
  const asked = store.plans.get(store.plan);
  const open = openPlans();
  const here = inView()?.id;
  const newest = [...store.plans.values()].filter((plan) => plan.incident === here).sort((a, b) => planNumber(b) - planNumber(a)).slice(0, 1);
  return [...new Set([...(asked ? [asked] : []), ...(open.length ? open : newest)])];
}

/** Takes an incident's page; entries are keyed by their event. */
export function takePage(page) {
  store.incidents.set(page.incident.number, page.incident);
  store.pages.set(page.incident.number, new Map(page.timeline.map((e) => [e.seq, e])));
}

/** Letters move when something earlier or more telling comes; whoever is not named has none any more. */
export function takeLetters({ incident, letters }) {
  const page = store.pages.get(incident);
  const given = new Map(letters.map((one) => [one.seq, one.letter]));
  for (const [seq, entry] of page || []) if (entry.letter !== given.get(seq)) page.set(seq, { ...entry, letter: given.get(seq) });
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
