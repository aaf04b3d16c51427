//! The check before the work forgets zero; the one after it is still there.
//~ fails with: publish rejected a payment of 0 cents after 800 ms: it must not work on it first

        OutboxEvent::Payment(cents) => {
            if *cents < 0 {
                return Err("invalid payment amount");
            }
            sleep(Duration::from_millis(800)).await;
            if *cents <= 0 {
                return Err("invalid payment amount");
            }
            Ok(format!("payment of {cents} cents processed"))
        }
