//! A send that fails drops the request, so the second line returns `None` for both.

//~ region as solved
//~ region as solved
//~ region
        let (answer, answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        drop(self.requests.send(request).await);
        answered.await.ok()
