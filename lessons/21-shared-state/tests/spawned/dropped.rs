//! Does not compile, although the guard is gone before the await: the compiler sees a variable that lives to the end of its block.

use std::sync::{Arc, Mutex};

pub fn count_and_publish(orders: Arc<Mutex<u32>>) {
    tokio::spawn(async move {
        let mut orders = orders.lock().unwrap();
        *orders += 1;
        let order = *orders;
        drop(orders);
        publish(order).await;
    });
}

async fn publish(order: u32) {
    println!("order {order}");
}

fn main() {}
