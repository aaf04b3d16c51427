//! Does not compile: the closure of `filter` in `futures` returns a future, and that in `tokio_stream` a `bool`.

use futures::{Stream, StreamExt};

fn paid(cents: impl Stream<Item = u32>) -> impl Stream<Item = u32> {
    cents.filter(|cents| *cents > 0)
}
