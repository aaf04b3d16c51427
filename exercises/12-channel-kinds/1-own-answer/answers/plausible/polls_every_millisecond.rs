//! Checks for the answer a thousand times a second.
//~ fails with: a task keeps checking for the answer instead of waiting for it

//~ region as solved
//~ region as solved
//~ region
        let (answer, mut answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        self.requests.send(request).await.ok()?;
        loop {
            match answered.try_recv() {
                Ok(size) => return Some(size),
                Err(oneshot::error::TryRecvError::Closed) => return None,
                Err(oneshot::error::TryRecvError::Empty) => sleep(Duration::from_millis(1)).await,
            }
        }
