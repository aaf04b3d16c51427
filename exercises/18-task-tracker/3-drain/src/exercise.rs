//! Exercise 18.3: a service is shut down part by part, by a deadline.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A relay that is running. The poller finds rows, a task publishes each row, and the marker marks those that are confirmed.
pub struct Service {
    /// Asks the poller to end. A query in progress is finished, and the row that it finds is still published.
    pub stop: CancellationToken,
    /// Drops the tasks that publish, each at the await it has reached.
    pub abort: CancellationToken,
    pub poller: JoinHandle<()>,
    /// The tasks that publish.
    pub publishing: TaskTracker,
    /// Ends when the poller and all tasks that publish have ended. Returns how many rows it has marked.
    pub marker: JoinHandle<usize>,
}

/// What became of the rows.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// Rows that were confirmed and marked, from the start of the service.
    pub marked: usize,
    /// Tasks that had not ended at the deadline.
    pub given_up: usize,
}

/// Ends the service. When the poller has ended, the tasks that publish may take `patience` to end too; those that have not
/// ended by then are given up. Every row that was confirmed is marked before this returns.
pub async fn shut_down(service: Service, patience: Duration) -> Report {
    let Service { stop, abort, poller, publishing, marker } = service;
    // TODO: this stops everything at the same moment, so the rows in progress are not marked.
    stop.cancel();
    abort.cancel();
    let marked = marker.await.expect("the marker does not panic");
    Report { marked, given_up: 0 }
}

/// A row of the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub number: u32,
    /// How long the broker takes to confirm it.
    pub confirmed_after: Duration,
}

impl Service {
    /// Starts a service that finds these rows, one every 110 ms, each by a query of 50 ms. Do not change it.
    pub fn start(rows: Vec<Row>, journal: &Journal) -> Self {
        let (stop, abort, publishing) =
            (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
        let (confirmed, mut marks) = mpsc::channel(3);
        let poller = tokio::spawn({
            let (stop, abort, publishing) = (stop.clone(), abort.clone(), publishing.clone());
            let journal = journal.clone();
            async move {
                let mut next_poll = interval(Duration::from_millis(110));
                for row in rows {
                    if stop.run_until_cancelled(next_poll.tick()).await.is_none() {
                        break;
                    }
                    sleep(Duration::from_millis(50)).await; // the query
                    let publishing_it = publish(row, confirmed.clone(), journal.clone());
                    publishing.spawn(abort.clone().run_until_cancelled_owned(publishing_it));
                }
                journal.log("poller", "ends");
            }
        });
        let marker = tokio::spawn({
            let journal = journal.clone();
            async move {
                let mut marked = 0;
                while let Some(number) = marks.recv().await {
                    sleep(Duration::from_millis(70)).await; // an UPDATE
                    marked += 1;
                    journal.log("marker", format_args!("marked row {number}"));
                }
                marked
            }
        });
        Self { stop, abort, poller, publishing, marker }
    }
}

async fn publish(row: Row, confirmed: mpsc::Sender<u32>, journal: Journal) {
    let task = format!("task {}", row.number);
    journal.log(&task, "sends its row");
    sleep(row.confirmed_after).await;
    journal.log(&task, "has its row confirmed");
    confirmed.send(row.number).await.expect("the marker outlives the tasks");
}
