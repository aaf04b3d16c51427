//! Shows zero stars where no rating is known.
//~ fails with: rating: Some(0)
let rating = async { Ok(services.rating().await.unwrap_or(0)) };
let (stock, cents, rating) = tokio::try_join!(services.stock(), services.price(), rating)?;
Ok(Page { stock, cents, rating: Some(rating) })
