//! The money comes back, but not before the customer is told so: the task is not awaited.
//~ fails with: actual:   the customer was told SoldOut; lamps reserved: 0, payments charged: 1
match tokio::join!(shop.reserve(), shop.charge()) {
    (Ok(()), Ok(())) => Told::Bought,
    (Ok(()), Err(told)) => {
        let shop = shop.clone();
        tokio::spawn(async move { shop.release().await });
        told
    }
    (Err(told), Ok(())) => {
        let shop = shop.clone();
        tokio::spawn(async move { shop.pay_back().await });
        told
    }
    (Err(told), Err(_)) => told,
}
