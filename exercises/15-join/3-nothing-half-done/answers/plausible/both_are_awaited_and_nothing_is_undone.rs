//! Waits for both, and still forgets the one that succeeded.
//~ fails with: actual:   the customer was told SoldOut; lamps reserved: 0, payments charged: 1
match tokio::join!(shop.reserve(), shop.charge()) {
    (Ok(()), Ok(())) => Told::Bought,
    (Err(told), _) | (_, Err(told)) => told,
}
