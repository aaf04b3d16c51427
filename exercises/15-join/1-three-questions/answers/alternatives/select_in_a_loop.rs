//! Takes the answers as they come, until all three are there.
let mut stock = std::pin::pin!(services.stock(product));
let mut price = std::pin::pin!(services.price(product));
let mut rating = std::pin::pin!(services.rating(product));
let (mut in_stock, mut cents, mut stars) = (None, None, None);
loop {
    if let (Some(stock), Some(cents), Some(rating)) = (in_stock, cents, stars) {
        return Page { stock, cents, rating };
    }
    tokio::select! {
        answer = &mut stock, if in_stock.is_none() => in_stock = Some(answer),
        answer = &mut price, if cents.is_none() => cents = Some(answer),
        answer = &mut rating, if stars.is_none() => stars = Some(answer),
    }
}
