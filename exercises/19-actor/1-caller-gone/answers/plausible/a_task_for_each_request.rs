//! Handles each request in a task of its own, so several are handled at the same time.
//~ fails with: prices was expected to log "answered: chair" at 200 ms, but did so at 110 ms: 90 ms too early
        let journal = journal.clone();
        tokio::spawn(async move {
            let price = look_up(article).await;
            match answer.send(price) {
                Ok(()) => journal.log("prices", format_args!("answered: {article}")),
                Err(_price) => journal.log("prices", format_args!("nobody waits: {article}")),
            }
        });
