//! The chapter's slow version. `?` returns early, and each question waits for the one before.
//~ fails with: price was expected to log "is asked" at 0 ms, but did so at 130 ms
let stock = services.stock().await?;
let cents = services.price().await?;
let rating = services.rating().await.ok();
Ok(Page { stock, cents, rating })
