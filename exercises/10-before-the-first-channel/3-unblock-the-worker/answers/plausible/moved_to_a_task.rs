//! A task of its own runs on the same thread, and blocks it.
//~ fails with: no other task could run while `compress` worked
let mut sizes = Vec::new();
for upload in uploads {
    let library = library.clone();
    let working = tokio::spawn(async move { library.compress(upload) });
    sizes.push(working.await.expect("compress does not panic"));
    tokio::time::sleep(rest).await;
}
sizes
