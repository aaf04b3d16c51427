//! The order is a task of its own, so that it is finished even when the customer leaves.
let shop = shop.clone();
let order = tokio::spawn(async move {
    let (reserved, charged) = tokio::join!(shop.reserve(), shop.charge());
    match (reserved, charged) {
        (Ok(()), Ok(())) => return Told::Bought,
        (Ok(()), Err(_)) => shop.release().await,
        (Err(_), Ok(())) => shop.pay_back().await,
        (Err(_), Err(_)) => {}
    }
    reserved.and(charged).expect_err("one of them has failed")
});
order.await.expect("the order does not panic")
