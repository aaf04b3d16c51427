//! Goes around the service, so requests are no longer handled one after another.
//~ fails with: caller 3 was expected to log "no answer for gone.txt" at 330 ms, but did so at 90 ms: 240 ms too early

//~ region
use std::sync::Arc;

/// A handle to the service. Clones ask the same service.
#[derive(Clone)]
pub struct Client {
    disk: Arc<Disk>,
    _requests: mpsc::Sender<()>,
}
//~ region
    let (tx, mut rx) = mpsc::channel(3);
    let service = tokio::spawn(async move { while rx.recv().await.is_some() {} });
    (service, Client { disk: Arc::new(disk), _requests: tx })
//~ region
        self.disk.size_of(file).await
