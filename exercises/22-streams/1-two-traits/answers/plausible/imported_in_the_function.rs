//! Imports the second trait inside of a function. That adds it to those of the module, and hides none.
//~ does not compile: multiple applicable items in scope

//~ region
use std::pin::pin;
use std::time::Duration;

use futures::{StreamExt, future};

//~ region
use tokio_stream::StreamExt as _;

//~ region
    fn batches(orders: mpsc::Receiver<Order>) -> impl futures::Stream<Item = Vec<Order>> {
        use tokio_stream::StreamExt;
        ReceiverStream::new(orders).filter(|order| order.cents > 0).chunks_timeout(FULL, WITHIN)
    }
    let mut writes = pin!(batches(orders).map(|batch| broker.write(batch)).buffer_unordered(2));
