//! Without tasks: it takes the next row when fewer than three are being published.
use futures::StreamExt;

futures::stream::iter(outbox).for_each_concurrent(AT_ONCE, |row| broker.publish(row)).await;
