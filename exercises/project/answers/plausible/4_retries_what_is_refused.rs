//! Retries whatever failed. What is refused for good stays refused.
//~ fails with: event 7 was tried 3 times, and it was refused for good the first time
//~ in relay.rs
//~ instead of
                Some(Ok(Err(PublishError::Transient(_)))) if attempts < attempts_max => {
//~ write
                Some(Ok(Err(_))) if attempts < attempts_max => {
