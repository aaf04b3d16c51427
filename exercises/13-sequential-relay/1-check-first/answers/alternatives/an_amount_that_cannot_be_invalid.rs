//! A type for what has been checked.

        OutboxEvent::Payment(cents) => {
            let positive = u64::try_from(*cents).ok().and_then(std::num::NonZero::new);
            let cents = positive.ok_or("invalid payment amount")?;
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
