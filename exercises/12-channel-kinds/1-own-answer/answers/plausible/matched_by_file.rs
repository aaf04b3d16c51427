//! Waits for the answer that names its file. Each client keeps the channel of the answers open, so a caller
//! never learns that the service is gone.
//~ fails with: at 50 ms caller 1 was expected to log "no answer for report.pdf", but never did

//~ region
/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    requests: mpsc::Sender<String>,
    answers: broadcast::Sender<(String, Option<u64>)>,
}
//~ region
    let (requests, mut rx) = mpsc::channel::<String>(3);
    let answers = broadcast::Sender::new(16);
    let client = Client { requests, answers: answers.clone() };
    let service = tokio::spawn(async move {
        while let Some(file) = rx.recv().await {
            let size = disk.size_of(&file).await;
            answers.send((file, size)).ok();
        }
    });
    (service, client)
//~ region
        let mut answers = self.answers.subscribe();
        self.requests.send(file.to_owned()).await.ok()?;
        loop {
            let (name, size) = answers.recv().await.ok()?;
            if name == file {
                return size;
            }
        }
