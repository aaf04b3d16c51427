//! Follows the compiler's first suggestion, which gives one trait another name. Its methods have the same names as before.
//~ does not compile: multiple applicable items in scope

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;

//~ region
use tokio_stream::StreamExt as TokioStreamExt;

//~ region
    let mut writes = pin!(ReceiverStream::new(orders)
        .filter(|order| order.cents > 0)
        .chunks_timeout(FULL, WITHIN)
        .map(|batch| broker.write(batch))
        .buffer_unordered(2));
