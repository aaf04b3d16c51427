//! The first program of the course, `src/main.rs` of a new project. `cargo x test-all` creates that project and runs it,
//! with the commands in `commands.txt`; `cargo run -p lesson-10 --example hello-tokio` runs it from here.

// ANCHOR: main
use std::time::Duration;

use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let upload = tokio::spawn(publish("upload completed", 1000));
    let payment = tokio::spawn(publish("payment processed", 500));
    println!("two tasks are running");
    upload.await.expect("publish does not panic");
    payment.await.expect("publish does not panic");
    println!("both tasks have ended");
}

async fn publish(event: &'static str, confirmed_after_ms: u64) {
    sleep(Duration::from_millis(confirmed_after_ms)).await; // the broker works
    println!("published: {event}");
}
// ANCHOR_END: main
