//! Exercise 18.3: a service is shut down, part by part, and by a deadline.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A relay at work: a poller finds rows, a task publishes each, a marker marks what is published.
pub struct Service {
    /// Asks the poller to end. A query that is under way is not cut off, and what it finds is still published.
    pub stop: CancellationToken,
    /// Drops the tasks that publish, each at the await where it stands.
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
    pub marked: usize,
    /// Tasks that had not ended at the deadline.
    pub given_up: usize,
}

/// Ends the service. When the poller has ended, what is under way gets `patience` to end too; what has not ended then is
/// given up. All that was published is marked.
pub async fn shut_down(service: Service, patience: Duration) -> Report {
    let Service { stop, abort, poller, publishing, marker } = service;
    //~ begin
    stop.cancel();
    poller.await.expect("the poller does not panic"); // before the tracker: it may still spawn a task

    publishing.close();
    let mut given_up = 0;
    if timeout(patience, publishing.wait()).await.is_err() {
        given_up = publishing.len();
        abort.cancel();
        publishing.wait().await;
    }

    let marked = marker.await.expect("the marker does not panic"); // all senders are gone
    Report { marked, given_up }
    //~ starter
    //~| // TODO: this stops everything at the same moment, and what is under way is lost.
    //~| stop.cancel();
    //~| abort.cancel();
    //~| let marked = marker.await.expect("the marker does not panic");
    //~| Report { marked, given_up: 0 }
    //~ end
}

/// A row of the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub number: u32,
    /// How long the broker takes to confirm it.
    pub confirmed_after: Duration,
}

impl Service {
    /// Starts a service that finds these rows, one every 100 ms, by queries of 60 ms. Do not change it.
    pub fn start(rows: Vec<Row>, journal: &Journal) -> Self {
        let (stop, abort, publishing) =
            (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
        let (published, mut marks) = mpsc::channel(3);
        let poller = tokio::spawn({
            let (stop, abort, publishing) = (stop.clone(), abort.clone(), publishing.clone());
            let journal = journal.clone();
            async move {
                let mut next_poll = interval(Duration::from_millis(100));
                for row in rows {
                    if stop.run_until_cancelled(next_poll.tick()).await.is_none() {
                        break;
                    }
                    sleep(Duration::from_millis(60)).await; // the query
                    let publishes = publish(row, published.clone(), journal.clone());
                    publishing.spawn(abort.clone().run_until_cancelled_owned(publishes));
                }
                journal.log("poller", "ends");
            }
        });
        let marker = tokio::spawn({
            let journal = journal.clone();
            async move {
                let mut marked = 0;
                while let Some(number) = marks.recv().await {
                    marked += 1;
                    journal.log("marker", format_args!("marked row {number}"));
                }
                marked
            }
        });
        Self { stop, abort, poller, publishing, marker }
    }
}

async fn publish(row: Row, published: mpsc::Sender<u32>, journal: Journal) {
    let task = format!("task {}", row.number);
    journal.log(&task, "sends its row");
    sleep(row.confirmed_after).await;
    journal.log(&task, "has its row confirmed");
    published.send(row.number).await.expect("the marker outlives the tasks");
}
