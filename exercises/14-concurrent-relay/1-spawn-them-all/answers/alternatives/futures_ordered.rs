//! `FuturesOrdered` polls all futures at once and returns their values in the order in which they were put in.
use futures::StreamExt;

let publishing = events.into_iter().map(|event| broker.clone().publish(event));
publishing.collect::<futures::stream::FuturesOrdered<_>>().collect().await
