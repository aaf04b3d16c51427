//! Drops what does not fit, and tells only the publisher.
//~ fails with: what the slow and the quick subscriber have missed
//~ in bus.rs
//~ instead of
                subscriber.missed.fetch_add(1, Ordering::Relaxed);
//~ write
