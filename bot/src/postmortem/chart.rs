//! The chart of a postmortem as SVG: share in percent from 0, straight lines, gaps hatched, letters on top.
//!
//! Everything is told by SVG attributes and classes, so that the strictest content policy shows it, and by lines and
//! patterns, so that it can be read in grey.

use chrono::{Offset, TimeDelta};
use lifeboat_storage::event::{Share, Time};
use lifeboat_storage::postmortem::chart::Chart;
use maud::{Markup, html};

use super::sheet::Point;
use crate::say::{Say, time};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 752.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 188.0;
const HEIGHT: f64 = 210.0;
/// Letters closer than this, in the units of the drawing, stand side by side.
const CLOSE: f64 = 16.0;
/// A letter's box.
const BOX: f64 = 14.0;
/// So many letters close together fold into one mark.
const FOLDED: usize = 4;
/// A time on the axis is not wider than this.
const LABEL: f64 = 40.0;
/// A gap wider than this says since when.
const WIDE: f64 = 70.0;

const TOPS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0];
/// Minutes between two times on the axis.
const TICKS: [i64; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 10_080];
const MOST_TICKS: i64 = 9;

/// Draws the chart with the letters of the turning points that fall into it.
pub(super) fn drawn(chart: &Chart, points: &[Point], caption: &str, say: Say) -> Markup {
    let plot = Plot::of(chart);
    let view = format!("0 0 {WIDTH} {HEIGHT}");
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(view) role="img" aria-label=(caption) {
            defs {
                pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    line x1="0" y1="0" x2="0" y2="6" stroke="#6C7E86" stroke-width="1" {}
                }
            }
            (grid(&plot, say))
            (gaps(&plot, chart, say))
            (area(&plot, chart))
            (axis(&plot, chart, say))
            (marks(&plot, chart, points))
        }
    }
}

/// From times and shares to places.
struct Plot {
    from: i64,
    span: f64,
    step: f64,
    top: f64,
}

impl Plot {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a chart stay far below 2^52")]
    fn of(chart: &Chart) -> Self {
        let peak = chart.worst().map_or(0.0, |(_, share)| percent(share));
        let top = TOPS.into_iter().find(|top| *top >= peak).unwrap_or(100.0);
        let span = (chart.to - chart.from).num_seconds().max(1) as f64;
        Self { from: chart.from.timestamp(), span, step: f64::from(chart.step_s), top }
    }

    fn x(&self, seconds: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * (seconds / self.span).clamp(0.0, 1.0)
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds of a chart stay far below 2^52")]
    fn x_of(&self, at: Time) -> f64 {
        self.x((at.timestamp() - self.from) as f64)
    }

    fn y(&self, percent: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * (percent / self.top).clamp(0.0, 1.0)
    }

    #[expect(clippy::cast_precision_loss, reason = "a chart has a few hundred points")]
    fn edge(&self, place: usize) -> f64 {
        self.x(place as f64 * self.step)
    }
}

fn percent(share: Share) -> f64 {
    (share.ratio() * 100.0).min(100.0)
}

/// A place on the paper: tenths are finer than any printer shows here.
fn n(place: f64) -> String {
    format!("{place:.1}")
}

fn grid(plot: &Plot, say: Say) -> Markup {
    let parts = if plot.top == 60.0 { 3 } else { 2 };
    let lines = (0..=parts).map(|part| plot.top * f64::from(part) / f64::from(parts));
    html! {
        @for value in lines {
            @let y = plot.y(value);
            line x1=(n(LEFT)) x2=(n(RIGHT)) y1=(n(y)) y2=(n(y)) stroke="#CDD7DA" stroke-width="1" {}
            text class="axis" x=(n(LEFT - 6.0)) y=(n(y + 4.0)) text-anchor="end" {
                (say.text("time-share", &[("n", value.to_string().into())]))
            }
        }
    }
}

/// Runs of steps of which something, or nothing, is known.
fn runs(chart: &Chart, known: bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (place, point) in chart.points.iter().enumerate() {
        if point.is_some() != known {
            continue;
        }
        match runs.last_mut() {
            Some((_, end)) if *end == place => *end = place + 1,
            _ => runs.push((place, place + 1)),
        }
    }
    runs
}

fn gaps(plot: &Plot, chart: &Chart, say: Say) -> Markup {
    html! {
        @for (start, end) in runs(chart, false) {
            @let (x, right) = (plot.edge(start), plot.edge(end));
            rect x=(n(x)) y=(n(TOP)) width=(n(right - x)) height=(n(BOTTOM - TOP)) fill="url(#gap)" fill-opacity="0.55" {}
            @if right - x > WIDE {
                text class="axis gap" x=(n((x + right) / 2.0)) y=(n((TOP + BOTTOM) / 2.0)) text-anchor="middle" {
                    (say.text("postmortem-no-data-from", &[("from", clock_at(chart, start, say).into())]))
                }
            }
        }
    }
}

fn clock_at(chart: &Chart, place: usize, say: Say) -> String {
    let seconds = i64::from(chart.step_s).saturating_mul(i64::try_from(place).unwrap_or(0));
    let at = TimeDelta::try_seconds(seconds).and_then(|later| chart.from.checked_add_signed(later));
    time::clock_minutes(say, at.unwrap_or(chart.from))
}

/// Straight segments through the middles of the steps, each run by itself.
fn area(plot: &Plot, chart: &Chart) -> Markup {
    html! {
        @for (start, end) in runs(chart, true) {
            @let line = polyline(plot, chart, start, end);
            @let floor = n(plot.y(0.0));
            @let ground = format!("{},{floor} {line} {},{floor}", n(plot.edge(start)), n(plot.edge(end)));
            polygon points=(ground) fill="#B81D2C" fill-opacity="0.16" {}
            polyline points=(line) fill="none" stroke="#B81D2C" stroke-width="2" stroke-linejoin="round" {}
        }
    }
}

fn polyline(plot: &Plot, chart: &Chart, start: usize, end: usize) -> String {
    let heights: Vec<f64> =
        chart.points[start..end].iter().map(|point| plot.y(percent(point.unwrap_or_default()))).collect();
    let middles = (start..end).map(|place| (plot.edge(place) + plot.edge(place + 1)) / 2.0);
    let mut places: Vec<(f64, f64)> = middles.zip(heights.iter().copied()).collect();
    if let (Some(first), Some(last)) = (heights.first(), heights.last()) {
        places.insert(0, (plot.edge(start), *first));
        places.push((plot.edge(end), *last));
    }
    places.into_iter().map(|(x, y)| format!("{},{}", n(x), n(y))).collect::<Vec<_>>().join(" ")
}

fn axis(plot: &Plot, chart: &Chart, say: Say) -> Markup {
    let y = n(plot.y(0.0));
    html! {
        line x1=(n(LEFT)) x2=(n(RIGHT)) y1=(y) y2=(y) stroke="#3C4F57" stroke-width="1" {}
        @for (at, label) in ticks(chart, say) {
            @let x = plot.x_of(at);
            line x1=(n(x)) x2=(n(x)) y1=(y) y2=(n(BOTTOM + 4.0)) stroke="#3C4F57" stroke-width="1" {}
            @let (x, anchor) = label_at(x);
            text class="axis" x=(n(x)) y=(n(BOTTOM + 17.0)) text-anchor=(anchor) { (label) }
        }
    }
}

/// A label stands below the middle of its tick; close to the right edge it ends there, so that nothing is cut off.
fn label_at(x: f64) -> (f64, &'static str) {
    if x + LABEL / 2.0 > WIDTH { (WIDTH, "end") } else { (x, "middle") }
}

/// Round times of the local clock; dates where a day or more lies between them.
fn ticks(chart: &Chart, say: Say) -> Vec<(Time, String)> {
    let minutes = (chart.to - chart.from).num_minutes().max(1);
    let every =
        TICKS.into_iter().find(|every| minutes / every < MOST_TICKS).unwrap_or(minutes / MOST_TICKS + 1);
    let offset = i64::from(chart.from.with_timezone(&say.zone()).offset().fix().local_minus_utc());
    let step = every * 60;
    let local = chart.from.timestamp() + offset;
    let first = local + (step - local.rem_euclid(step)) % step - offset;
    let label = |at: Time| match every {
        1440.. => time::date(say, at)[5..].to_owned(),
        _ => time::clock_minutes(say, at),
    };
    let moments =
        (0..=MOST_TICKS + 1).filter_map(|place| chrono::DateTime::from_timestamp(first + place * step, 0));
    moments.take_while(|at| *at <= chart.to).map(|at| (at, label(at))).collect()
}

/// Letters that stand so close that they share a place.
struct Cluster<'a> {
    points: Vec<(&'a Point, f64)>,
}

impl Cluster<'_> {
    fn middle(&self) -> f64 {
        let (first, last) = (self.points[0].1, self.points[self.points.len() - 1].1);
        (first + last) / 2.0
    }

    fn half(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most eight letters")]
        let count = if self.points.len() >= FOLDED { 2.0 } else { self.points.len() as f64 };
        count * CLOSE / 2.0
    }
}

/// Clusters grow until no two of them overlap.
fn clusters<'a>(plot: &Plot, chart: &Chart, points: &'a [Point]) -> Vec<Cluster<'a>> {
    let mut clusters: Vec<Cluster<'a>> = Vec::new();
    for point in points.iter().filter(|point| (chart.from..=chart.to).contains(&point.moment)) {
        let mut new = Cluster { points: vec![(point, plot.x_of(point.moment))] };
        while let Some(last) = clusters.pop_if(|last| last.middle() + last.half() > new.middle() - new.half())
        {
            new = Cluster { points: last.points.into_iter().chain(new.points).collect() };
        }
        clusters.push(new);
    }
    clusters
}

fn marks(plot: &Plot, chart: &Chart, points: &[Point]) -> Markup {
    html! {
        @for cluster in clusters(plot, chart, points) {
            @for (_, x) in &cluster.points {
                line x1=(n(*x)) x2=(n(*x)) y1=(n(TOP - 8.0)) y2=(n(BOTTOM)) stroke="#0E1F26" stroke-width="1" stroke-dasharray="2 3" {}
            }
            @let left = (cluster.middle() - cluster.half()).clamp(LEFT - CLOSE, RIGHT - cluster.half() * 2.0);
            @if cluster.points.len() >= FOLDED {
                (label(left + 1.0, CLOSE * 2.0 - 2.0, &folded(&cluster), cluster.points[0].0))
            } @else {
                @for (place, (point, _)) in (0_u32..).zip(&cluster.points) {
                    (label(left + f64::from(place) * CLOSE + 1.0, BOX, &point.letter.to_string(), point))
                }
            }
        }
    }
}

fn folded(cluster: &Cluster<'_>) -> String {
    let (first, last) = (cluster.points[0].0.letter, cluster.points[cluster.points.len() - 1].0.letter);
    format!("{first}–{last}")
}

fn label(x: f64, width: f64, text: &str, point: &Point) -> Markup {
    let href = format!("#e{}", point.seq);
    html! {
        a href=(href) {
            rect x=(n(x)) y="8" width=(n(width)) height=(n(BOX)) rx="2" fill="#FFFFFF" stroke="#0E1F26" stroke-width="1.2" {}
            text class="letter" x=(n(x + width / 2.0)) y="19" text-anchor="middle" { (text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use lifeboat_storage::id::ServiceName;

    use super::*;
    use crate::say::fixture::EN;

    #[test]
    fn no_time_of_the_axis_is_cut_off_at_the_right_edge() {
        let from = DateTime::parse_from_rfc3339("2026-01-05T01:00:00+08:00").unwrap().to_utc();
        let chart = Chart {
            service: ServiceName::new("blog-web"),
            from,
            to: from + TimeDelta::minutes(60),
            step_s: 60,
            points: vec![Some(Share { bad: 1, total: 100 }); 60],
            usual: None,
        };
        let drawn = drawn(&chart, &[], "", EN).into_string();
        let label = r#"x="760.0" y="205.0" text-anchor="end">02:00</text>"#;
        assert!(drawn.contains(label), "{drawn}");
        assert!(drawn.contains(r#"x="46.0" y="205.0" text-anchor="middle">01:00</text>"#), "{drawn}");
    }
}
