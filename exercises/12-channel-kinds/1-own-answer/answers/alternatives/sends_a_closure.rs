//! The way back is a closure that owns the sender, as in the capstone.

//~ region
/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<Request>,
}

/// Asks for the size of a file.
struct Request {
    file: String,
    answer: Box<dyn FnOnce(u64) + Send>,
}
//~ region
    let (requests, mut rx) = mpsc::channel(3);
    let service = tokio::spawn(async move {
        while let Some(Request { file, answer }) = rx.recv().await {
            if let Some(size) = disk.size_of(&file).await {
                answer(size);
            }
        }
    });
    (service, Client { requests })
//~ region
        let (tx, answered) = oneshot::channel();
        let answer = Box::new(move |size| {
            tx.send(size).ok();
        });
        let request = Request { file: file.to_owned(), answer };
        // The first fails when the service is gone, the second when it drops the request.
        self.requests.send(request).await.ok()?;
        answered.await.ok()
