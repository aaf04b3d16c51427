//! All is right but the end: the question for the rating goes on when nobody needs it any more.
//~ fails with: at 290 ms rating logged "answers", which was not expected
let asked = services.clone();
let rating = tokio::spawn(async move { asked.rating().await });
let (stock, cents) = tokio::try_join!(services.stock(), services.price())?;
Ok(Page { stock, cents, rating: rating.await.expect("no question panics").ok() })
