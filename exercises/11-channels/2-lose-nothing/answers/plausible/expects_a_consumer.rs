//! Takes it for certain that the receiver stays.
//~ fails with: the consumer outlives its senders: SendError
while !events.is_empty() {
    match timeout(PATIENCE, tx.reserve()).await {
        Ok(permit) => {
            let event = events.pop_front().expect("the queue is not empty");
            journal.log("producer", format_args!("sent {event}"));
            permit.expect("the consumer outlives its senders").send(event);
        }
        Err(_elapsed) => journal.log("producer", "waits for a free slot"),
    }
}
events
