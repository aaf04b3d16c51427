//! `ready_chunks` waits for nothing: a batch is what has arrived already.
//~ fails with: at 0 ms broker logged "receives [8]", which was not expected

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let mut writes = ReceiverStream::new(orders)
        .filter(|order| future::ready(order.cents > 0))
        .ready_chunks(FULL)
        .map(|batch| broker.write(batch))
        .buffer_unordered(2);
