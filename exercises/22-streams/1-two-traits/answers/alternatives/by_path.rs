//! Every method of `tokio_stream` is called by its path.

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;

//~ region

//~ region
    let paid = tokio_stream::StreamExt::filter(ReceiverStream::new(orders), |order| order.cents > 0);
    let batches = tokio_stream::StreamExt::chunks_timeout(paid, FULL, WITHIN);
    let mut writes = pin!(batches.map(|batch| broker.write(batch)).buffer_unordered(2));
