//! A box does not move when the variable does, so a boxed stream needs no `pin!`.

//~ region
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let paid = ReceiverStream::new(orders).filter(|order| future::ready(order.cents > 0));
    let batches = tokio_stream::StreamExt::chunks_timeout(paid, FULL, WITHIN).boxed();
    let mut writes = batches.map(|batch| broker.write(batch)).buffer_unordered(2);
