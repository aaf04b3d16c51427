//! Both branches are values, and one of them waits.

        OutboxEvent::Payment(cents) => match cents {
            1.. => {
                sleep(Duration::from_millis(800)).await;
                Ok(format!("payment of {cents} cents processed"))
            }
            _ => Err("invalid payment amount"),
        },
