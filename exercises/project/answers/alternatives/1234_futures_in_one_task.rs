//! Futures in one task instead of a task for each event. They make progress only while they are polled, which is soon enough.
//~ in relay.rs
//~ instead of
use futures::FutureExt;
use tokio::task::JoinSet;
//~ write
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
//~ instead of
        tasks: JoinSet::new(),
//~ write
        tasks: FuturesUnordered::new(),
//~ instead of
    tasks: JoinSet<Done>,
//~ write
    tasks: FuturesUnordered<BoxFuture<'static, Done>>,
//~ instead of
                Some(done) = self.tasks.join_next() => self.take(done.expect("a task catches panics")),
//~ write
                Some(done) = self.tasks.next() => self.take(done),
//~ instead of
            while let Some(done) = self.tasks.try_join_next() {
                self.take(done.expect("a task catches panics"));
            }
//~ write
            while let Some(done) = self.tasks.next().now_or_never().flatten() {
                self.take(done);
            }
//~ instead of
        self.tasks.spawn(async move {
//~ write
        let publishing = async move {
//~ instead of
            Done { key: event.key, outcome }
        });
//~ write
            Done { key: event.key, outcome }
        };
        self.tasks.push(Box::pin(publishing));
//~ instead of
        while let Some(done) = self.tasks.join_next().await {
            self.take(done.expect("a task catches panics"));
        }
//~ write
        while let Some(done) = self.tasks.next().await {
            self.take(done);
        }
