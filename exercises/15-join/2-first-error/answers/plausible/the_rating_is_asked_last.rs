//! Asks for the rating when the page is certain, and takes the sum.
//~ fails with: rating was expected to log "is asked" at 0 ms, but did so at 130 ms
let (stock, cents) = tokio::try_join!(services.stock(), services.price())?;
Ok(Page { stock, cents, rating: services.rating().await.ok() })
