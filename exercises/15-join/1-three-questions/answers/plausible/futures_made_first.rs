//! Makes the three futures first, as one would start three promises. They begin when they are awaited, one after another.
//~ fails with: price was expected to log "is asked for the lamp" at 0 ms, but did so at 230 ms
let stock = services.stock(product);
let price = services.price(product);
let rating = services.rating(product);
Page { stock: stock.await, cents: price.await, rating: rating.await }
