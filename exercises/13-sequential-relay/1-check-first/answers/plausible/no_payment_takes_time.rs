//! Without the wait, no payment takes any time.
//~ fails with: publish returned after 0 ms, but a valid payment of 1 cents takes 800 ms

        OutboxEvent::Payment(cents) => {
            if *cents <= 0 {
                return Err("invalid payment amount");
            }
            Ok(format!("payment of {cents} cents processed"))
        }
