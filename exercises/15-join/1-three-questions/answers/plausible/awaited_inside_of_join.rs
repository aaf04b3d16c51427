//! `join!` wants futures. What has been awaited is a value.
//~ does not compile: `u32` is not a future
let (stock, cents, rating) = tokio::join!(
    services.stock(product).await,
    services.price(product).await,
    services.rating(product).await,
);
Page { stock, cents, rating }
