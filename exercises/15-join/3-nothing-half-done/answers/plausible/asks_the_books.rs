//! Returns at the first error with books that are in order. The charge is booked afterwards.
//~ fails with: actual:   the customer was told SoldOut; lamps reserved: 0, payments charged: 1
match tokio::try_join!(shop.reserve(), shop.charge()) {
    Ok(((), ())) => Told::Bought,
    Err(told) => {
        let (lamps, payments) = shop.books();
        if lamps > 0 {
            shop.release().await;
        }
        if payments > 0 {
            shop.pay_back().await;
        }
        told
    }
}
