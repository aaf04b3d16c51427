//! Does not compile: the task holds a std guard across an await, and such a guard must stay on its thread.

use std::sync::{Arc, Mutex};

// ANCHOR: held
pub fn count_and_publish(orders: Arc<Mutex<u32>>) {
    tokio::spawn(async move {
        let mut orders = orders.lock().unwrap();
        *orders += 1;
        publish(*orders).await;
    });
}
// ANCHOR_END: held

async fn publish(order: u32) {
    println!("order {order}");
}

fn main() {}
