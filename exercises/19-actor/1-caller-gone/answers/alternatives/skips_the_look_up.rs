//! Does not look up what nobody waits for, and still goes by what `send` returns.
        if answer.is_closed() || answer.send(look_up(article).await).is_err() {
            journal.log("prices", format_args!("nobody waits: {article}"));
        } else {
            journal.log("prices", format_args!("answered: {article}"));
        }
