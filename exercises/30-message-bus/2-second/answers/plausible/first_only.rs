//! Waits for the first answer only.
//~ fails with: price was expected to log "answered"
    tokio::select! {
        () = ask("stock", 100, &journal) => {}
        () = ask("price", 150, &journal) => {}
    }
