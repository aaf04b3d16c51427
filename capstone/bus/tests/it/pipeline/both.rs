//! One table: each option alone, and all together.

use capstone_bus::{RatePolicy, RetryPolicy};

use super::Does::{Fails, FailsForGood, Hangs, Panics, Succeeds, Takes};
use super::Told::{Concurrency, DeadLetter, Delay, Even, Rate, Retry, Timeout, Unsure, Wrap};
use super::{counted, pauses, retry, story};

#[tokio::test(start_paused = true)]
async fn concurrency_is_how_many_run_at_a_time() {
    let story = story(&[Concurrency(2)], [1, 2, 3, 4, 5], |_, _| Takes(10)).await;
    assert_eq!(story.calls, ["0 1", "0 2", "10 3", "10 4", "20 5"]);
    assert_eq!(counted(&story.counts), ([5, 0, 0, 0], [5, 0, 0, 0], [0, 0]));
    assert_eq!((story.counts.busy.as_millis(), story.counts.longest.as_millis()), (50, 10));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_cuts_an_attempt_off_which_has_failed_and_is_tried_again() {
    let hangs_twice = |_, before| if before < 2 { Hangs } else { Takes(4) };
    let story = story(&[Timeout(5), retry(3), DeadLetter], [1], hangs_twice).await;
    assert_eq!(
        (story.calls, &story.letters[..]),
        (["0 1", "15 1", "40 1"].map(str::to_owned).into(), &[][..])
    );
    assert_eq!(counted(&story.counts), ([1, 0, 0, 0], [3, 2, 0, 2], [0, 0]));
}

#[tokio::test(start_paused = true)]
async fn what_never_ends_in_time_has_failed_for_good() {
    let story = story(&[Timeout(5), retry(2), DeadLetter], [1], |_, _| Hangs).await;
    assert_eq!(story.calls, ["0 1", "15 1"]);
    assert_eq!(story.letters, ["1 timeout: timed out, 2 attempts, 5..20"]);
    assert_eq!(counted(&story.counts), ([0, 1, 0, 0], [2, 1, 0, 2], [1, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_waits_lets_no_window_have_more_and_is_not_within_the_timeout() {
    let told = [Concurrency(1), Rate(2, 100, RatePolicy::Wait), Timeout(10)];
    let story = story(&told, [1, 2, 3, 4, 5], |_, _| Takes(9)).await;
    assert_eq!(story.calls, ["0 1", "9 2", "100 3", "109 4", "200 5"]);
    assert_eq!(counted(&story.counts), ([5, 0, 0, 0], [5, 0, 0, 0], [0, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_drops_skips_and_one_that_refuses_fails() {
    let told = [Concurrency(1), Rate(2, 100, RatePolicy::Drop), DeadLetter];
    let dropped = story(&told, [1, 2, 3], |_, _| Succeeds).await;
    assert_eq!((&dropped.calls[..], dropped.counts.skipped), (&["0 1".to_owned(), "0 2".to_owned()][..], 1));
    assert_eq!(dropped.letters, strings(&[]));

    let told = [Concurrency(1), Rate(2, 100, RatePolicy::Error), DeadLetter];
    let refused = story(&told, [1, 2, 3], |_, _| Succeeds).await;
    assert_eq!(refused.calls, ["0 1", "0 2"]);
    assert_eq!(refused.letters, ["3 retryable: the rate of the handler is used up, 0 attempts, 0..0"]);
    assert_eq!(counted(&refused.counts), ([2, 1, 0, 0], [2, 0, 0, 0], [1, 0]));
}

#[tokio::test(start_paused = true)]
async fn retries_are_calls_under_the_rate() {
    for (policy, calls, letter) in [
        (RatePolicy::Wait, &["0 1", "10 1", "100 1"][..], "1 retryable: no, 3 attempts, 0..100"),
        (RatePolicy::Drop, &["0 1", "10 1"], "1 retryable: no, 2 attempts, 0..10"),
        (
            RatePolicy::Error,
            &["0 1", "10 1"],
            "1 retryable: the rate of the handler is used up, 2 attempts, 0..30",
        ),
    ] {
        let story = story(&[Rate(2, 100, policy), retry(3), DeadLetter], [1], |_, _| Fails).await;
        assert_eq!((&story.calls[..], &story.letters[..]), (&strings(calls)[..], &strings(&[letter])[..]));
        assert_eq!((story.counts.failed, story.counts.skipped), (1, 0), "{policy:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_filter_keeps_from_the_handler_what_it_does_not_want() {
    let story = story(&[Concurrency(1), Even, DeadLetter], [1, 2, 3, 4], |_, _| Fails).await;
    assert_eq!((&story.calls[..], story.counts.skipped), (&strings(&["0 2", "0 4"])[..], 2));
    assert_eq!(
        story.letters,
        ["2 retryable: no, 1 attempts, 0..0", "4 retryable: no, 1 attempts, 0..0"],
        "what was not wanted is no failure"
    );
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_panics_is_the_panic_of_the_handler() {
    let story = story(&[Unsure, DeadLetter], [1], |_, _| Succeeds).await;
    assert_eq!(
        (story.calls, story.letters),
        (strings(&[]), strings(&["1 panic: panicked: of the filter, 0 attempts, 0..0"]))
    );
    assert_eq!(counted(&story.counts), ([0, 1, 0, 0], [0, 0, 1, 0], [1, 0]));
}

#[tokio::test(start_paused = true)]
async fn the_first_middleware_is_the_outermost_and_each_attempt_passes_all() {
    let fails_once = |_, before| if before < 1 { Fails } else { Succeeds };
    let story = story(&[Wrap("outer"), Wrap("inner"), retry(2)], [7], fails_once).await;
    let passage = |at: u64, attempt: u64, result: &str| {
        [
            format!("{at} outer > h #{attempt}"),
            format!("{at} inner > h #{attempt}"),
            format!("{at} 7"),
            format!("{at} inner < {result}"),
            format!("{at} outer < {result}"),
        ]
    };
    assert_eq!(story.calls, [passage(0, 1, "failed"), passage(10, 2, "ok")].concat());
}

#[tokio::test(start_paused = true)]
async fn middleware_is_within_the_timeout() {
    let story = story(&[Delay(6), Timeout(10), DeadLetter], [1], |_, _| Takes(5)).await;
    assert_eq!(
        (story.calls, story.letters),
        (strings(&["6 1"]), strings(&["1 timeout: timed out, 1 attempts, 10..10"]))
    );
}

#[tokio::test(start_paused = true)]
async fn each_way_of_failing_has_its_kind_and_a_permanent_error_ends_the_attempts() {
    for (script, calls, letter) in [
        ((|_, _| Fails) as super::Script, 3, "1 retryable: no, 3 attempts, 0..30"),
        (|_, _| FailsForGood, 1, "1 permanent: never, 1 attempts, 0..0"),
        (|_, _| Panics, 3, "1 panic: panicked: on purpose, 3 attempts, 0..30"),
        (
            |_, before| if before == 0 { Panics } else { FailsForGood },
            2,
            "1 permanent: never, 2 attempts, 0..10",
        ),
    ] {
        let story = story(&[retry(3), DeadLetter], [1], script).await;
        assert_eq!((story.counts.calls, story.letters), (calls, strings(&[letter])));
        assert_eq!((story.counts.failed, story.counts.dead_letters), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn who_never_gives_up_succeeds_in_the_end() {
    let at_last = |_, before| if before < 100 { Fails } else { Succeeds };
    let forever = Retry(pauses(RetryPolicy::forever()).factor(1.0));
    let story = story(&[forever], [1], at_last).await;
    assert_eq!(story.calls.last().map(String::as_str), Some("1000 1"));
    assert_eq!(counted(&story.counts), ([1, 0, 0, 0], [101, 100, 0, 0], [0, 0]));
}

#[tokio::test(start_paused = true)]
async fn all_together() {
    let told =
        [Concurrency(1), Even, Rate(2, 100, RatePolicy::Wait), Timeout(5), retry(3), Wrap("m"), DeadLetter];
    let script = |number, before| match (number, before) {
        (2, 0) => Hangs,
        (4, _) => Fails,
        (6, _) => FailsForGood,
        _ => Takes(1),
    };
    let story = story(&told, [1, 2, 3, 4, 6], script).await;
    let calls: Vec<_> = story.calls.iter().filter(|line| !line.contains("m <")).cloned().collect();
    assert_eq!(
        calls,
        [
            // Hangs, is cut off at 5 ms, and is tried again 10 ms later.
            "0 m > h #1",
            "0 2",
            "15 m > h #2",
            "15 2",
            // Fails at 100 and 115 ms, which uses the window up; the third attempt waits for it.
            "100 m > h #1",
            "100 4",
            "115 m > h #2",
            "115 4",
            "200 m > h #3",
            "200 4",
            "215 m > h #1",
            "215 6",
        ]
    );
    assert_eq!(
        story.letters,
        ["4 retryable: no, 3 attempts, 100..200", "6 permanent: never, 1 attempts, 215..215"]
    );
    assert_eq!(counted(&story.counts), ([1, 2, 2, 0], [6, 3, 0, 1], [2, 0]));
}

fn strings(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}
