//! Polls the two futures itself, the token first.
use std::task::Poll;
let mut stopped = std::pin::pin!(stop.cancelled());
loop {
    let next = std::future::poll_fn(|cx| match stopped.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => events.poll_recv(cx),
    });
    let Some(event) = next.await else { break };
    broker.publish(event).await;
}
