//! Moves the panic into a task of its own. The actor survives, but nothing is logged about a caller that has gone.
//~ fails with: left: ["answered: chair", "answered: lamp", "answered: chair"
        let price = look_up(article).await;
        let journal = journal.clone();
        tokio::spawn(async move {
            answer.send(price).expect("the caller waits for the answer");
            journal.log("prices", format_args!("answered: {article}"));
        });
