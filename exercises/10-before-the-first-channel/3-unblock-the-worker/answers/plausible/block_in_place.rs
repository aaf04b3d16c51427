//! `block_in_place` hands the other tasks to another worker. A runtime with one thread has none.
//~ fails with: can call blocking only when running on the multi-threaded runtime
let mut sizes = Vec::new();
for upload in uploads {
    sizes.push(tokio::task::block_in_place(|| library.compress(upload)));
    tokio::time::sleep(rest).await;
}
sizes
