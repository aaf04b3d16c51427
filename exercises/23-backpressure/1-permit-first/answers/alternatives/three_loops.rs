//! Three loops in one task share the outbox: each reads a row when it has published its last one.
let outbox = std::sync::Mutex::new(outbox);
let next = || outbox.lock().expect("no panic").next();
let one_loop = async || {
    while let Some(row) = next() {
        broker.publish(row).await;
    }
};
tokio::join!(one_loop(), one_loop(), one_loop());
