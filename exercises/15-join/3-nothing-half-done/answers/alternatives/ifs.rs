//! Two questions instead of four cases.
let (reserved, charged) = tokio::join!(shop.reserve(), shop.charge());
if reserved.is_err() && charged.is_ok() {
    shop.pay_back().await;
}
if charged.is_err() && reserved.is_ok() {
    shop.release().await;
}
match reserved.and(charged) {
    Ok(()) => Told::Bought,
    Err(told) => told,
}
