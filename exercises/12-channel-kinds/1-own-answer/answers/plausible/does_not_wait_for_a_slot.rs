//! When the queue is full, `try_send` fails although the service is there.
//~ fails with: at 95 ms caller 5 logged "no answer for song.mp3", which was not expected

//~ region as solved
//~ region as solved
//~ region
        let (answer, answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        self.requests.try_send(request).ok()?;
        answered.await.ok()
