//! Takes `orders.*` for everything that begins with `orders.`.
//~ fails with: the pattern "orders.*" does not match the topic "orders.eu.created", and the receipt says (left)
//~ in bus.rs
//~ instead of
            ("*", Some(_)) => {}
//~ write
            ("*", Some(_)) if pattern.last().is_some_and(|last| last == "*") => return true,
            ("*", Some(_)) => {}
