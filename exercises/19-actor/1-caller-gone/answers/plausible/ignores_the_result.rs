//! Carries on, but logs that a caller was answered although it has gone.
//~ fails with: left: ["answered: lamp", "answered: chair", "answered: desk"
        let price = look_up(article).await;
        answer.send(price).ok();
        journal.log("prices", format_args!("answered: {article}"));
