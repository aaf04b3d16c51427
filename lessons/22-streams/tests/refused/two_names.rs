//! Does not compile: two imports of one name.

// ANCHOR: two-names
use futures::StreamExt;
use tokio_stream::StreamExt; // error[E0252]: the name `StreamExt` is defined multiple times
// ANCHOR_END: two-names
