//! Drops a future in its middle.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Drops the future when it has been pending so often; `Some` when it was ready before.
pub(super) async fn dropped_at<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut pending = 0;
    poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => {
            pending += 1;
            if pending == polls { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}
