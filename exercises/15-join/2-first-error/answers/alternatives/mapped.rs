//! Maps the future of the rating instead of writing an async block.
use futures::FutureExt;

let rating = services.rating().map(|rating| Ok(rating.ok()));
let (stock, cents, rating) = futures::try_join!(services.stock(), services.price(), rating)?;
Ok(Page { stock, cents, rating })
