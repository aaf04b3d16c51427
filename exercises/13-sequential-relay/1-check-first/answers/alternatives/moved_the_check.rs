//! The same `if`, above the wait.

        OutboxEvent::Payment(cents) => {
            if *cents <= 0 {
                return Err("invalid payment amount");
            }
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
