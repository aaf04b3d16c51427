//! The chapter's `try_join!` of handles: it ends early at a panic, and not at a refusal.
//~ fails with: customer was expected to log "is refused" at 130 ms, but did so at 370 ms
let [one, other, third] = [services.clone(), services.clone(), services.clone()];
let stock = tokio::spawn(async move { one.stock().await });
let price = tokio::spawn(async move { other.price().await });
let rating = tokio::spawn(async move { third.rating().await });
let (stock, cents, rating) = tokio::try_join!(stock, price, rating).expect("no question panics");
Ok(Page { stock: stock?, cents: cents?, rating: rating.ok() })
