//! Does not compile: both traits have a method `map`.

use futures::Stream;

// ANCHOR: ambiguous
use futures::StreamExt as _;
use tokio_stream::StreamExt as _;

fn in_cents(dollars: impl Stream<Item = u32>) -> impl Stream<Item = u32> {
    dollars.map(|dollars| dollars * 100) // error[E0034]: multiple applicable items in scope
}
// ANCHOR_END: ambiguous
