//! Changes the error, which the log has and readers of the log look for.
//~ fails with: but it returned Err("the amount must be positive")

        OutboxEvent::Payment(cents) if *cents <= 0 => Err("the amount must be positive"),
        OutboxEvent::Payment(cents) => {
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
