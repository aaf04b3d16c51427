//! The `filter` of `futures` awaits what its closure returns, and a `bool` is no future.
//~ does not compile: `bool` is not a future

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let paid = ReceiverStream::new(orders).filter(|order| order.cents > 0);
    let batches = tokio_stream::StreamExt::chunks_timeout(paid, FULL, WITHIN);
    let mut writes = pin!(batches.map(|batch| broker.write(batch)).buffer_unordered(2));
