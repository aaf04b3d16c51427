//! `then` is in `tokio_stream`, and needs no second trait. It writes one batch at a time.
//~ fails with: at 250 ms broker was expected to log "receives [8, 23]"

//~ region
use std::pin::pin;
use std::time::Duration;


//~ region
use tokio_stream::StreamExt;

//~ region
    let mut writes = pin!(ReceiverStream::new(orders)
        .filter(|order| order.cents > 0)
        .chunks_timeout(FULL, WITHIN)
        .then(|batch| broker.write(batch)));
