//! Futures that are made first begin at `join!`, all of them.
let stock = services.stock(product);
let price = services.price(product);
let rating = services.rating(product);
let (stock, cents, rating) = tokio::join!(stock, price, rating);
Page { stock, cents, rating }
