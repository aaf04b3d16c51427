//! The tests of exercise 23.1. Your file and the solution are tested by this one copy.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::{Broker, relay};

/// A row: its number, and how many milliseconds the broker takes.
type Row = (u32, u64);

#[derive(Clone)]
struct Slow {
    rows: Arc<Vec<Row>>,
    journal: Journal,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    in_flight: usize,
    most_in_flight: usize,
    most_tasks: usize,
}

impl Slow {
    fn new(rows: &[Row]) -> Self {
        Self { rows: Arc::new(rows.to_vec()), journal: Journal::new(), counts: Arc::default() }
    }

    /// The outbox logs when a row is read.
    fn outbox(&self) -> impl Iterator<Item = u32> + use<> {
        let (rows, journal) = (self.rows.to_vec(), self.journal.clone());
        rows.into_iter().map(move |(row, _)| {
            journal.log("outbox", format_args!("row {row} is read"));
            row
        })
    }
}

impl Broker for Slow {
    async fn publish(&self, row: u32) {
        let takes_ms = self.rows.iter().find(|it| it.0 == row).expect("a row of this outbox").1;
        {
            let mut counts = self.counts.lock().unwrap();
            counts.in_flight += 1;
            counts.most_in_flight = counts.most_in_flight.max(counts.in_flight);
            counts.most_tasks = counts.most_tasks.max(Handle::current().metrics().num_alive_tasks());
        }
        sleep(Duration::from_millis(takes_ms)).await;
        self.counts.lock().unwrap().in_flight -= 1;
        self.journal.log(format_args!("row {row}"), "is published");
    }
}

/// Publishes these rows, and returns what happened.
async fn published(rows: &[Row]) -> Journal {
    let broker = Slow::new(rows);
    let ended = timeout(HOUR, relay(broker.outbox(), broker.clone())).await;
    broker.journal.log("relay", if ended.is_ok() { "returns" } else { "has not returned" });
    sleep(HOUR).await; // what is left behind is logged now
    broker.journal
}

#[tokio::test(start_paused = true)]
async fn a_row_is_read_when_one_of_three_slots_is_free() {
    let rows = [(7, 290), (3, 70), (9, 310), (1, 45), (8, 130), (4, 20), (2, 95)];
    assert_journal!(
        published(&rows).await,
        [
            (0, "outbox", "row 7 is read"),
            (0, "outbox", "row 3 is read"),
            (0, "outbox", "row 9 is read"),
            (70, "row 3", "is published"),
            (70, "outbox", "row 1 is read"),
            (115, "row 1", "is published"),
            (115, "outbox", "row 8 is read"),
            (245, "row 8", "is published"),
            (245, "outbox", "row 4 is read"),
            (265, "row 4", "is published"),
            (265, "outbox", "row 2 is read"),
            (290, "row 7", "is published"),
            (310, "row 9", "is published"),
            (360, "row 2", "is published"),
            (360, "relay", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn fewer_rows_than_slots() {
    assert_journal!(
        published(&[(5, 130), (2, 50)]).await,
        [
            (0, "outbox", "row 5 is read"),
            (0, "outbox", "row 2 is read"),
            (50, "row 2", "is published"),
            (130, "row 5", "is published"),
            (130, "relay", "returns"),
        ]
    );
    assert_journal!(published(&[]).await, [(0, "relay", "returns")]);
}

#[tokio::test(start_paused = true)]
async fn the_number_of_tasks_does_not_grow_with_the_outbox() {
    let rows: Vec<Row> = (1..=300).map(|row| (row, 20 + u64::from(row) * 37 % 61)).collect();
    let broker = Slow::new(&rows);
    timeout(HOUR, relay(broker.outbox(), broker.clone())).await.expect("relay has not returned");
    let counts = broker.counts.lock().unwrap();
    assert!(
        counts.most_in_flight == 3,
        "three rows may be published at the same time, and there were up to {}",
        counts.most_in_flight
    );
    assert!(
        counts.most_tasks <= 10,
        "the outbox has 300 rows, and {} tasks were alive at the same time",
        counts.most_tasks
    );
    assert_eq!(counts.in_flight, 0, "rows that were not published when relay returned");
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_nothing_is_published() {
    let broker = Slow::new(&[(6, 910), (2, 730), (5, 820), (1, 640)]);
    let mut relaying = task::spawn(relay(broker.outbox(), broker.clone()));
    assert!(relaying.poll_until_idle().is_pending(), "relay has returned before the rows were published");
    sleep(Duration::from_millis(300)).await;
    assert!(
        !relaying.is_woken(),
        "relay was woken within 300 ms, although no row has been published: it checks again and again instead of waiting"
    );
}
