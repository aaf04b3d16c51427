//! One thread for all uploads sends each size; it rests there, and the channel ends when the last rest is over.
let (sizes_tx, mut sizes_rx) = tokio::sync::mpsc::channel(1);
thread::spawn(move || {
    for upload in uploads {
        sizes_tx.blocking_send(library.compress(upload)).expect("the task receives until the end");
        thread::sleep(rest);
    }
});
let mut sizes = Vec::new();
while let Some(size) = sizes_rx.recv().await {
    sizes.push(size);
}
sizes
