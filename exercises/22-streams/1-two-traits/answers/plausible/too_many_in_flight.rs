//! Writes four batches at the same time, as the chapter does.
//~ fails with: broker was expected to log "receives [11, 65, 12]" at 750 ms, but did so at 700 ms

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let paid = ReceiverStream::new(orders).filter(|order| future::ready(order.cents > 0));
    let batches = tokio_stream::StreamExt::chunks_timeout(paid, FULL, WITHIN);
    let mut writes = pin!(batches.map(|batch| broker.write(batch)).buffer_unordered(4));
