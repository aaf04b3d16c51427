//! The tests of exercise 24.2. Your file and the solution are tested by this one copy.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::Limiter;

const STUCK: &str = "a caller waits, and no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Counts the polls. A caller that waits is polled when it is its turn, and when the time has come, and not in between.
async fn without_polling<T>(future: impl Future<Output = T>) -> T {
    let (mut future, mut polls) = (pin!(future), 0);
    poll_fn(|cx| {
        polls += 1;
        assert!(
            polls <= 6,
            "one call of `acquire` was polled {polls} times: it keeps looking at the clock, or wakes up for requests of others"
        );
        future.as_mut().poll(cx)
    })
    .await
}

/// These callers come at their milliseconds. Those with a patience give up after it.
async fn callers(limiter: Limiter, callers: &[(u32, u64, Option<u64>)]) -> Journal {
    let (journal, limiter, mut tasks) = (Journal::new(), Arc::new(limiter), JoinSet::new());
    for &(name, comes_ms, patience_ms) in callers {
        let (journal, limiter) = (journal.clone(), Arc::clone(&limiter));
        tasks.spawn(async move {
            sleep(ms(comes_ms)).await;
            let patience = patience_ms.map_or(HOUR, ms);
            let passed = timeout(patience, without_polling(limiter.acquire())).await.is_ok();
            journal.log(format_args!("caller {name}"), if passed { "passes" } else { "gives up" });
        });
    }
    let all = async {
        while let Some(caller) = tasks.join_next().await {
            caller.expect("a caller panicked: see the message above");
        }
    };
    timeout(2 * HOUR, all).await.expect(STUCK);
    journal
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_takes_no_moment_from_the_others() {
    let limiter = Limiter::new(ms(600));
    let journal = callers(
        limiter,
        &[(4, 0, None), (9, 11, Some(170)), (2, 23, None), (7, 31, Some(41)), (3, 47, None)],
    );
    assert_journal!(
        journal.await,
        [
            (0, "caller 4", "passes"),
            (72, "caller 7", "gives up"),
            (181, "caller 9", "gives up"),
            (600, "caller 2", "passes"),
            (1200, "caller 3", "passes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn callers_pass_in_the_order_in_which_they_came_and_never_too_close() {
    let limiter = Limiter::new(ms(430));
    let journal =
        callers(limiter, &[(8, 17, None), (1, 390, None), (5, 128, None), (6, 55, None), (2, 2311, None)]);
    assert_journal!(
        journal.await,
        [
            (17, "caller 8", "passes"),
            (447, "caller 6", "passes"),
            (877, "caller 5", "passes"),
            (1307, "caller 1", "passes"),
            (2311, "caller 2", "passes"), // nobody has waited, and nothing has been saved up
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_saved_up_while_nobody_asks() {
    let limiter = Limiter::new(ms(600));
    let journal = callers(limiter, &[(1, 7000, None), (2, 7010, None), (3, 7020, None)]);
    assert_journal!(
        journal.await,
        [(7000, "caller 1", "passes"), (7600, "caller 2", "passes"), (8200, "caller 3", "passes")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_hundred_that_give_up_leave_no_trace() {
    let limiter = Limiter::new(ms(600));
    let mut all = vec![(1000, 0, None)];
    all.extend((0..100).map(|n| (n, 3 + u64::from(n) % 7, Some(20 + u64::from(n * 37 % 400)))));
    all.push((1001, 450, None));
    let journal = callers(limiter, &all).await;
    let passed: Vec<_> = journal.entries().into_iter().filter(|entry| entry.what == "passes").collect();
    let passed: Vec<_> = passed.iter().map(|entry| (entry.at_ms, entry.task.as_str())).collect();
    assert!(
        passed == [(0, "caller 1000"), (600, "caller 1001")],
        "a hundred callers gave up before 430 ms, so caller 1001 must pass at 600 ms; what passed: {passed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_does_not_overtake_one_that_came_before_and_has_not_run_yet() {
    let limiter = Limiter::new(ms(600));
    limiter.acquire().await;
    let mut first = task::spawn(limiter.acquire());
    assert!(first.poll().is_pending(), "it may pass at 600 ms, and it is 0 ms");
    sleep(ms(711)).await;
    assert!(first.is_woken(), "its moment was at 600 ms, it is 711 ms, and it has not been woken");
    let mut second = task::spawn(limiter.acquire());
    assert!(
        second.poll().is_pending(),
        "a second caller has overtaken the first, which has been woken and not polled yet"
    );
    assert!(first.poll().is_ready(), "the first came first, and its moment was at 600 ms");
    drop(first);
    drop(second);
    sleep(ms(600)).await;
    let mut third = task::spawn(limiter.acquire());
    assert!(third.poll().is_ready(), "one request passed at 711 ms, it is 1311 ms, and nobody waits");
}

#[tokio::test(start_paused = true)]
async fn the_one_that_has_been_woken_may_still_be_dropped() {
    let limiter = Limiter::new(ms(600));
    limiter.acquire().await;
    let mut first = task::spawn(limiter.acquire());
    let mut second = task::spawn(limiter.acquire());
    assert!(
        first.poll().is_pending() && second.poll().is_pending(),
        "they may pass at 600 ms, and it is 0 ms"
    );
    sleep(ms(643)).await;
    drop(first); // it has been woken, and not polled
    let passed = timeout(HOUR, async {
        second.await;
        tokio::time::Instant::now()
    });
    let before = tokio::time::Instant::now();
    let passed = passed.await.expect("the first has been dropped, and the second waits for ever");
    let late = passed.duration_since(before);
    assert!(
        late == ms(0),
        "the first has been dropped at 643 ms, so the second may pass, but it waited {late:?} more"
    );
}
