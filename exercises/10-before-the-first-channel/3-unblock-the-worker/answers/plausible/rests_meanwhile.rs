//! Rests while the library works instead of afterwards.
//~ fails with: after the one before it, and a rest takes 40ms
let mut sizes = Vec::new();
for upload in uploads {
    let library = library.clone();
    let working = tokio::task::spawn_blocking(move || library.compress(upload));
    let (size, ()) = tokio::join!(working, tokio::time::sleep(rest));
    sizes.push(size.expect("compress does not panic"));
}
sizes
