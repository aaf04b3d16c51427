//! `pgmq`: a queue that is read and deleted in batches; what was read is hidden from others for a while.

use std::time::{Duration, Instant};

use pgmq::PGMQueueExt;

use crate::payload::{Arrived, Payload};

const QUEUE: &str = "bench";
/// As many as the relay fetches.
const BATCH: i32 = 500;
const HIDDEN_S: i32 = 30;

/// Until all messages have been read and deleted.
pub async fn run(address: &str, count: usize) -> Duration {
    let queue = PGMQueueExt::new(address.to_owned(), 2).await.expect("a server that listens");
    queue.install_sql_from_embedded().await.expect("an empty database");
    queue.create(QUEUE).await.expect("its tables");
    let arrived = Arrived::none_of(count);
    let mut tx = queue.connection.begin().await.expect("a connection");
    for number in 0..count {
        queue.send_with_cxn(QUEUE, &Payload::new(number), &mut *tx).await.expect("its tables");
    }
    tx.commit().await.expect("a connection");
    let since = Instant::now();
    while arrived.left() > 0 {
        let poll = (Some(Duration::from_secs(1)), Some(Duration::from_millis(5)));
        let read = queue.read_batch_with_poll::<Payload>(QUEUE, HIDDEN_S, BATCH, poll.0, poll.1).await;
        let messages = read.expect("its tables").unwrap_or_default();
        messages.iter().for_each(|message| arrived.take(&message.message));
        let read: Vec<i64> = messages.iter().map(|message| message.msg_id).collect();
        assert_eq!(queue.delete_batch(QUEUE, &read).await.expect("its tables"), read.len());
    }
    since.elapsed()
}
