//! Compiles: the guard is dropped at the end of the block, before the await.

use std::sync::{Arc, Mutex};

// ANCHOR: released
pub fn count_and_publish(orders: Arc<Mutex<u32>>) {
    tokio::spawn(async move {
        let order = {
            let mut orders = orders.lock().unwrap();
            *orders += 1;
            *orders
        };
        publish(order).await;
    });
}
// ANCHOR_END: released

async fn publish(order: u32) {
    println!("order {order}");
}

fn main() {}
