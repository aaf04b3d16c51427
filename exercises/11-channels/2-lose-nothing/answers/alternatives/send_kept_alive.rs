//! The timeout borrows the future of `send`, so it drops nothing when time is up. The error gives the event back.
while let Some(event) = events.pop_front() {
    let name = event.clone();
    let mut sending = Box::pin(tx.send(event));
    let sent = loop {
        match timeout(PATIENCE, &mut sending).await {
            Ok(sent) => break sent,
            Err(_elapsed) => journal.log("producer", "waits for a free slot"),
        }
    };
    match sent {
        Ok(()) => journal.log("producer", format_args!("sent {name}")),
        Err(closed) => {
            events.push_front(closed.0);
            return events;
        }
    }
}
events
