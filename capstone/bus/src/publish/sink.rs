//! [`PublishSink`]: a publisher as a sink, for whoever has a stream of payloads.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Sink;

use crate::mailbox::offer::Patience;
use crate::publish::offered::Settle;
use crate::{PublishError, Publisher, Receipt};

/// Publishes what it is sent, one message after another; made by [`Publisher::into_sink`].
///
/// A payload is offered to every mailbox when it is sent, and the sink is ready for the next one when the full mailboxes
/// that block have it, or have dropped it: so a slow subscriber slows the stream down.
///
/// ```
/// use capstone_bus::{Bus, Topic};
/// use futures::{SinkExt, StreamExt, stream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::new();
/// let mut lines = bus.subscribe("lines")?;
///
/// let mut sink = bus.publisher(Topic::new("lines")?).into_sink();
/// sink.send_all(&mut stream::iter(["a", "b"]).map(|line| Ok(line.into()))).await?;
/// sink.receipt().all_enqueued()?;
///
/// assert_eq!(lines.recv().await.unwrap().payload, "a");
/// assert_eq!(lines.recv().await.unwrap().payload, "b");
/// # Ok(())
/// # }
/// ```
///
/// # Dropping
///
/// What still waits in front of a full mailbox counts as dropped there. Flushing or closing waits for it.
#[must_use = "sinks do nothing unless polled"]
pub struct PublishSink {
    publisher: Publisher,
    settling: Option<Settle>,
    receipt: Receipt,
}

impl Publisher {
    /// A sink of payloads on this topic, without headers.
    pub fn into_sink(self) -> PublishSink {
        PublishSink { publisher: self, settling: None, receipt: Receipt::default() }
    }
}

impl PublishSink {
    /// What has become of everything that was flushed, together.
    pub fn receipt(&self) -> Receipt {
        self.receipt
    }
}

impl Sink<Bytes> for PublishSink {
    type Error = PublishError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        let this = self.get_mut();
        if let Some(settle) = &mut this.settling {
            let settled = ready!(Pin::new(settle).poll(cx));
            this.settling = None;
            this.receipt.add(settled);
        }
        Poll::Ready(Ok(()))
    }

    /// # Panics
    ///
    /// Before it is ready.
    fn start_send(self: Pin<&mut Self>, payload: Bytes) -> Result<(), PublishError> {
        let this = self.get_mut();
        assert!(this.settling.is_none(), "sent to before it was ready");
        this.settling = Some(this.publisher.offer_new(payload, Patience::Wait)?.settle());
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        self.poll_ready(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        self.poll_ready(cx)
    }
}

impl fmt::Debug for PublishSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishSink").field("publisher", &self.publisher).finish_non_exhaustive()
    }
}
