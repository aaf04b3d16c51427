//! Each trait is imported in a function of its own, and none in the module.

//~ region
use std::time::Duration;

//~ region
fn batches(orders: mpsc::Receiver<Order>) -> impl tokio_stream::Stream<Item = Vec<Order>> {
    use tokio_stream::StreamExt;
    ReceiverStream::new(orders).filter(|order| order.cents > 0).chunks_timeout(FULL, WITHIN)
}
//~ region
    use futures::StreamExt;
    let mut writes = batches(orders).map(|batch| broker.write(batch)).buffer_unordered(2).boxed_local();
