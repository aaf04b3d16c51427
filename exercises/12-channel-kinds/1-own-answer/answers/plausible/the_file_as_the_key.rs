//! Keeps the callers by the name of their file. When two ask about the same file, the second takes the place of the first.
//~ fails with: caller 1 was told something else
//~ region
use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

/// Where the answers go. It ends with the service.
type Waiting = Mutex<HashMap<String, oneshot::Sender<u64>>>;

/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<String>,
    waiting: Weak<Waiting>,
}
//~ region
    let (requests, mut rx) = mpsc::channel::<String>(3);
    let waiting = Arc::new(Waiting::default());
    let client = Client { requests, waiting: Arc::downgrade(&waiting) };
    let service = tokio::spawn(async move {
        while let Some(file) = rx.recv().await {
            let size = disk.size_of(&file).await;
            let answer = waiting.lock().expect("nothing panics under this lock").remove(&file);
            if let (Some(size), Some(answer)) = (size, answer) {
                answer.send(size).ok();
            }
        }
    });
    (service, client)
//~ region
        let (answer, answered) = oneshot::channel();
        self.waiting.upgrade()?.lock().expect("nothing panics under this lock").insert(file.to_owned(), answer);
        self.requests.send(file.to_owned()).await.ok()?;
        answered.await.ok()
