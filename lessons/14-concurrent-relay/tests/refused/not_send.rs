//! Does not compile: the task holds an `Rc` across an await, and an `Rc` must stay on its thread.

use std::rc::Rc;

// ANCHOR: not-send
pub async fn relay() {
    tokio::spawn(async {
        let event: Rc<str> = Rc::from("report.pdf");
        publish(&event).await;
    });
}
// ANCHOR_END: not-send

async fn publish(event: &str) {
    println!("{event}");
}
