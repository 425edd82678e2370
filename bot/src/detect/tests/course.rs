//! How an outage grows, and what is counted of it.

use super::*;

#[test]
fn one_in_three_does_not_become_sev1_by_a_few_seconds_of_chance_and_two_in_three_do_soon() {
    for seed in 0..20_i64 {
        let by_chance = |percent: u64| {
            move |l: Line| {
                let drawn = clients::print_of(&(l.at + seed * 10_000_000).to_le_bytes()) >> 32;
                Line { status: if drawn % 100 < percent { 502 } else { 200 }, ..l }
            }
        };
        let all = found(
            good(0, 600, 40)
                .chain(good(600, 660, 40).map(by_chance(20)))
                .chain(good(660, 960, 40).map(by_chance(33)))
                .chain(good(960, 1020, 40).map(by_chance(67))),
        );
        let Found::Opened { severity, .. } = all[0].what else { panic!("seed {seed}: {all:?}") };
        let worst = all.iter().filter_map(|finding| match finding.what {
            Found::Grew { severity: Severity::Sev1, .. } => Some(finding.at / 1000),
            _ => None,
        });
        let worst: Vec<_> = worst.collect();
        if severity == Severity::Sev1 {
            assert_eq!(worst, [0; 0], "seed {seed}");
        } else {
            assert!(matches!(worst[..], [960..970]), "seed {seed}: {worst:?}");
        }
    }
}

#[test]
fn what_fails_every_day_after_an_outage_is_no_part_of_it() {
    for (background, outage) in [(0, 400), (1_000, 400), (100, 400), (100, 1_200)] {
        let daily = |l: Line| {
            if background > 0 && l.at / 50 % background == background / 2 {
                Line { status: 502, ..l }
            } else {
                l
            }
        };
        let until = 1_200 + outage / 20;
        let before = good(0, 1_200, 20).map(daily);
        let lines = before.chain(failing(1_200, until, 20, 1)).chain(good(until, until + 900, 20).map(daily));
        let lines: Vec<Line> = lines.collect();
        let ended = found(lines.clone());
        let Found::Recovered { good_since, whole, .. } = ended[1].what else { panic!("{ended:?}") };
        let all = Share { bad: outage as u64, total: outage as u64 };
        assert_eq!((good_since, whole), (until * 1000, all), "one in {background} fails every day");

        let mut watch = Watch::new(Limits::default());
        let soon = lines.iter().filter(|l| l.at < (until + 240) * 1000);
        soon.for_each(|l| see(&mut watch, *l, &mut Vec::new()));
        assert_eq!(watch.open()[0].whole, all, "one in {background}, before the five minutes are over");
    }
}

#[test]
fn the_minute_in_which_an_outage_begins_is_no_whole_one_and_not_the_worst() {
    let half = failing(659, 660, 20, 1).chain(failing(660, 780, 20, 2));
    let ended = found(good(0, 659, 20).chain(half).chain(good(780, 1_200, 20)));
    let Found::Recovered { peak, whole, .. } = ended[1].what else { panic!("{ended:?}") };
    assert_eq!((peak, whole), (Share { bad: 600, total: 1_200 }, Share { bad: 1_220, total: 2_419 }));
}
