//! Resolves the ambiguity, and does not pin the stream: `chunks_timeout` holds a timer, which must not move.
//~ does not compile: cannot be unpinned

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let paid = ReceiverStream::new(orders).filter(|order| future::ready(order.cents > 0));
    let batches = tokio_stream::StreamExt::chunks_timeout(paid, FULL, WITHIN);
    let mut writes = batches.map(|batch| broker.write(batch)).buffer_unordered(2);
