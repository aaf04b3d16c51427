//! Lets a payment of zero cents through.
//~ fails with: a payment of 0 cents is invalid, so publish must return Err("invalid payment amount"), but it returned Ok("payment of 0 cents processed")

        OutboxEvent::Payment(cents) if cents.is_negative() => Err("invalid payment amount"),
        OutboxEvent::Payment(cents) => {
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
