//! Answers every request, also one for a file that does not exist.

//~ region
/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<Request>,
}

/// Asks for the size of a file.
struct Request {
    file: String,
    answer: oneshot::Sender<Option<u64>>,
}
//~ region
    let (requests, mut rx) = mpsc::channel(3);
    let service = tokio::spawn(async move {
        while let Some(Request { file, answer }) = rx.recv().await {
            answer.send(disk.size_of(&file).await).ok();
        }
    });
    (service, Client { requests })
//~ region
        let (answer, answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        self.requests.send(request).await.ok()?;
        answered.await.ok()?
