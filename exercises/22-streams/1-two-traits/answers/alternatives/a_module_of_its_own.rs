//! Each trait is imported in a module of its own, as in the chapter.

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;

//~ region

//~ region
    mod batches {
        use futures::Stream;
        use tokio_stream::StreamExt;

        use super::{FULL, Order, ReceiverStream, WITHIN, mpsc};

        pub fn of(orders: mpsc::Receiver<Order>) -> impl Stream<Item = Vec<Order>> {
            ReceiverStream::new(orders).filter(|order| order.cents > 0).chunks_timeout(FULL, WITHIN)
        }
    }
    let mut writes = pin!(batches::of(orders).map(|batch| broker.write(batch)).buffer_unordered(2));
