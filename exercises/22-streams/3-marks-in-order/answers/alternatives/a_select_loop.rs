//! A `select!` over the writes and the mark that is being made. What is not marked yet is in a queue of eight.
use std::collections::VecDeque;

let mut receipts = ReceiverStream::new(orders).map(|order| broker.write(order)).buffered(3);
let (mut unmarked, mut mark, mut open) = (VecDeque::new(), None, true);
while open || mark.is_some() || !unmarked.is_empty() {
    if mark.is_none()
        && let Some(receipt) = unmarked.pop_front()
    {
        mark = Some(Box::pin(outbox.mark(receipt)));
    }
    // Both are cancel safe: the writes are in `receipts`, and the mark is polled by reference.
    tokio::select! {
        receipt = receipts.next(), if open && unmarked.len() < 8 => match receipt {
            Some(receipt) => unmarked.push_back(receipt),
            None => open = false,
        },
        () = async { mark.as_mut().unwrap().await }, if mark.is_some() => mark = None,
    }
}
