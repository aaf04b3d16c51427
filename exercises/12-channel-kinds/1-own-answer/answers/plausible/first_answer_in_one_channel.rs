//! The chapter's mistake with another channel: callers share one, and each takes the first answer in it.
//! It works as long as nobody gives up.
//~ fails with: at 250 ms caller 2 logged "cat.png has 512 bytes", which was not expected

//~ region
use std::sync::Arc;

use tokio::sync::Mutex;

/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<String>,
    answers: Arc<Mutex<mpsc::Receiver<Option<u64>>>>,
}
//~ region
    let (requests, mut rx) = mpsc::channel::<String>(3);
    let (tx, answers) = mpsc::channel(3);
    let service = tokio::spawn(async move {
        while let Some(file) = rx.recv().await {
            tx.send(disk.size_of(&file).await).await.ok();
        }
    });
    (service, Client { requests, answers: Arc::new(Mutex::new(answers)) })
//~ region
        self.requests.send(file.to_owned()).await.ok()?;
        self.answers.lock().await.recv().await?
