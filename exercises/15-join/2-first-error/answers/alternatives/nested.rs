//! The stock and the price are one future, which ends at the first refusal; the rating is beside it.
let needed = async { tokio::try_join!(services.stock(), services.price()) };
let ((stock, cents), rating) = tokio::try_join!(needed, async { Ok(services.rating().await.ok()) })?;
Ok(Page { stock, cents, rating })
