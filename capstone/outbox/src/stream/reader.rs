//! Reads a stream without a trace: no acknowledgement, no redelivery, nothing written.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use capstone_bus::Pattern;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt};
use tokio::time::{Instant, Sleep, sleep};

use super::config::Start;
use super::error::StreamError;
use super::store::{Page, Record, StreamId, StreamStore};
use crate::message::Seq;
use crate::store::StoreError;

/// Rows of one step.
const PAGE_ROWS: usize = 256;
/// How often it looks although nothing hints at news.
const POLL: Duration = Duration::from_secs(1);

/// Reads a stream in order, from its start to its end and then what comes.
///
/// It is also a [`futures::Stream`] that never ends. What it has not read when it is dropped costs nobody anything.
#[must_use]
pub struct Reader {
    store: Arc<dyn StreamStore>,
    stream: StreamId,
    filter: Option<Pattern>,
    from: From,
    read: VecDeque<Record>,
    reading: Option<BoxFuture<'static, Result<Page, StoreError>>>,
    hungry: bool,
    hints: BoxStream<'static, ()>,
    wake: Pin<Box<Sleep>>,
    gap: u64,
}

#[derive(Clone, Copy)]
enum From {
    Start(Start),
    Seq(Seq),
}

impl Reader {
    pub(super) fn new(store: Arc<dyn StreamStore>, stream: StreamId, start: Start) -> Self {
        let hints = Arc::clone(&store).hints();
        Self {
            store,
            stream,
            filter: None,
            from: From::Start(start),
            read: VecDeque::new(),
            reading: None,
            hungry: true,
            hints,
            wake: Box::pin(sleep(POLL)),
            gap: 0,
        }
    }

    /// Only messages whose topic this pattern matches.
    pub fn filter(mut self, filter: Pattern) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Finds its place now, instead of with the first read: what is published from now on is new.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn locate(mut self) -> Result<Self, StreamError> {
        if let From::Start(start) = self.from {
            self.from = From::Seq(self.store.locate(self.stream, start, self.filter.clone()).await?);
        }
        Ok(self)
    }

    /// The next message, as soon as there is one.
    ///
    /// # Errors
    /// Those of the store. The next call tries again.
    ///
    /// # Cancel safety
    /// A message is taken out only in the poll that returns it. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Record, StreamError> {
        poll_fn(|cx| self.poll_record(cx)).await
    }

    /// The next message, or `None` when it has come to the end of the stream.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// That of [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<Record>, StreamError> {
        if self.reading.is_none() {
            self.hungry = true;
        }
        poll_fn(|cx| self.poll_now(cx)).await
    }

    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<Result<Record, StreamError>> {
        loop {
            if let Some(record) = std::task::ready!(self.poll_now(cx))? {
                return Poll::Ready(Ok(record));
            }
            let is_hinted = self.hints.poll_next_unpin(cx).is_ready();
            if !is_hinted && self.wake.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.hungry = true;
        }
    }

    fn poll_now(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Record>, StreamError>> {
        loop {
            if let Some(record) = self.read.pop_front() {
                return Poll::Ready(Ok(Some(record)));
            }
            if self.reading.is_none() && !self.hungry {
                return Poll::Ready(Ok(None));
            }
            let reading = self.reading.get_or_insert_with(|| {
                let (store, stream) = (Arc::clone(&self.store), self.stream);
                Box::pin(read_page(store, stream, self.from, self.filter.clone()))
            });
            let outcome = std::task::ready!(reading.as_mut().poll(cx));
            self.reading = None;
            let page = outcome?;
            self.from = From::Seq(page.next);
            self.hungry = page.more;
            self.wake.as_mut().reset(Instant::now() + POLL);
            self.read.extend(page.records);
            self.gap += page.gap;
            if let Some(first) = self.read.front_mut() {
                first.gap += std::mem::take(&mut self.gap);
            }
        }
    }
}

async fn read_page(
    store: Arc<dyn StreamStore>,
    stream: StreamId,
    from: From,
    filter: Option<Pattern>,
) -> Result<Page, StoreError> {
    let from = match from {
        From::Seq(seq) => seq,
        From::Start(start) => store.locate(stream, start, filter.clone()).await?,
    };
    store.read(stream, from, filter, super::budget(PAGE_ROWS)).await
}

impl futures::Stream for Reader {
    type Item = Result<Record, StreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_record(cx).map(Some)
    }
}
