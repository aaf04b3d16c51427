//! `closed` completes when the caller hangs up, so the actor is free again at once.
        let mut answer = answer;
        tokio::select! {
            biased;
            () = answer.closed() => journal.log("prices", format_args!("nobody waits: {article}")),
            price = look_up(article) => {
                let said = if answer.send(price).is_ok() { "answered" } else { "nobody waits" };
                journal.log("prices", format_args!("{said}: {article}"));
            }
        }
