//! Collects until the first error, as the `?` of the chapter does. It drops the writes in flight, and what was collected.
//~ fails with: logged "is dropped", which was not expected
use futures::TryStreamExt;
let waiting = stream::poll_fn(|cx| orders.poll_recv(cx));
let outcomes = waiting.map(|order| broker.write(order)).buffer_unordered(3);
match outcomes.try_collect().await {
    Ok(written) => report.written = written,
    Err(Unavailable { order }) => report.failed.push(order),
}
