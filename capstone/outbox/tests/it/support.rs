//! Messages and sinks that several tests use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_outbox::relay::Report;
use capstone_outbox::{Attempt, Envelope, Message, MessageId, RowId, Seq, Sink, SinkError};
use tokio::time::{Instant, sleep};

/// A message of `key` (none if empty) whose payload is `payload`.
pub(crate) fn message(key: &str, payload: &str) -> Message {
    let message = Message::new("orders.created".parse().unwrap(), payload.to_owned());
    if key.is_empty() { message } else { message.with_key(key).unwrap() }
}

/// Rows of a fresh store as a test names them: the first message has number 1, and an id of ones.
pub(crate) fn row(number: i64) -> RowId {
    RowId { seq: Seq(number), id: MessageId::from_bytes([u8::try_from(number).unwrap(); 16]) }
}

pub(crate) fn rows(numbers: &[i64]) -> Vec<RowId> {
    numbers.iter().copied().map(row).collect()
}

/// Messages with the ids of [`row`].
pub(crate) fn numbered(messages: impl IntoIterator<Item = Message>) -> Vec<Message> {
    messages.into_iter().zip(1..).map(|(message, number)| message.with_id(row(number).id)).collect()
}

/// A row of `key` (none if empty).
pub(crate) fn envelope(seq: i64, topic: &str, key: &str, headers: &str, payload: &[u8]) -> Envelope {
    let mut row = Envelope::new(Seq(seq), MessageId::generate(), topic, payload.to_vec());
    (row.key, row.headers_json) = ((!key.is_empty()).then(|| key.into()), headers.to_owned());
    row
}

/// Published, failed, parked and buried, of a relay that was drained.
#[track_caller]
pub(crate) fn figures(report: Report) -> [u64; 4] {
    assert!(report.drained, "{report:?}");
    [report.published, report.failed, report.parked, report.buried]
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A first attempt that has all the time that a test needs.
pub(crate) fn attempt() -> Attempt {
    Attempt::new(1, Instant::now() + Duration::from_secs(60))
}

type Answer = (Duration, Result<(), SinkError>);
type Script = dyn Fn(&Envelope, u32) -> Answer + Send + Sync;

/// A sink that answers as the test says, and writes down when each publish began and ended.
pub(crate) struct Scripted {
    /// From the message and how often it was tried before: how long it takes, and how it ends.
    script: Box<Script>,
    started: Instant,
    tried: Mutex<HashMap<String, u32>>,
    story: Mutex<Vec<String>>,
}

impl Scripted {
    pub(crate) fn new(script: impl Fn(&Envelope, u32) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        let (tried, story) = (Mutex::default(), Mutex::default());
        Arc::new(Self { script: Box::new(script), started: Instant::now(), tried, story })
    }

    /// When the story began.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Lines of `ms payload outcome`, in order.
    pub(crate) fn story(&self) -> Vec<String> {
        self.story.lock().unwrap().clone()
    }

    fn note(&self, payload: &str, what: &str) {
        let at = self.started.elapsed().as_millis();
        self.story.lock().unwrap().push(format!("{at:>4} {payload} {what}"));
    }
}

impl Sink for Scripted {
    async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let payload = String::from_utf8(message.payload.to_vec()).unwrap();
        let before = {
            let mut tried = self.tried.lock().unwrap();
            let count = tried.entry(payload.clone()).or_default();
            *count += 1;
            *count - 1
        };
        let (takes, outcome) = (self.script)(message, before);
        sleep(takes).await;
        match &outcome {
            Ok(()) => self.note(&payload, "ok"),
            Err(error) => self.note(&payload, &error.to_string()),
        }
        outcome
    }
}

/// Drops `future` at its `polls`-th `Pending`; `Some` when it was ready before.
pub(crate) async fn cancel_at<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    let mut pending = 0;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
        std::task::Poll::Pending => {
            pending += 1;
            if pending == polls { std::task::Poll::Ready(None) } else { std::task::Poll::Pending }
        }
    })
    .await
}

/// The clock of this process goes ahead, that of a database does not.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
