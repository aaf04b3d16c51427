//! Handles the error first.
        let price = look_up(article).await;
        let Ok(()) = answer.send(price) else {
            journal.log("prices", format_args!("nobody waits: {article}"));
            continue;
        };
        journal.log("prices", format_args!("answered: {article}"));
