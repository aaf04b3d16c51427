//! The channel as a stream of at most four events, until the second is over.
use futures::{StreamExt, stream};

let received = stream::poll_fn(|cx| events.poll_recv(cx));
batch.extend(received.take_until(sleep(OPEN)).take(FULL).collect::<Vec<_>>().await);
