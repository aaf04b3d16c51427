//! Carries on, but does not log that nobody was waiting.
//~ fails with: left: ["answered: chair", "answered: lamp", "answered: chair"
        let price = look_up(article).await;
        if answer.send(price).is_ok() {
            journal.log("prices", format_args!("answered: {article}"));
        }
