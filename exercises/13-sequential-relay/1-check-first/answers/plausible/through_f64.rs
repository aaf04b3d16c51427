//! The chapter's wrong version: makes an `f64` of the amount, and loses a cent.
//~ fails with: a payment of 29 cents is valid, so publish must return Ok("payment of 29 cents processed"), but it returned Ok("payment of 28 cents processed")

        OutboxEvent::Payment(cents) => {
            let dollars = *cents as f64 / 100.0;
            if dollars <= 0.0 {
                return Err("invalid payment amount");
            }
            sleep(Duration::from_millis(800)).await;
            Ok(format!("payment of {} cents processed", (dollars * 100.0) as i64))
        }
