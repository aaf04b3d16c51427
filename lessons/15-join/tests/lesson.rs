//! What lesson 15 claims, each claim a test: the whole story with exact milliseconds, on the paused clock.

use std::sync::{Arc, Condvar, Mutex};
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

const STUCK: &str = "no task can go on";
const ALL: [Service; 3] = [STOCK, PRICE, COURIER];
const LAMP: Offer = Offer { in_stock: 7, cents: 1250, days: 2 };

#[tokio::test(start_paused = true)]
async fn three_at_once_take_as_long_as_the_slowest() {
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
            (300, "shop", "has three outcomes"),
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
            (600, "shop", "has three answers"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn join_waits_for_all_also_when_one_has_failed() {
    let (journal, started) = (Journal::new(), Instant::now());
    let services = [STOCK.refusing("sold out"), PRICE, COURIER];
    let offer = timeout(HOUR, join_three(services, "lamp", &journal)).await.expect(STUCK);
    assert_eq!(offer, Offer { in_stock: 0, ..LAMP });
    assert_eq!(started.elapsed(), Duration::from_millis(300));
}

#[tokio::test(start_paused = true)]
async fn try_join_ends_at_the_first_error_and_drops_the_rest() {
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
async fn try_join_without_an_error_gives_all_answers() {
    let offer = timeout(HOUR, try_join_three(ALL, "lamp", &Journal::new())).await.expect(STUCK);
    assert_eq!(offer, Ok(LAMP));
}

#[tokio::test(start_paused = true)]
async fn a_list_is_joined_in_its_order_and_ends_at_the_first_error() {
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
async fn whoever_drops_a_join_drops_its_branches() {
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
    let notes = journal.clone();
    let task = task::spawn(async move {
        let panics = async {
            sleep(Duration::from_millis(50)).await;
            panic!("a bug");
        };
        tokio::join!(panics, STOCK.ask("lamp", &notes));
    });
    assert!(timeout(HOUR, task).await.expect(STUCK).unwrap_err().is_panic());
    assert_journal!(journal, [(0, "stock", "asked for the lamp"), (50, "stock", "question dropped")]);
}

/// Orders a lamp that is sold out. Returns the journal and what the customer is told.
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
async fn wrong_the_card_is_charged_for_an_order_that_was_refused() {
    let (journal, told) =
        ordered(async |payment, journal| wrong::half_done(SOLD_OUT, payment, journal).await).await;
    assert_eq!(told, Err(Refused("sold out")));
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "shop", "asks for the payment"),
            (100, "stock", "refuses: sold out"),
            (200, "payment", "charged the card"),
            (200, "payment", "nobody waits for the receipt"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn with_both_outcomes_the_customer_gets_the_money_back() {
    let (journal, told) = ordered(async |payment, journal| order(SOLD_OUT, payment, journal).await).await;
    assert_eq!(told, Err(Refused("sold out")));
    assert_journal!(
        journal,
        [
            (0, "stock", "asked for the lamp"),
            (0, "shop", "asks for the payment"),
            (100, "stock", "refuses: sold out"),
            (200, "payment", "charged the card"),
            (200, "shop", "has charged for nothing, so it pays back"),
            (400, "payment", "paid back"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_can_be_had_is_charged_once() {
    let (journal, told) = ordered(async |payment, journal| order(STOCK, payment, journal).await).await;
    assert_eq!(told, Ok(()));
    let charged = journal.entries().iter().filter(|note| note.task == "payment").count();
    assert_eq!(charged, 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_payment_service_the_lamp_is_given_back() {
    let (journal, (payment, requests)) = (Journal::new(), mpsc::channel(8));
    drop(requests);
    let told = timeout(HOUR, order(STOCK, &payment, &journal)).await.expect(STUCK);
    assert_eq!(told, Err(Refused("no payment service")));
    assert_eq!(journal.entries().last().unwrap().what, "has a lamp for nothing, so it gives it back");
}

/// Two computations meet when they run at the same time.
#[derive(Clone, Default)]
struct Meeting(Arc<(Mutex<u32>, Condvar)>);

impl Meeting {
    /// Waits until the other one is there, at most so long.
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
    assert_eq!(*met.lock().unwrap(), [false, true]); // when the second one comes, the first has given up
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
            // Blocks its worker, to prove that the other one runs meanwhile.
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
async fn wrong_try_join_of_handles_does_not_end_at_an_error() {
    let (journal, started) = (Journal::new(), Instant::now());
    let answers = timeout(HOUR, wrong::joined_handles([SOLD_OUT, PRICE], journal)).await.expect(STUCK);
    assert_eq!(answers, [Err(Refused("sold out")), Ok(1250)]);
    assert_eq!(started.elapsed(), Duration::from_millis(300), "the error was there at 100 ms");
}

#[tokio::test(start_paused = true)]
async fn wrong_try_join_of_handles_stops_nobody_at_a_panic() {
    let (journal, notes) = (Journal::new(), Journal::new());
    let there = notes.clone();
    let asks = tokio::spawn(async move { PRICE.ask("lamp", &there).await });
    let panics: JoinHandle<()> = tokio::spawn(async { panic!("a bug") });
    assert!(tokio::try_join!(asks, panics).unwrap_err().is_panic());
    journal.log("shop", "goes on");
    sleep(HOUR).await;
    assert_journal!(journal, [(0, "shop", "goes on")]);
    assert_journal!(notes, [(0, "price", "asked for the lamp"), (300, "price", "answers 1250")]);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
