//! Undoes the other call at once. It may not have been done yet, and it may fail as well.
//~ fails with: actual:   the customer was told SoldOut; lamps reserved: 0, payments charged: -1
match tokio::try_join!(shop.reserve(), shop.charge()) {
    Ok(((), ())) => Told::Bought,
    Err(Told::SoldOut) => {
        shop.pay_back().await;
        Told::SoldOut
    }
    Err(told) => {
        shop.release().await;
        told
    }
}
