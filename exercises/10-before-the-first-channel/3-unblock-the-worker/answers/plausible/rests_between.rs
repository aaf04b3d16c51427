//! Rests before each upload but the first, and not after the last.
//~ fails with: after the last upload, and a rest takes 40ms
let mut sizes = Vec::new();
for upload in uploads {
    if !sizes.is_empty() {
        tokio::time::sleep(rest).await;
    }
    let library = library.clone();
    let working = tokio::task::spawn_blocking(move || library.compress(upload));
    sizes.push(working.await.expect("compress does not panic"));
}
sizes
