//! Removes one of the imports, and with it `buffer_unordered`.
//~ does not compile: no method named `buffer_unordered` found

//~ region
use std::pin::pin;
use std::time::Duration;


//~ region
use tokio_stream::StreamExt;

//~ region
    let mut writes = pin!(ReceiverStream::new(orders)
        .filter(|order| order.cents > 0)
        .chunks_timeout(FULL, WITHIN)
        .map(|batch| broker.write(batch))
        .buffer_unordered(2));
