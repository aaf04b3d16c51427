//! Rests on the thread that compressed.
let mut sizes = Vec::new();
for upload in uploads {
    let library = library.clone();
    let working = tokio::task::spawn_blocking(move || {
        let size = library.compress(upload);
        thread::sleep(rest);
        size
    });
    sizes.push(working.await.expect("compress does not panic"));
}
sizes
