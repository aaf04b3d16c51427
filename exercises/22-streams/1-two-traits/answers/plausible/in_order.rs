//! `buffered` returns the receipts in the order of the batches. The third batch is done before the second, and keeps its slot until then.
//~ fails with: broker was expected to log "receives [11, 65, 12]" at 750 ms, but did so at 780 ms

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let paid = ReceiverStream::new(orders).filter(|order| future::ready(order.cents > 0));
    let batches = tokio_stream::StreamExt::chunks_timeout(paid, FULL, WITHIN);
    let mut writes = pin!(batches.map(|batch| broker.write(batch)).buffered(2));
