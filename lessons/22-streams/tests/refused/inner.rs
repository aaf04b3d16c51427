//! Does not compile: an import inside a function is added to those of the module, and hides none.

use futures::Stream;
use tokio_stream::StreamExt;

fn in_cents(dollars: impl Stream<Item = u32>) -> impl Stream<Item = u32> {
    use futures::StreamExt;
    dollars.map(|dollars| dollars * 100)
}
