//! Marks an event and then publishes it. A kill in between loses it.
//~ fails with: is marked as sent, and the broker has not confirmed it: your program was killed, and it is lost
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
