//! Every caller sees every answer, and takes the one with its own number. The clients hold no sender of answers, so they learn
//! when the service is gone.

//~ region
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<Request>,
    answers: Arc<broadcast::Receiver<(u64, Option<u64>)>>,
    next: Arc<AtomicU64>,
}

/// Asks for the size of a file.
struct Request {
    number: u64,
    file: String,
}
//~ region
    let (requests, mut rx) = mpsc::channel::<Request>(3);
    let (tx, answers) = broadcast::channel(16);
    let service = tokio::spawn(async move {
        while let Some(Request { number, file }) = rx.recv().await {
            tx.send((number, disk.size_of(&file).await)).ok();
        }
    });
    (service, Client { requests, answers: Arc::new(answers), next: Arc::default() })
//~ region
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.resubscribe();
        self.requests.send(Request { number, file: file.to_owned() }).await.ok()?;
        loop {
            let (answered, size) = answers.recv().await.ok()?;
            if answered == number {
                return size;
            }
        }
