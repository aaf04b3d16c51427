//! Takes for granted that there is an answer.
//~ fails with: size_of panicked: see the message above

//~ region as solved
//~ region as solved
//~ region
        let (answer, answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        self.requests.send(request).await.expect("the service is there");
        Some(answered.await.expect("the service answers"))
