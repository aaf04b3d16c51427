//! `chunks` is in `futures` too, and waits until a batch is full, however long that takes.
//~ fails with: at 250 ms broker was expected to log "receives [8, 23]"

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region

//~ region
    let mut writes = ReceiverStream::new(orders)
        .filter(|order| future::ready(order.cents > 0))
        .chunks(FULL)
        .map(|batch| broker.write(batch))
        .buffer_unordered(2);
