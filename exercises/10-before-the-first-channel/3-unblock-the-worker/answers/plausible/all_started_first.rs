//! Starts every compression before it awaits the first, so they are not compressed one after another.
//~ fails with: one after another
let mut working = Vec::new();
for upload in uploads {
    let library = library.clone();
    working.push(tokio::task::spawn_blocking(move || library.compress(upload)));
}
let mut sizes = Vec::new();
for compressed in working {
    sizes.push(compressed.await.expect("compress does not panic"));
    tokio::time::sleep(rest).await;
}
sizes
