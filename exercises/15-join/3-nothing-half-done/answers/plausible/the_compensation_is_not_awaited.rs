//! A future that is dropped does nothing: no money comes back.
//~ fails with: actual:   the customer was told CardRefused; lamps reserved: 1, payments charged: 0
match tokio::join!(shop.reserve(), shop.charge()) {
    (Ok(()), Ok(())) => Told::Bought,
    (Ok(()), Err(told)) => {
        drop(shop.release());
        told
    }
    (Err(told), Ok(())) => {
        drop(shop.pay_back());
        told
    }
    (Err(told), Err(_)) => told,
}
