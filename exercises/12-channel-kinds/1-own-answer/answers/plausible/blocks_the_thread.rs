//! Blocks the thread that the service needs. Tokio does not allow that in a task.
//~ fails with: Cannot block the current thread from within a runtime

//~ region as solved
//~ region as solved
//~ region
        let (answer, answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        self.requests.send(request).await.ok()?;
        answered.blocking_recv().ok()
