//! Asks again when the request is dropped, and never learns that there is no such file.
//~ fails with: at 330 ms caller 3 was expected to log "no answer for gone.txt", but never did

//~ region as solved
//~ region as solved
//~ region
        loop {
            let (answer, answered) = oneshot::channel();
            self.requests.send(Request { file: file.to_owned(), answer }).await.ok()?;
            if let Ok(size) = answered.await {
                return Some(size);
            }
        }
