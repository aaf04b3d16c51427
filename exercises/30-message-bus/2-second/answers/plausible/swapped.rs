//! The other order is still one after the other.
//~ fails with: stock was expected to log "answered" at 100 ms
    ask("price", 150, &journal).await;
    ask("stock", 100, &journal).await;
