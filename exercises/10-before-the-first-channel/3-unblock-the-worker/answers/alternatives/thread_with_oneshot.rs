//! A thread for each upload. The task awaits its answer, not the thread.
let mut sizes = Vec::new();
for upload in uploads {
    let library = library.clone();
    let (answer, answered) = tokio::sync::oneshot::channel();
    thread::spawn(move || answer.send(library.compress(upload)));
    sizes.push(answered.await.expect("compress does not panic"));
    tokio::time::sleep(rest).await;
}
sizes
