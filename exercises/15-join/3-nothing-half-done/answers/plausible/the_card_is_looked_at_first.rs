//! When both fail, this says that the card was refused. The customer would try another card.
//~ fails with: actual:   the customer was told CardRefused; lamps reserved: 0, payments charged: 0
match tokio::join!(shop.reserve(), shop.charge()) {
    (Ok(()), Ok(())) => Told::Bought,
    (Err(told), Ok(())) => {
        shop.pay_back().await;
        told
    }
    (Ok(()), Err(told)) => {
        shop.release().await;
        told
    }
    (Err(_), Err(told)) => told,
}
