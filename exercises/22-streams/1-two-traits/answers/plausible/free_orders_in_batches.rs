//! Leaves the free orders out when a batch is complete. By then they have counted, and have started timers.
//~ fails with: at 0 ms broker was expected to log "receives [31, 19, 42]", but logged "receives [31, 19]"

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let batches = tokio_stream::StreamExt::chunks_timeout(ReceiverStream::new(orders), FULL, WITHIN);
    let paid = batches.filter_map(async |mut batch: Vec<Order>| {
        batch.retain(|order| order.cents > 0);
        (!batch.is_empty()).then_some(batch)
    });
    let mut writes = pin!(paid.map(|batch| broker.write(batch)).buffer_unordered(2));
