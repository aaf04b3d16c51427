//! Marks an event and then publishes it: what is refused, or killed in between, is lost.
//~ fails with: was marked as sent at 3 ms, and the broker has not answered yet
//~ in relay.rs
//~ instead of
            let publishing = AssertUnwindSafe(broker.publish(&event)).catch_unwind();
//~ write
            outbox.mark_sent(event.id).await;
            let publishing = AssertUnwindSafe(broker.publish(&event)).catch_unwind();
//~ instead of
                    outbox.mark_sent(event.id).await;
                    Outcome::Sent
//~ write
                    Outcome::Sent
