//! Every claim of lesson 19 as a test, with exact milliseconds on the paused clock.

use std::time::Duration;

use lesson_19::accounts::{self, Accounts, Payment};
use lesson_19::stock::{Gone, Stock};
use lesson_19::story::{self, A_BURST, SLOTS, THREE_PAYMENTS, till};
use lesson_19::{partners, shops, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, assert_ready_eq, task};

const STUCK: &str = "no task can make progress";

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
    assert_eq!(
        start.elapsed(),
        Duration::from_millis(60),
        "20 ms each, although all three were sent at 0 ms"
    );
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
    assert_journal!(journal, [(20, "stock", "ends: no handle is left")]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_has_gone_does_not_stop_the_actor() {
    let journal = Journal::new();
    timeout(HOUR, shops::gives_up(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (10, "shop 1", "gives up"),
            (20, "stock", "nobody is waiting for the answer"),
            (40, "shop 2", "sees 5 lamps"),
        ]
    );
}

// ANCHOR: gone
#[test] // a plain test: it polls by hand, and drops the runtime of the actor while a caller waits
fn a_caller_is_told_when_the_actor_has_gone() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let stock = {
        let _inside = runtime.enter();
        Stock::spawn([("lamp", 5)].into(), Journal::new())
    };
    let mut asking = task::spawn(stock.get("lamp"));
    assert_pending!(asking.poll()); // the request is in the mailbox

    drop(runtime); // and with it the actor, its mailbox, and the request with its `answer`
    assert!(asking.is_woken());
    assert_ready_eq!(asking.poll(), Err(Gone));
    assert_ready_eq!(task::spawn(stock.get("lamp")).poll(), Err(Gone));
}
// ANCHOR_END: gone

#[tokio::test(start_paused = true)]
async fn wrong_an_actor_for_each_event_knows_of_no_other_event() {
    let journal = Journal::new();
    let dispatching = wrong::per_event(till(THREE_PAYMENTS, &journal), journal.clone());
    assert_eq!(timeout(HOUR, dispatching).await.expect(STUCK), 3, "actors");
    assert_journal!(
        journal,
        [
            (0, "till", "account 7 pays $600"),
            (10, "till", "account 8 pays $600"),
            (20, "till", "account 7 pays $600"),
            (100, "account 7", "has paid $600"),
            (110, "account 8", "has paid $600"),
            (120, "account 7", "has paid $600"), // it has paid $1200
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_actor_for_each_key_is_spawned_once_and_keeps_its_state() {
    let journal = Journal::new();
    let dispatching = accounts::dispatch(till(THREE_PAYMENTS, &journal), SLOTS, journal.clone());
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

// ANCHOR: full
#[tokio::test(start_paused = true)]
async fn a_full_mailbox_holds_up_the_dispatcher_and_so_every_account() {
    let (mut accounts, start) = (Accounts::new(8, Journal::new()), Instant::now());
    let mut accepted_ms = Vec::new();
    for account in [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8] {
        accounts.of(account).send(Payment { account, dollars: 1 }).await.unwrap();
        accepted_ms.push(start.elapsed().as_millis());
    }
    // One payment in progress and eight in the mailbox; then one every 100 ms, and account 8 last.
    assert_eq!(accepted_ms, [0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 200]);
}
// ANCHOR_END: full

#[tokio::test(start_paused = true)]
async fn a_task_that_sends_for_one_account_waits_for_that_account_only() {
    let (mut accounts, start) = (Accounts::new(8, Journal::new()), Instant::now());
    let (to_7, to_8) = (accounts.of(7).clone(), accounts.of(8).clone());
    let burst = async {
        for _ in 0..20 {
            to_7.send(Payment { account: 7, dollars: 1 }).await.unwrap();
        }
        start.elapsed().as_millis()
    };
    let one = async {
        to_8.send(Payment { account: 8, dollars: 1 }).await.unwrap();
        start.elapsed().as_millis()
    };
    assert_eq!(tokio::join!(burst, one), (1100, 0));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_burst_of_one_account_delays_another() {
    let journal = Journal::new();
    let dispatching = accounts::dispatch(till(A_BURST, &journal), 2, journal.clone());
    timeout(HOUR, dispatching).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "till", "account 7 pays $200"),
            (10, "till", "account 7 pays $200"),
            (20, "till", "account 7 pays $200"),
            (30, "till", "account 7 pays $200"), // handed over at 100 ms
            (40, "till", "account 8 pays $600"), // and so is this one
            (100, "account 7", "has paid $200"),
            (200, "account 7", "has paid $400"),
            (200, "account 8", "has paid $600"),
            (300, "account 7", "has paid $600"),
            (400, "account 7", "has paid $800"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_dispatcher_that_refuses_delays_nobody() {
    let journal = Journal::new();
    let dispatching = accounts::dispatch_or_refuse(till(A_BURST, &journal), 2, journal.clone());
    timeout(HOUR, dispatching).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "till", "account 7 pays $200"),
            (10, "till", "account 7 pays $200"),
            (20, "till", "account 7 pays $200"),
            (30, "till", "account 7 pays $200"),
            (30, "dispatcher", "refuses $200 of account 7: no available capacity"),
            (40, "till", "account 8 pays $600"),
            (100, "account 7", "has paid $200"),
            (140, "account 8", "has paid $600"),
            (200, "account 7", "has paid $400"),
            (300, "account 7", "has paid $600"),
        ]
    );
}

/// 1,000 payments of $1, by 10 accounts in turn.
fn thousand_payments() -> mpsc::Receiver<Payment> {
    let (payments, received) = mpsc::channel(8);
    tokio::spawn(async move {
        for number in 0..1000 {
            payments.send(Payment { account: number % 10, dollars: 1 }).await.unwrap();
        }
    });
    received
}

/// The largest sum that any account has reached.
fn largest_sum(journal: &Journal) -> u32 {
    let sum = |what: String| what.strip_prefix("has paid $").and_then(|sum| sum.parse().ok());
    journal.entries().into_iter().filter_map(|entry| sum(entry.what)).max().unwrap_or(0)
}

// ANCHOR: thousand
#[tokio::test(start_paused = true)]
async fn a_thousand_payments_of_ten_accounts_need_ten_actors() {
    let journal = Journal::new();
    assert_eq!(accounts::dispatch(thousand_payments(), SLOTS, journal.clone()).await, 10);
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
    assert_eq!(left, 4, "two of five have been sold");
    assert_journal!(
        journal,
        [
            (20, "shop 1", "sees 5"),
            (50, "shop 2", "sees 5"),
            (90, "shop 1", "sells one and sets 4"),
            (120, "shop 2", "sells one and sets 4"),
            (140, "main", "counts 4 lamps; expected 5 - 2 = 3"),
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
            (120, "main", "counts 3 lamps; expected 5 - 2 = 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lamp_that_is_sold_out_cannot_be_taken() {
    let stock = Stock::spawn([("lamp", 1)].into(), Journal::new());
    assert_eq!(stock.take("lamp").await, Ok(Some(0)));
    assert_eq!(stock.take("lamp").await, Ok(None));
    assert_eq!(stock.get("lamp").await, Ok(0));
}

#[tokio::test(start_paused = true)]
async fn wrong_two_actors_that_call_each_other_deadlock() {
    let journal = Journal::new();
    let ended = timeout(HOUR, wrong::call_each_other(journal.clone())).await;
    assert!(ended.is_err(), "all three are still waiting an hour later");
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
async fn calls_that_go_one_way_do_not_deadlock() {
    let journal = Journal::new();
    timeout(HOUR, partners::one_way(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "customer", "places an order"),
            (0, "orders", "asks for a lamp; already ordered: 0"),
            (20, "warehouse", "searches, then answers"),
            (20, "customer", "gets a lamp"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_cannot_know_whether_its_request_is_handled() {
    let (stock, patience) = (Stock::spawn([("lamp", 5)].into(), Journal::new()), Duration::from_millis(10));
    timeout(patience, stock.take("lamp")).await.expect_err("it takes 20 ms");
    assert_eq!(stock.get("lamp").await, Ok(4)); // the request was in the mailbox

    let busy = [(); 9].map(|()| {
        let stock = stock.clone();
        tokio::spawn(async move { stock.get("lamp").await })
    });
    sleep(Duration::from_millis(1)).await; // one in progress, eight in the mailbox
    timeout(patience, stock.take("lamp")).await.expect_err("no slot is free before 20 ms");
    for get in busy {
        assert_eq!(timeout(HOUR, get).await.expect(STUCK).unwrap(), Ok(4));
    }
    assert_eq!(stock.get("lamp").await, Ok(4)); // the request never entered the mailbox
}

/// An actor that sends as many zeros to the other one as each request asks for.
async fn sends_to(other: mpsc::Sender<u32>, mut mailbox: mpsc::Receiver<u32>) {
    while let Some(count) = mailbox.recv().await {
        for _ in 0..count {
            other.send(0).await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_two_actors_with_full_mailboxes_deadlock_although_neither_awaits_an_answer() {
    let ((to_a, a), (to_b, b)) = (mpsc::channel(1), mpsc::channel(1));
    tokio::spawn(sends_to(to_b.clone(), a));
    tokio::spawn(sends_to(to_a.clone(), b));
    to_a.send(2).await.unwrap();
    to_b.send(2).await.unwrap();
    sleep(HOUR).await;
    // An hour later neither has taken what is in its mailbox: it is waiting for a free slot in the other's.
    assert_eq!(to_a.try_send(0), Err(TrySendError::Full(0)));
    assert_eq!(to_b.try_send(0), Err(TrySendError::Full(0)));
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
