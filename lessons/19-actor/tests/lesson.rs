//! What lesson 19 claims, each claim a test: the whole story with exact milliseconds, on the paused clock.

use std::time::Duration;

use lesson_19::accounts::{self, Payment};
use lesson_19::stock::{Gone, Stock};
use lesson_19::story::{self, three_payments};
use lesson_19::{partners, shops, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, assert_ready_eq, task};

const STUCK: &str = "no task can go on";

// ANCHOR: get-and-set
#[tokio::test(start_paused = true)]
async fn the_handle_gets_and_sets() {
    let stock = Stock::spawn([("lamp", 5)].into(), Journal::new());
    let other_handle = stock.clone();
    assert_eq!(stock.get("lamp").await, Ok(5));
    assert_eq!(other_handle.set("lamp", 8).await, Ok(()));
    assert_eq!(stock.get("lamp").await, Ok(8));
    assert_eq!(stock.get("chair").await, Ok(0));
}
// ANCHOR_END: get-and-set

#[tokio::test(start_paused = true)]
async fn requests_are_handled_one_at_a_time() {
    let (stock, start) = (Stock::spawn([("lamp", 5)].into(), Journal::new()), Instant::now());
    let all = async { tokio::join!(stock.get("lamp"), stock.take("lamp"), stock.get("lamp")) };
    assert_eq!(timeout(HOUR, all).await.expect(STUCK), (Ok(5), Ok(Some(4)), Ok(4)));
    assert_eq!(start.elapsed(), Duration::from_millis(60), "20 ms each, although asked at once");
}

#[tokio::test(start_paused = true)]
async fn the_actor_ends_with_its_last_handle() {
    let journal = Journal::new();
    let stock = Stock::spawn([("lamp", 5)].into(), journal.clone());
    let other_handle = stock.clone();
    drop(stock);
    assert_eq!(other_handle.get("lamp").await, Ok(5));
    drop(other_handle);
    sleep(Duration::from_millis(1)).await;
    assert_journal!(journal, [(20, "stock", "ends: nobody has a handle")]);
}

#[tokio::test(start_paused = true)]
async fn an_asker_that_has_gone_does_not_stop_the_actor() {
    let journal = Journal::new();
    timeout(HOUR, shops::gives_up(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (10, "shop 1", "gives up"),
            (20, "stock", "nobody waits for the answer any more"),
            (40, "shop 2", "sees 5 lamps"),
        ]
    );
}

// ANCHOR: gone
#[test] // a plain test: we poll, and drop the runtime of the actor under the one who asks
fn an_actor_that_has_gone_does_not_keep_its_asker_waiting() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let stock = {
        let _inside = runtime.enter();
        Stock::spawn([("lamp", 5)].into(), Journal::new())
    };
    let mut asking = task::spawn(stock.get("lamp"));
    assert_pending!(asking.poll()); // the request is in the mailbox

    drop(runtime); // the actor is dropped, and its mailbox, and the request with its `answer`
    assert!(asking.is_woken());
    assert_ready_eq!(asking.poll(), Err(Gone));
    assert_ready_eq!(task::spawn(stock.get("lamp")).poll(), Err(Gone));
}
// ANCHOR_END: gone

#[tokio::test(start_paused = true)]
async fn wrong_an_actor_for_each_event_knows_of_no_other_event() {
    let journal = Journal::new();
    let dispatching = wrong::per_event(three_payments(&journal), journal.clone());
    assert_eq!(timeout(HOUR, dispatching).await.expect(STUCK), 3, "actors");
    assert_journal!(
        journal,
        [
            (0, "till", "account 7 pays $600"),
            (10, "till", "account 8 pays $600"),
            (20, "till", "account 7 pays $600"),
            (100, "account 7", "has paid $600"),
            (110, "account 8", "has paid $600"),
            (120, "account 7", "has paid $600"), // and it was $1200
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_actor_for_each_key_is_spawned_once_and_keeps_its_state() {
    let journal = Journal::new();
    let dispatching = accounts::dispatch(three_payments(&journal), journal.clone());
    assert_eq!(timeout(HOUR, dispatching).await.expect(STUCK), 2, "actors");
    assert_journal!(
        journal,
        [
            (0, "till", "account 7 pays $600"),
            (10, "till", "account 8 pays $600"),
            (20, "till", "account 7 pays $600"),
            (100, "account 7", "has paid $600"),
            (110, "account 8", "has paid $600"),
            (200, "account 7", "has paid $1200: over the limit"),
        ]
    );
}

/// 1,000 payments of $1, in turn by 10 accounts.
fn thousand_payments() -> mpsc::Receiver<Payment> {
    let (payments, received) = mpsc::channel(8);
    tokio::spawn(async move {
        for number in 0..1000 {
            payments.send(Payment { account: number % 10, dollars: 1 }).await.unwrap();
        }
    });
    received
}

/// The largest sum that an account has come to.
fn largest_sum(journal: &Journal) -> u32 {
    let sum = |what: String| what.strip_prefix("has paid $").and_then(|sum| sum.parse().ok());
    journal.entries().into_iter().filter_map(|entry| sum(entry.what)).max().unwrap_or(0)
}

// ANCHOR: thousand
#[tokio::test(start_paused = true)]
async fn a_thousand_payments_of_ten_accounts_need_ten_actors() {
    let journal = Journal::new();
    assert_eq!(accounts::dispatch(thousand_payments(), journal.clone()).await, 10);
    assert_eq!(largest_sum(&journal), 100);

    let journal = Journal::new();
    assert_eq!(wrong::per_event(thousand_payments(), journal.clone()).await, 1000);
    assert_eq!(largest_sum(&journal), 1);
}
// ANCHOR_END: thousand

#[tokio::test(start_paused = true)]
async fn wrong_get_and_set_lose_an_update() {
    let journal = Journal::new();
    let left = timeout(HOUR, wrong::get_then_set(journal.clone())).await.expect(STUCK);
    assert_eq!(left, 4, "two of five are sold");
    assert_journal!(
        journal,
        [
            (20, "shop 1", "sees 5"),
            (50, "shop 2", "sees 5"),
            (90, "shop 1", "sells one, and sets 4"),
            (120, "shop 2", "sells one, and sets 4"),
            (140, "main", "counts 4 lamps; 5 minus 2 sold is 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_request_for_one_change_loses_nothing() {
    let journal = Journal::new();
    let left = timeout(HOUR, shops::two_shops(journal.clone())).await.expect(STUCK);
    assert_eq!(left, 3);
    assert_journal!(
        journal,
        [
            (70, "shop 1", "sells one; 4 left"),
            (100, "shop 2", "sells one; 3 left"),
            (120, "main", "counts 3 lamps; 5 minus 2 sold is 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_sold_out_is_not_taken() {
    let stock = Stock::spawn([("lamp", 1)].into(), Journal::new());
    assert_eq!(stock.take("lamp").await, Ok(Some(0)));
    assert_eq!(stock.take("lamp").await, Ok(None));
    assert_eq!(stock.get("lamp").await, Ok(0));
}

#[tokio::test(start_paused = true)]
async fn wrong_two_actors_that_call_each_other_wait_for_ever() {
    let journal = Journal::new();
    let ended = timeout(HOUR, wrong::call_each_other(journal.clone())).await;
    assert!(ended.is_err(), "an hour later all three still wait");
    assert_journal!(
        journal,
        [
            (0, "customer", "places an order"),
            (0, "orders", "asks for a lamp, and waits"),
            (0, "warehouse", "asks how many are ordered, and waits"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn calls_that_go_one_way_end() {
    let journal = Journal::new();
    timeout(HOUR, partners::one_way(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "customer", "places an order"),
            (0, "orders", "asks for a lamp: 0 are ordered already"),
            (20, "warehouse", "looks, and answers"),
            (20, "customer", "has a lamp"),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
