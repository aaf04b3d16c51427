//! Both begin when they are spawned, so they may be awaited one after another.
let (warehouse, bank) = (shop.clone(), shop.clone());
let reserving = tokio::spawn(async move { warehouse.reserve().await });
let charging = tokio::spawn(async move { bank.charge().await });
let reserved = reserving.await.expect("it does not panic");
let charged = charging.await.expect("it does not panic");
match (reserved, charged) {
    (Ok(()), Ok(())) => Told::Bought,
    (Ok(()), Err(told)) => {
        shop.release().await;
        told
    }
    (Err(told), Ok(())) => {
        shop.pay_back().await;
        told
    }
    (Err(told), Err(_)) => told,
}
