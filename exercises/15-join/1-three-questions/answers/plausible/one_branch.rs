//! One branch, in which the questions are asked one after another. A `join!` of one branch joins nothing.
//~ fails with: price was expected to log "is asked for the lamp" at 0 ms, but did so at 230 ms
let all = async {
    let stock = services.stock(product).await;
    (stock, services.price(product).await, services.rating(product).await)
};
let ((stock, cents, rating),) = tokio::join!(all);
Page { stock, cents, rating }
