//! Checks that the caller is still there, and then takes 100 ms in which it may leave.
//~ fails with: client 2 asks for the chair at 20 ms: expected "chair: $40", but it gets no answer
        if answer.is_closed() {
            journal.log("prices", format_args!("nobody waits: {article}"));
            continue;
        }
        let price = look_up(article).await;
        answer.send(price).expect("the caller waits for the answer");
        journal.log("prices", format_args!("answered: {article}"));
