//! Reports a file that does not exist as an empty one.
//~ fails with: at 330 ms caller 3 was expected to log "no answer for gone.txt", but logged "gone.txt has 0 bytes"

//~ region as solved
//~ region as solved
//~ region
        let (answer, answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        self.requests.send(request).await.ok()?;
        Some(answered.await.unwrap_or_default())
