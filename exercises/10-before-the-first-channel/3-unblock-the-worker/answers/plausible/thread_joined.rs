//! `join` of a thread blocks until that thread ends, so the task's own thread stands still all the same.
//~ fails with: no other task could run while `compress` worked
let mut sizes = Vec::new();
for upload in uploads {
    let library = library.clone();
    let working = thread::spawn(move || library.compress(upload));
    sizes.push(working.join().expect("compress does not panic"));
    tokio::time::sleep(rest).await;
}
sizes
