//! Exercise 12.1: a request that carries the way back.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// Asks for the size of a file.
#[derive(Debug)]
pub struct Request {
    pub file: String,
    /// Where the size in bytes goes.
    pub answer: oneshot::Sender<u64>,
}

/// Asks the service how large a file is. `None` when there will be no answer.
pub async fn size_of(file: &str, requests: &mpsc::Sender<Request>) -> Option<u64> {
    //~ begin
    let (answer, answered) = oneshot::channel();
    let request = Request { file: file.to_owned(), answer };
    // The first fails when the service has gone, the second when it has dropped the request.
    requests.send(request).await.ok()?;
    answered.await.ok()

    //~ starter
    //~| // TODO: nobody asks the service. Send it a request, and wait for the answer.
    //~| None
    //~ end
}

/// Answers one request after another, 100 ms each. A file that it does not know gets no answer: its request is
/// dropped. Do not change it.
pub async fn service(mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.recv().await {
        sleep(Duration::from_millis(100)).await;
        let size = match request.file.as_str() {
            "cat.png" => 2048,
            "report.pdf" => 512,
            _ => continue,
        };
        request.answer.send(size).ok(); // whoever asked may have gone
    }
}
