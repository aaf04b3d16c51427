//! Lets the other tasks run before each compression, but not during it.
//~ fails with: no other task could run while `compress` worked
let mut sizes = Vec::new();
for upload in uploads {
    tokio::task::yield_now().await;
    sizes.push(library.compress(upload));
    tokio::time::sleep(rest).await;
}
sizes
