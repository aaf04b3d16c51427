//! Undoes both calls when one has failed, including the one that failed.
//~ fails with: lamps reserved: -1
match tokio::join!(shop.reserve(), shop.charge()) {
    (Ok(()), Ok(())) => Told::Bought,
    (Err(told), _) | (_, Err(told)) => {
        tokio::join!(shop.release(), shop.pay_back());
        told
    }
}
