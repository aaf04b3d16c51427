//! `select!` drops the future of `send` as `timeout` does, and the event with it.
//~ fails with: order 2 is lost: it was neither sent nor returned
while let Some(event) = events.pop_front() {
    let name = event.clone();
    tokio::select! {
        sent = tx.send(event) => match sent {
            Ok(()) => journal.log("producer", format_args!("sent {name}")),
            Err(closed) => {
                events.push_front(closed.0);
                return events;
            }
        },
        () = sleep(PATIENCE) => journal.log("producer", "waits for a free slot"),
    }
}
events
