//! The macro of the crate `futures` does the same.
let (stock, cents, rating) =
    futures::join!(services.stock(product), services.price(product), services.rating(product));
Page { stock, cents, rating }
