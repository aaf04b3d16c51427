//! Joins two of them, and asks the third one afterwards.
//~ fails with: rating was expected to log "is asked for the lamp" at 0 ms, but did so at 370 ms
let (stock, cents) = tokio::join!(services.stock(product), services.price(product));
let rating = services.rating(product).await;
Page { stock, cents, rating }
