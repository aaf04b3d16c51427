//! Waits for a slot first. A send into it cannot fail; if the service ends, the request is dropped.

//~ region as solved
//~ region as solved
//~ region
        let (answer, answered) = oneshot::channel();
        let slot = self.requests.reserve().await.ok()?;
        slot.send(Request { file: file.to_owned(), answer });
        answered.await.ok()
