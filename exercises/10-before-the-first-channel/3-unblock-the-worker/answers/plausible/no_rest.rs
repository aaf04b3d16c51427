//! Makes the rest a future and drops it.
//~ fails with: and the rest after its only upload takes 1 s
let mut sizes = Vec::new();
for upload in uploads {
    let library = library.clone();
    let working = tokio::task::spawn_blocking(move || library.compress(upload));
    sizes.push(working.await.expect("compress does not panic"));
    let _ = tokio::time::sleep(rest);
}
sizes
