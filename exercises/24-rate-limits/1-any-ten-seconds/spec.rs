//! The tests of exercise 24.1. Your file and the solution are tested by this one copy.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::sut::{Budget, LIMIT_KB, PER};

/// What is expected of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Passes,
    /// It fits at this millisecond.
    FitsAt(u64),
}
use Answer::{FitsAt, Passes};

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Passes => write!(f, "it passes"),
            FitsAt(at_ms) => write!(f, "it fits at {at_ms} ms"),
        }
    }
}

struct Store {
    budget: Budget,
    start: Instant,
}

impl Store {
    fn new() -> Self {
        Self { budget: Budget::default(), start: Instant::now() }
    }

    fn ask(&mut self, at_ms: u64, kb: u32) -> Answer {
        match self.budget.take(kb, self.start + Duration::from_millis(at_ms)) {
            Ok(()) => Passes,
            Err(at) => FitsAt(at.duration_since(self.start).as_millis() as u64),
        }
    }

    /// Uploads, each with its millisecond, its KB, and what is expected.
    #[track_caller]
    fn check(&mut self, uploads: &[(u64, u32, Answer)]) {
        for &(at_ms, kb, expected) in uploads {
            let answer = self.ask(at_ms, kb);
            assert!(
                answer == expected,
                "an upload of {kb} KB at {at_ms} ms: expected \"{expected}\", but `take` says \"{answer}\""
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn around_no_border_passes_more_than_in_any_other_ten_seconds() {
    Store::new().check(&[
        (130, 20, Passes),
        (9730, 470, Passes),
        (10_129, 30, FitsAt(10_130)),
        (10_150, 40, FitsAt(19_730)), // the 20 KB have left, the 470 KB have not
        (10_150, 30, Passes),
        (19_729, 1, FitsAt(19_730)),
        (19_730, 470, Passes),
        (20_149, 1, FitsAt(20_150)),
    ]);
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_when_this_upload_fits() {
    let mut store = Store::new();
    store.check(&[(0, 100, Passes), (1300, 150, Passes), (2900, 50, Passes), (4100, 200, Passes)]);
    store.check(&[
        (5170, 90, FitsAt(10_000)),
        (5170, 100, FitsAt(10_000)),
        (5170, 101, FitsAt(11_300)),
        (5170, 250, FitsAt(11_300)),
        (5170, 251, FitsAt(12_900)),
        (5170, 301, FitsAt(14_100)),
        (5170, 500, FitsAt(14_100)),
        (11_300, 251, FitsAt(12_900)),
        (11_300, 250, Passes),
        (12_000, 1, FitsAt(12_900)),
        (14_090, 51, FitsAt(14_100)),
        (33_710, 500, Passes), // all of them have left
    ]);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_counted_and_a_smaller_upload_may_pass() {
    Store::new().check(&[
        (0, 400, Passes),
        (470, 150, FitsAt(10_000)),
        (480, 101, FitsAt(10_000)),
        (590, 99, Passes),
        (590, 2, FitsAt(10_000)),
        (600, 1, Passes),
        (10_000, 400, Passes),
    ]);
}

#[tokio::test(start_paused = true)]
async fn many_small_uploads_fit_while_their_sum_does() {
    let mut store = Store::new();
    for number in 0..250 {
        store.check(&[(number * 7, 2, Passes)]);
    }
    store.check(&[(1750, 2, FitsAt(10_000)), (1750, 5, FitsAt(10_014))]);
}

/// A client that comes back at the moment that it was told uploads as much as possible, and never more.
#[tokio::test(start_paused = true)]
async fn coming_back_at_the_answer_is_neither_too_early_nor_too_late() {
    let mut store = Store::new();
    let (mut now_ms, mut size, mut passed) = (0_u64, 17_u32, Vec::<(u64, u32)>::new());
    for _ in 0..500 {
        size = (size * 229 + 71) % 487;
        let kb = size + 1;
        now_ms += u64::from(size % 31) * 13;
        if let FitsAt(at_ms) = store.ask(now_ms, kb) {
            assert!(
                at_ms > now_ms,
                "at {now_ms} ms, {kb} KB are told to come back at {at_ms} ms, which has passed"
            );
            assert_ne!(
                store.ask(at_ms - 1, kb),
                Passes,
                "{kb} KB fit before {at_ms} ms, which was the answer"
            );
            store.check(&[(at_ms, kb, Passes)]);
            now_ms = at_ms;
        }
        passed.push((now_ms, kb));
        let per = PER.as_millis() as u64;
        let sum: u32 = passed.iter().filter(|(at, _)| at + per > now_ms).map(|(_, kb)| kb).sum();
        assert!(sum <= LIMIT_KB, "{sum} KB passed in the ten seconds up to {now_ms} ms");
    }
}
