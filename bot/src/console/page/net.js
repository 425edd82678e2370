// Requests, and the stream of what happens.

/** An answer that is not 2xx, with the text of its `Problem`. */
export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

const LIMIT_MS = 15000;

async function ask(path, options) {
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(LIMIT_MS), ...options });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, (body && body.text) || `HTTP ${answer.status}`);
  return body;
}

/** Reads; `signal` gives the request up. */
export function get(path, query, signal) {
  const q = query ? `?${new URLSearchParams(query)}` : "";
  return ask(path + q, signal ? { signal } : {});
}

/** Writes. 200 means that its event is durable. */
export function post(path, body) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json", "X-Lifeboat": "1" }, body: JSON.stringify(body) });
}

const KINDS = ["message", "incident", "entry", "letters", "channel", "state", "plan", "fleet", "traffic", "beat", "reset"];
const SILENCE_MS = 15000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10000;

/**
 * The stream. It is opened anew by hand, never by the browser, so that the page can say when the next try is.
 * `heard(kind, value, seq)` on each event; `linked({up, retryAt})` when the link comes or goes.
 */
export class Stream {
  constructor(heard, linked) {
    this.heard = heard;
    this.linked = linked;
    this.wait = FIRST_RETRY_MS;
    this.source = null;
    this.timer = 0;
    this.watch = 0;
    this.seq = 0;
    addEventListener("online", () => this.source || this.open());
  }

  /** Opens it after `seq`, in `lang`. */
  start(seq, lang) {
    this.seq = Math.max(this.seq, seq);
    this.lang = lang;
    this.open();
  }

  open() {
    this.stop();
    const source = new EventSource(`/api/stream?${new URLSearchParams({ lang: this.lang, since: this.seq })}`);
    this.source = source;
    source.onopen = () => {
      this.wait = FIRST_RETRY_MS;
      this.alive();
      this.linked({ up: true });
    };
    source.onerror = () => this.lost();
    for (const kind of KINDS) source.addEventListener(kind, (event) => this.take(kind, event));
  }

  take(kind, event) {
    this.alive();
    const seq = Number(event.lastEventId) || 0;
    if (seq > this.seq) this.seq = seq;
    this.heard(kind, JSON.parse(event.data), seq);
  }

  /** A link that is open and says nothing is lost too. */
  alive() {
    this.contact = Date.now();
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.lost(), SILENCE_MS);
  }

  lost() {
    if (!this.source) return;
    this.stop();
    const wait = this.wait;
    this.wait = Math.min(this.wait * 2, LONGEST_RETRY_MS);
    this.timer = setTimeout(() => this.open(), wait);
    this.linked({ up: false, contact: this.contact, retryAt: Date.now() + wait });
  }

  stop() {
    clearTimeout(this.timer);
    clearTimeout(this.watch);
    if (this.source) this.source.close();
    this.source = null;
  }
}
