//! A stream of publishes, of which at most three have begun.
use futures::StreamExt;

let publishing = futures::stream::iter(outbox.map(|row| broker.publish(row)));
publishing.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
