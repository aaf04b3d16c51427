//! An `async` around a call that blocks does not make it wait: it blocks when the future is polled.
//~ fails with: no other task could run while `compress` worked
let mut sizes = Vec::new();
for upload in uploads {
    sizes.push(async { library.compress(upload) }.await);
    async { thread::sleep(rest) }.await;
}
sizes
