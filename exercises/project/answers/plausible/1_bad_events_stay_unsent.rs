//! Reports a bad event and leaves it in the outbox, where the next query finds it again.
//~ fails with: `run` did not return within an hour of virtual time
//~ in relay.rs
//~ instead of
                    outbox.mark_failed(event.id, &reason).await;
//~ write
                    eprintln!("event {} failed: {reason}", event.id);
