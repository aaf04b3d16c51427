//! Rests without blocking. The compression still blocks the thread.
//~ fails with: no other task could run while `compress` worked
let mut sizes = Vec::new();
for upload in uploads {
    sizes.push(library.compress(upload));
    tokio::time::sleep(rest).await;
}
sizes
