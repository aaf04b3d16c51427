//! Without tasks: the uploads are stored in this one, and the next is received when none waits.
use futures::StreamExt;

let mut storing = futures::stream::FuturesUnordered::new();
let (mut used, mut waiting, mut open) = (0, None::<Upload>, true);
while open || waiting.is_some() || !storing.is_empty() {
    if let Some(upload) = waiting
        && used + upload.megabytes.min(MEGABYTES) <= MEGABYTES
    {
        let needs = upload.megabytes.min(MEGABYTES);
        used += needs;
        let storage = &storage;
        storing.push(async move {
            storage.store(upload).await;
            needs
        });
        waiting = None;
    }
    tokio::select! {
        received = uploads.recv(), if open && waiting.is_none() => {
            waiting = received;
            open = received.is_some();
        }
        Some(needs) = storing.next() => used -= needs,
    }
}
