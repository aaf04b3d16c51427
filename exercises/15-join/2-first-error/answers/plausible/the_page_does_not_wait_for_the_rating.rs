//! Takes the rating only if it is there before the stock and the price.
//~ fails with: actual:   Ok(Page { stock: 7, cents: 1250, rating: None })
let needed = async { tokio::try_join!(services.stock(), services.price()) };
let mut needed = std::pin::pin!(needed);
let mut stars = None;
let (stock, cents) = tokio::select! {
    needed = &mut needed => needed?,
    rating = services.rating() => {
        stars = rating.ok();
        needed.await?
    }
};
Ok(Page { stock, cents, rating: stars })
