//! `join_all` takes a list, whose futures must have one type: they are boxed.
use futures::FutureExt;

let questions =
    [services.stock(product).boxed(), services.price(product).boxed(), services.rating(product).boxed()];
let answers = futures::future::join_all(questions).await;
Page { stock: answers[0], cents: answers[1], rating: answers[2] }
