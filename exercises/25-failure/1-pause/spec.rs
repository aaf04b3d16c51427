//! The tests of exercise 25.1. Your file and the solution are tested by this one copy.

use std::panic::catch_unwind;
use std::time::Duration;

use fastrand::Rng;

use super::sut::pause;

/// Numbers of failures, each with the longest pause in milliseconds.
const LONGEST: [(u32, u64); 12] = [
    (1, 50),
    (2, 100),
    (3, 200),
    (4, 400),
    (7, 3_200),
    (9, 12_800),
    (10, 20_000),
    (32, 20_000),
    (33, 20_000),
    (64, 20_000),
    (65, 20_000),
    (u32::MAX, 20_000),
];

/// A thousand pauses after this many failures.
fn pauses(failures: u32, seed: u64) -> Vec<Duration> {
    let drawn = catch_unwind(|| {
        let mut random = Rng::with_seed(seed);
        (0..1000).map(|_| pause(failures, &mut random)).collect()
    });
    drawn.unwrap_or_else(|_| panic!("pause({failures}) panicked: see the message above"))
}

#[test]
fn no_pause_is_longer_than_the_longest_or_shorter_than_half_of_it() {
    for (failures, longest_ms) in LONGEST {
        let longest = Duration::from_millis(longest_ms);
        for pause in pauses(failures, 7) {
            assert!(
                longest / 2 <= pause && pause <= longest,
                "after {failures} failures the pause is {pause:?}: expected {:?} to {longest:?}",
                longest / 2
            );
        }
    }
}

#[test]
fn the_pauses_are_drawn_evenly() {
    for (failures, longest_ms) in LONGEST {
        let half_ms = longest_ms as f64 / 2.0;
        let mut quarters = [0; 4];
        for pause in pauses(failures, 11) {
            let above_half = (pause.as_secs_f64() * 1000.0 - half_ms) / half_ms;
            quarters[((above_half * 4.0) as usize).min(3)] += 1;
        }
        // A thousand even draws: about 250 in each quarter.
        assert!(
            quarters.iter().all(|count| (180..=320).contains(count)),
            "a thousand pauses after {failures} failures, counted in quarters from half of the longest to the whole: {quarters:?}. \
             Expected about 250 in each"
        );
    }
}

#[test]
fn a_seed_repeats_its_pauses_and_two_seeds_differ() {
    assert!(
        pauses(3, 5) == pauses(3, 5),
        "the same seed gave other pauses: is there another source of random numbers?"
    );
    assert!(pauses(3, 5) != pauses(3, 6), "two callers with seeds of their own have the same pauses");
    let mut random = Rng::with_seed(5);
    let of_one: Vec<Duration> = (0..50).map(|_| pause(3, &mut random)).collect();
    let mut distinct = of_one.clone();
    distinct.sort();
    distinct.dedup();
    assert!(distinct.len() > 25, "a caller draws the same pause again and again: {of_one:?}");
}
