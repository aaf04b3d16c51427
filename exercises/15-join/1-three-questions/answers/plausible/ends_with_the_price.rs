//! Asks all three, waits only for the price, and takes 0 for what is not there yet.
//~ fails with: page was expected to log "is ready" at 290 ms, but did so at 70 ms
let (mut stock, mut rating) = (0, 0);
let others = async {
    tokio::join!(
        async { stock = services.stock(product).await },
        async { rating = services.rating(product).await },
    );
    std::future::pending::<u32>().await
};
let cents = tokio::select! {
    cents = services.price(product) => cents,
    never = others => never,
};
Page { stock, cents, rating }
