//! Only the stock and the price are given up early. A refusal waits for the rating.
//~ fails with: customer was expected to log "is refused" at 130 ms, but did so at 290 ms
let needed = async { tokio::try_join!(services.stock(), services.price()) };
let (needed, rating) = tokio::join!(needed, services.rating());
let (stock, cents) = needed?;
Ok(Page { stock, cents, rating: rating.ok() })
