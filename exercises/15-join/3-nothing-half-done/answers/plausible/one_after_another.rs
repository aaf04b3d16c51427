//! Charges only when a lamp is reserved. That is safe, and each order takes the sum of the two.
//~ fails with: bank was expected to log "charges the card" at 210 ms, but did so at 340 ms
if let Err(told) = shop.reserve().await {
    return told;
}
if let Err(told) = shop.charge().await {
    shop.release().await;
    return told;
}
Told::Bought
