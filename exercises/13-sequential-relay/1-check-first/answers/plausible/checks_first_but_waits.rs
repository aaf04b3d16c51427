//! Checks before the work, and does the work all the same.
//~ fails with: was expected to log "Error: invalid payment amount" at 1600 ms, but did so at 2400 ms: 800 ms too late

        OutboxEvent::Payment(cents) => {
            let valid = *cents > 0;
            sleep(Duration::from_millis(800)).await;
            if !valid {
                return Err("invalid payment amount");
            }
            Ok(format!("payment of {cents} cents processed"))
        }
