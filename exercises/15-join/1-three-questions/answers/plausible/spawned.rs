//! Three tasks ask at once, and go on when the page is dropped.
//~ fails with: at 230 ms stock logged "answers", which was not expected
let (one, other, third) = (services.clone(), services.clone(), services.clone());
let [first, second, last] = [product.to_owned(), product.to_owned(), product.to_owned()];
let stock = tokio::spawn(async move { one.stock(&first).await });
let price = tokio::spawn(async move { other.price(&second).await });
let rating = tokio::spawn(async move { third.rating(&last).await });
let (stock, cents, rating) = tokio::join!(stock, price, rating);
Page { stock: stock.unwrap(), cents: cents.unwrap(), rating: rating.unwrap() }
