//! An `mpsc` channel of its own for each request costs more than a `oneshot`, and does the same.

//~ region
/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<Request>,
}

/// Asks for the size of a file.
struct Request {
    file: String,
    /// Dropped without an answer, it tells the caller that there will be none.
    answer: mpsc::Sender<u64>,
}
//~ region
    let (requests, mut rx) = mpsc::channel(3);
    let service = tokio::spawn(async move {
        while let Some(Request { file, answer }) = rx.recv().await {
            if let Some(size) = disk.size_of(&file).await {
                answer.send(size).await.ok(); // fails when the caller is gone
            }
        }
    });
    (service, Client { requests })
//~ region
        let (answer, mut answered) = mpsc::channel(1);
        let request = Request { file: file.to_owned(), answer };
        self.requests.send(request).await.ok()?;
        answered.recv().await
