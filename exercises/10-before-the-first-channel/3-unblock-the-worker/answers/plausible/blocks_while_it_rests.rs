//! Compresses on another thread. `thread::sleep` still blocks the thread of the task, as in the chapter.
//~ fails with: the rest blocked the thread that runs the tasks
let mut sizes = Vec::new();
for upload in uploads {
    let library = library.clone();
    let working = tokio::task::spawn_blocking(move || library.compress(upload));
    sizes.push(working.await.expect("compress does not panic"));
    thread::sleep(rest);
}
sizes
