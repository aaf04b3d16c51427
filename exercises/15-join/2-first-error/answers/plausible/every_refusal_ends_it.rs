//! `try_join!` takes the refusal of the rating for an error.
//~ fails with: so only the rating must be missing
let (stock, cents, rating) = tokio::try_join!(services.stock(), services.price(), services.rating())?;
Ok(Page { stock, cents, rating: Some(rating) })
