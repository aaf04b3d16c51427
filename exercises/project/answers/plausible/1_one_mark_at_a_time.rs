//! Marks one event after another. Each waits for the marks before it.
//~ fails with: it has waited for other marks
//~ in relay.rs
//~ instead of
                    outbox.mark_sent(event.id).await;
                    Outcome::Sent
//~ write
                    static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
                    let _turn = ONE.lock().await;
                    outbox.mark_sent(event.id).await;
                    Outcome::Sent
