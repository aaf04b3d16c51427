//! Changes the text of the error, which people search the log for.
//~ fails with: but it returned Err("the amount must be positive")

        OutboxEvent::Payment(cents) if *cents <= 0 => Err("the amount must be positive"),
        OutboxEvent::Payment(cents) => {
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
