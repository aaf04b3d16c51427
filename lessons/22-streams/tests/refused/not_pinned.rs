//! Does not compile: the stream that `chunks_timeout` returns holds a `Sleep`, and so is not `Unpin`.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

async fn first_batch(orders: mpsc::Receiver<u32>) -> Option<Vec<u32>> {
    let mut batches = ReceiverStream::new(orders).chunks_timeout(100, Duration::from_millis(500));
    batches.next().await
}
