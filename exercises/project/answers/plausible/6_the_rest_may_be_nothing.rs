//! Takes `>` for any number of words, and none is a number too.
//~ fails with: the pattern "orders.>" does not match the topic "orders", and the receipt says (left)
//~ in bus.rs
//~ instead of
            (">", Some(_)) => return true,
//~ write
            (">", _) => return true,
