//! The whole loop blocks one thread that may be blocked, and rests there too.
let compressing = tokio::task::spawn_blocking(move || {
    let mut sizes = Vec::new();
    for upload in uploads {
        sizes.push(library.compress(upload));
        thread::sleep(rest);
    }
    sizes
});
compressing.await.expect("compress does not panic")
