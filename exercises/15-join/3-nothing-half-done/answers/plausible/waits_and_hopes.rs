//! Waits after an error for as long as the bank takes at most, it believes, and pays back.
//~ fails with: lamps reserved: 0, payments charged: -1
match tokio::try_join!(shop.reserve(), shop.charge()) {
    Ok(((), ())) => Told::Bought,
    Err(told) => {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        if shop.books().0 > 0 {
            shop.release().await;
        } else {
            shop.pay_back().await;
        }
        told
    }
}
