//! The log looks right, but the caller is told that the payment was published.
//~ fails with: but it returned Ok("Error: invalid payment amount")

        OutboxEvent::Payment(cents) if *cents <= 0 => Ok("Error: invalid payment amount".to_owned()),
        OutboxEvent::Payment(cents) => {
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
