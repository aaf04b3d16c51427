//! One invalid payment ends the whole relay.
//~ fails with: publish panicked, but it must return a Result

        OutboxEvent::Payment(cents) => {
            assert!(*cents > 0, "invalid payment amount");
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {cents} cents processed"))
        }
