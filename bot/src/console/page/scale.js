// The arithmetic of the chart: steps, window, ticks, letters. Nothing here draws.

const MINUTE_S = 60;
/** Up to so long a window is drawn in its own steps, where a step tells of enough requests. */
const SHORT_S = 20 * MINUTE_S;
const STEP_REQUESTS = 10;
/** Counts come late by less than this; later, nothing is known. */
const LATE_MS = 2 * MINUTE_S * 1000;
/** What is called "now" is told from so many requests, in so many steps at most. */
const NEWEST_REQUESTS = 10;
const NEWEST_STEPS = 6;
const TOPS = [1, 2, 5, 10, 20, 40, 60, 80, 100];
const EVERY_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720];
const LETTER_PX = 14;
const GAP_PX = 2;
/** So many letters that meet become one, `D–I`. */
const FOLDED = 4;
const FOLDED_PX = 30;

/**
 * Milliseconds of a step. A minute evens out an outage of thirty seconds, so a short window keeps its finer steps; of a
 * few requests they would tell nothing but chance.
 */
function stepOf({ counts, step_s }) {
  const known = counts.filter(Boolean);
  const short = counts.length * step_s <= SHORT_S;
  const whole = known.length >= counts.length * 0.9;
  const enough = whole && known.reduce((sum, [, total]) => sum + total, 0) >= known.length * STEP_REQUESTS;
  return (short && enough ? step_s : Math.max(step_s, MINUTE_S)) * 1000;
}

/** Counts in steps that can be read, from a whole step on, up to now where the chart is live. */
export function normal(chart, liveUntil) {
  const step = stepOf(chart);
  const from = Math.floor(Date.parse(chart.from) / step) * step;
  const counts = [];
  chart.counts.forEach((pair, n) => {
    const at = Math.floor((Date.parse(chart.from) + n * chart.step_s * 1000 - from) / step);
    while (counts.length <= at) counts.push(null);
    if (pair) counts[at] = [(counts[at]?.[0] || 0) + pair[0], (counts[at]?.[1] || 0) + pair[1]];
  });
  while (liveUntil && from + counts.length * step < liveUntil - Math.max(2 * step, LATE_MS) && counts.length < 5000) counts.push(null);
  return { from, step, counts };
}

/** The newest counts: as they are told, else of the last step, with those before it until ten requests are told of. */
export function newest({ counts, now }) {
  if (now) return now;
  const sum = [0, 0];
  for (let n = counts.length - 1; n >= Math.max(0, counts.length - NEWEST_STEPS) && sum[1] < NEWEST_REQUESTS; n -= 1) {
    sum[0] += counts[n]?.[0] || 0;
    sum[1] += counts[n]?.[1] || 0;
  }
  return sum;
}

/** Adds the newest steps; tells whether they fit. The window keeps its length. */
export function extend(chart, push) {
  if (push.step_s !== chart.step_s) return false;
  const shift = Math.round((Date.parse(push.from) - Date.parse(chart.from)) / 1000 / chart.step_s);
  if (shift < 0) return false;
  chart.now = push.now;
  const length = chart.counts.length;
  push.counts.forEach((pair, n) => {
    while (chart.counts.length < shift + n) chart.counts.push(null);
    chart.counts[shift + n] = pair;
  });
  const window = Math.max(length, Math.ceil(7200 / chart.step_s));
  const over = chart.counts.length - window;
  if (over > 0) {
    chart.counts.splice(0, over);
    chart.from = new Date(Date.parse(chart.from) + over * chart.step_s * 1000).toISOString();
  }
  return true;
}

/** The share of a step, or null where nothing is known or nothing was asked. */
export const share = (pair) => (pair && pair[1] > 0 ? pair[0] / pair[1] : null);

/** The top of the axis in percent: the next step over the peak, with the limit in view. */
export function top(counts, limit) {
  const peak = Math.max(limit * 105, ...counts.map((pair) => (share(pair) || 0) * 100));
  return TOPS.find((t) => t > peak) || 100;
}

export const ticksOf = (t) => (t === 60 ? [0, 20, 40, 60] : t === 5 ? [0, 5] : [0, t / 2, t]);

/** Where the time axis is labelled: round times of the zone, at most one per 58 px. */
export function timeTicks(from, to, width, sinceMidnight) {
  const most = Math.max(2, Math.floor(width / 58));
  const every = (EVERY_MIN.find((m) => (to - from) / 60000 / m <= most) || 1440) * 60000;
  const first = from + ((every - (sinceMidnight(from) % every)) % every);
  const at = [];
  for (let t = first; t <= to; t += every) at.push(t);
  return at;
}

/** Runs of steps for which `test` holds, as `[first, last]`. */
export function runs(counts, test) {
  const found = [];
  counts.forEach((pair, n) => {
    if (!test(pair)) return;
    const last = found[found.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else found.push([n, n]);
  });
  return found;
}

/** Letters with their places: close ones side by side, four or more folded into one. None covers another. */
export function letters(marks, x, left, right) {
  const middle = (cluster) => {
    const over = (wide(cluster) - LETTER_PX) / 2;
    return Math.min(right - over, Math.max(left + over, (cluster[0].at + cluster[cluster.length - 1].at) / 2));
  };
  const meets = (before, cluster) => middle(cluster) - middle(before) < (wide(before) + wide(cluster)) / 2 + GAP_PX;
  const clusters = [];
  for (const mark of [...marks].sort((a, b) => (a.letter < b.letter ? -1 : 1))) {
    const at = x(Date.parse(mark.at));
    if (at < left || at > right) continue;
    let cluster = [{ mark, at }];
    // Letters side by side reach further than their moments, and may meet what stands before them.
    while (clusters.length && meets(clusters[clusters.length - 1], cluster)) cluster = [...clusters.pop(), ...cluster];
    clusters.push(cluster);
  }
  return clusters.flatMap((cluster) => (cluster.length >= FOLDED ? [folded(cluster, middle(cluster))] : aside(cluster, middle(cluster))));
}

const wide = (cluster) => (cluster.length >= FOLDED ? FOLDED_PX : cluster.length * (LETTER_PX + GAP_PX) - GAP_PX);

function folded(cluster, place) {
  const [first, last] = [cluster[0], cluster[cluster.length - 1]];
  return { text: `${first.mark.letter}–${last.mark.letter}`, at: (first.at + last.at) / 2, place, marks: cluster.map((m) => m.mark), wide: FOLDED_PX };
}

function aside(cluster, middle) {
  return cluster.map(({ mark, at }, n) => ({ text: mark.letter, at, place: middle + (n - (cluster.length - 1) / 2) * (LETTER_PX + GAP_PX), marks: [mark], wide: LETTER_PX }));
}
