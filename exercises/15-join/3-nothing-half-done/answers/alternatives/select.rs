//! Takes the first outcome, then awaits the other one in any case.
use std::pin::pin;

let (mut reserving, mut charging) = (pin!(shop.reserve()), pin!(shop.charge()));
let (reserved, charged) = tokio::select! {
    reserved = &mut reserving => (reserved, charging.await),
    charged = &mut charging => (reserving.await, charged),
};
if reserved.is_ok() != charged.is_ok() {
    match reserved {
        Ok(()) => shop.release().await,
        Err(_) => shop.pay_back().await,
    }
}
reserved.and(charged).map_or_else(|told| told, |()| Told::Bought)
