//! The branch of the rating is always `Ok`, with the service's `Result` inside.
let rating = async { Ok::<_, Refused>(services.rating().await) };
let (stock, cents, rating) = tokio::try_join!(services.stock(), services.price(), rating)?;
Ok(Page { stock, cents, rating: rating.ok() })
