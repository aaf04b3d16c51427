//! Each claim of lesson 15 is a test: whole journals with exact milliseconds, on the paused clock.

use std::future;
use std::sync::{Arc, Condvar, Mutex, TryLockError};
use std::task::Poll;
use std::time::Duration;

use lesson_15::offer::{Offer, ask_all, join_three, try_join_three};
use lesson_15::order::{Payment, order, payment_service};
use lesson_15::services::{COURIER, PRICE, Refused, STOCK, Service};
use lesson_15::story::SOLD_OUT;
use lesson_15::{compute, story, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::task::{self, JoinHandle};
use tokio::time::{Instant, sleep, timeout};

const STUCK: &str = "no task can make progress";
const ALL: [Service; 3] = [STOCK, PRICE, COURIER];
const LAMP: Offer = Offer { in_stock: 7, cents: 1250, days: 2 };

#[tokio::test(start_paused = true)]
async fn three_concurrent_questions_take_as_long_as_the_slowest() {
    let journal = Journal::new();
    let offer = timeout(HOUR, join_three(ALL, "lamp", &journal)).await.expect(STUCK);
    assert_eq!(offer, LAMP);
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "price", "asked for the lamp"),
            (0, "courier", "asked for the lamp"),
            (100, "courier", "answers 2"),
            (200, "stock", "answers 7"),
            (300, "price", "answers 1250"),
            (300, "shop", "has all three outcomes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_one_after_another_takes_the_sum() {
    let journal = Journal::new();
    let offer = timeout(HOUR, wrong::one_after_another(ALL, "lamp", &journal)).await.expect(STUCK);
    assert_eq!(offer, Ok(LAMP));
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (200, "stock", "answers 7"),
            (200, "price", "asked for the lamp"),
            (500, "price", "answers 1250"),
            (500, "courier", "asked for the lamp"),
            (600, "courier", "answers 2"),
            (600, "shop", "has all three answers"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn join_waits_for_all_even_if_one_fails() {
    let (journal, started) = (Journal::new(), Instant::now());
    let services = [STOCK.refusing("sold out"), PRICE, COURIER];
    let offer = timeout(HOUR, join_three(services, "lamp", &journal)).await.expect(STUCK);
    assert_eq!(offer, Offer { in_stock: 0, ..LAMP });
    assert_eq!(started.elapsed(), Duration::from_millis(300));
}

#[tokio::test(start_paused = true)]
async fn try_join_returns_at_the_first_error_and_drops_the_rest() {
    let journal = Journal::new();
    let services = [STOCK.refusing("sold out"), PRICE, COURIER];
    let offer = timeout(HOUR, try_join_three(services, "lamp", &journal)).await.expect(STUCK);
    assert_eq!(offer, Err(Refused("sold out")));
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "price", "asked for the lamp"),
            (0, "courier", "asked for the lamp"),
            (100, "courier", "answers 2"),
            (200, "stock", "refuses: sold out"),
            (200, "price", "question dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn try_join_without_an_error_returns_all_answers() {
    let offer = timeout(HOUR, try_join_three(ALL, "lamp", &Journal::new())).await.expect(STUCK);
    assert_eq!(offer, Ok(LAMP));
}

#[tokio::test(start_paused = true)]
async fn a_list_is_joined_in_its_order_and_returns_at_the_first_error() {
    let (journal, started) = (Journal::new(), Instant::now());
    let answers = timeout(HOUR, ask_all(&ALL, "lamp", &journal)).await.expect(STUCK);
    assert_eq!(answers, Ok(vec![7, 1250, 2]));
    assert_eq!(started.elapsed(), Duration::from_millis(300));
    let answers = timeout(HOUR, ask_all(&[PRICE, SOLD_OUT], "lamp", &journal)).await.expect(STUCK);
    assert_eq!(answers, Err(Refused("sold out")));
    assert_eq!(started.elapsed(), Duration::from_millis(400));
}

// ANCHOR: same-task
#[tokio::test(start_paused = true)]
async fn all_branches_run_in_the_task_that_joins_them() {
    let branches = task::spawn(async { tokio::join!(async { task::id() }, async { task::id() }) });
    let of_the_task = branches.id();
    assert_eq!(branches.await.unwrap(), (of_the_task, of_the_task));
}
// ANCHOR_END: same-task

#[tokio::test(start_paused = true)]
async fn dropping_a_join_drops_its_branches() {
    let journal = Journal::new();
    timeout(Duration::from_millis(150), join_three(ALL, "lamp", &journal)).await.unwrap_err();
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "price", "asked for the lamp"),
            (0, "courier", "asked for the lamp"),
            (100, "courier", "answers 2"),
            (150, "stock", "question dropped"),
            (150, "price", "question dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_branch_may_wait_for_a_lock_that_another_branch_holds() {
    let (lock, started) = (tokio::sync::Mutex::new(()), Instant::now());
    let holds = async {
        let _guard = lock.lock().await;
        sleep(Duration::from_millis(100)).await;
    };
    let wants = async {
        let _guard = lock.lock().await;
        started.elapsed()
    };
    let ((), got_it_at) = timeout(HOUR, async { tokio::join!(holds, wants) }).await.expect(STUCK);
    assert_eq!(got_it_at, Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_one_branch_ends_the_task_and_drops_the_others() {
    let journal = Journal::new();
    let logs = journal.clone();
    let task = task::spawn(async move {
        let panics = async {
            sleep(Duration::from_millis(50)).await;
            panic!("a bug");
        };
        tokio::join!(panics, STOCK.ask("lamp", &logs));
    });
    assert!(timeout(HOUR, task).await.expect(STUCK).unwrap_err().is_panic());
    assert_journal!(journal, [(0, "stock", "asked for the lamp"), (50, "stock", "question dropped")]);
}

/// Runs `ordering` beside a payment service. Returns the journal and what the customer is told.
async fn ordered(
    ordering: impl AsyncFnOnce(&mpsc::Sender<Payment>, &Journal) -> Result<(), Refused>,
) -> (Journal, Result<(), Refused>) {
    let (journal, (payment, requests)) = (Journal::new(), mpsc::channel(8));
    let serving = tokio::spawn(payment_service(requests, journal.clone()));
    let told = timeout(HOUR, ordering(&payment, &journal)).await.expect(STUCK);
    drop(payment);
    timeout(HOUR, serving).await.expect(STUCK).unwrap();
    (journal, told)
}

#[tokio::test(start_paused = true)]
async fn wrong_the_card_is_charged_for_a_refused_order() {
    let (journal, told) =
        ordered(async |payment, journal| wrong::half_done(SOLD_OUT, payment, journal).await).await;
    assert_eq!(told, Err(Refused("sold out")));
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "shop", "requests the payment"),
            (100, "stock", "refuses: sold out"),
            (200, "payment", "charged the card"),
            (200, "payment", "nobody waits for the receipt"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn with_both_outcomes_the_customer_is_refunded() {
    let (journal, told) = ordered(async |payment, journal| order(SOLD_OUT, payment, journal).await).await;
    assert_eq!(told, Err(Refused("sold out")));
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "shop", "requests the payment"),
            (100, "stock", "refuses: sold out"),
            (200, "payment", "charged the card"),
            (200, "shop", "charged without a lamp, requests a refund"),
            (400, "payment", "refunded the card"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_succeeds_is_charged_once() {
    let (journal, told) = ordered(async |payment, journal| order(STOCK, payment, journal).await).await;
    assert_eq!(told, Ok(()));
    let charged = journal.entries().iter().filter(|entry| entry.task == "payment").count();
    assert_eq!(charged, 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_payment_service_the_lamp_is_released() {
    let (journal, (payment, requests)) = (Journal::new(), mpsc::channel(8));
    drop(requests);
    let told = timeout(HOUR, order(STOCK, &payment, &journal)).await.expect(STUCK);
    assert_eq!(told, Err(Refused("no payment service")));
    assert_eq!(journal.entries().last().unwrap().what, "reserved without a payment, releases the lamp");
}

/// A meeting point: two computations meet only if they run at the same time.
#[derive(Clone, Default)]
struct Meeting(Arc<(Mutex<u32>, Condvar)>);

impl Meeting {
    /// Waits for the other one, at most this long.
    fn has_met(&self, patience: Duration) -> bool {
        let (there, changed) = &*self.0;
        let mut there = there.lock().unwrap();
        *there += 1;
        changed.notify_all();
        let (there, _) = changed.wait_timeout_while(there, patience, |there| *there < 2).unwrap();
        *there == 2
    }
}

// ANCHOR: computing
#[tokio::test]
async fn wrong_two_computations_in_join_never_run_at_the_same_time() {
    let (meeting, met) = (Meeting::default(), Mutex::new(Vec::new()));
    wrong::computing_in_join(|_| met.lock().unwrap().push(meeting.has_met(Duration::from_millis(20)))).await;
    assert_eq!(*met.lock().unwrap(), [false, true]); // when the second arrives, the first has given up
}

#[tokio::test]
async fn two_computations_on_threads_run_at_the_same_time() {
    let meeting = Meeting::default();
    compute::on_threads(move |_| assert!(meeting.has_met(Duration::from_secs(60)))).await;
}
// ANCHOR_END: computing

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tasks_run_at_the_same_time() {
    let meeting = Meeting::default();
    let tasks = [meeting.clone(), meeting].map(|meeting| {
        task::spawn(async move {
            // Blocks its worker, to show that the other task runs meanwhile.
            assert!(meeting.has_met(Duration::from_secs(60)));
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_two_computations_in_join_run_one_after_the_other() {
    let journal = Journal::new();
    wrong::computing_in_join(|name| {
        journal.log(name, "begins");
        journal.log(name, "ends");
    })
    .await;
    assert_journal!(
        journal,
        [(0, "sum 1", "begins"), (0, "sum 1", "ends"), (0, "sum 2", "begins"), (0, "sum 2", "ends")]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_try_join_of_handles_does_not_return_at_an_error() {
    let (journal, started) = (Journal::new(), Instant::now());
    let answers = timeout(HOUR, wrong::joined_handles([SOLD_OUT, PRICE], journal)).await.expect(STUCK);
    assert_eq!(answers, [Err(Refused("sold out")), Ok(1250)]);
    assert_eq!(started.elapsed(), Duration::from_millis(300), "the error occurred at 100 ms");
}

#[tokio::test(start_paused = true)]
async fn wrong_try_join_of_handles_stops_no_task_at_a_panic() {
    let (journal, of_the_price) = (Journal::new(), Journal::new());
    let logs = of_the_price.clone();
    let asks = tokio::spawn(async move { PRICE.ask("lamp", &logs).await });
    let panics: JoinHandle<()> = tokio::spawn(async { panic!("a bug") });
    assert!(tokio::try_join!(asks, panics).unwrap_err().is_panic());
    journal.log("shop", "continues");
    sleep(HOUR).await;
    assert_journal!(journal, [(0, "shop", "continues")]);
    assert_journal!(of_the_price, [(0, "price", "asked for the lamp"), (300, "price", "answers 1250")]);
}

#[tokio::test]
async fn spawn_blocking_starts_before_its_handle_is_awaited() {
    let (started, has_started) = std::sync::mpsc::channel();
    let handle = task::spawn_blocking(move || started.send(()).unwrap());
    has_started.recv().unwrap(); // blocks this thread, so the handle has not been polled
    handle.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_wake_polls_every_branch_that_has_not_ended() {
    let (mut polls, started) = (0, Instant::now());
    let fourth_poll = future::poll_fn(|_| {
        polls += 1;
        if polls < 4 { Poll::Pending } else { Poll::Ready(started.elapsed()) } // nothing wakes this branch
    });
    let wakes_three_times = async {
        for _ in 0..3 {
            sleep(Duration::from_millis(100)).await;
        }
    };
    let joined = timeout(HOUR, async { tokio::join!(fourth_poll, wakes_three_times) }).await.expect(STUCK);
    assert_eq!(joined.0, Duration::from_millis(300)); // polled at 0, 100, 200 and 300 ms
}

#[tokio::test(start_paused = true)]
async fn a_branch_behind_one_that_fails_at_its_first_poll_never_begins() {
    let journal = Journal::new();
    let fails = async { Err::<u32, _>(Refused("sold out")) };
    let outcome = tokio::try_join!(fails, PRICE.ask("lamp", &journal));
    assert_eq!(outcome, Err(Refused("sold out")));
    assert_journal!(journal, []);
}

#[tokio::test(start_paused = true)]
#[expect(clippy::await_holding_lock, reason = "the mistake that this shows")]
async fn wrong_a_std_lock_held_across_an_await_would_block_the_other_branch() {
    let lock = Mutex::new(());
    let holds = async {
        let _guard = lock.lock().unwrap();
        sleep(Duration::from_millis(100)).await;
    };
    let wants = async { matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) };
    let ((), would_block) = tokio::join!(holds, wants);
    assert!(would_block); // `lock` in place of `try_lock` would never return: its thread has to poll `holds`
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
