//! The first program again, with its runtime built by hand: `examples/by_hand.rs` of the new project. It must print
//! what `main.rs` prints, and `cargo x test-all` compares.

// ANCHOR: by-hand
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::sleep;

fn main() {
    let runtime = Builder::new_multi_thread().enable_all().build().expect("the runtime starts");
    runtime.block_on(async {
        let upload = tokio::spawn(publish("upload completed", 1000));
        let payment = tokio::spawn(publish("payment processed", 500));
        println!("two tasks are running");
        upload.await.expect("publish does not panic");
        payment.await.expect("publish does not panic");
        println!("both tasks have ended");
    });
}

async fn publish(event: &'static str, confirmed_after_ms: u64) {
    sleep(Duration::from_millis(confirmed_after_ms)).await; // the broker works
    println!("published: {event}");
}
// ANCHOR_END: by-hand
