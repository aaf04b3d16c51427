//! A pattern can hold a range.

        OutboxEvent::Payment(..=0) => Err("invalid payment amount"),
        OutboxEvent::Payment(cents) => {
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
