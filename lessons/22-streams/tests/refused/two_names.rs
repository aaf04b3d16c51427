//! Does not compile: two imports of one name.

use futures::StreamExt;
use tokio_stream::StreamExt; // error[E0252]: the name `StreamExt` is defined multiple times
