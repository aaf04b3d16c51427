//! The tuple has the order of the branches, and here the price stands first.
//~ fails with: the page must show what the services have answered
let (stock, cents, rating) =
    tokio::join!(services.price(product), services.stock(product), services.rating(product));
Page { stock, cents, rating }
