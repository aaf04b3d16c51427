//! Does not compile: the task borrows from the function that spawns it.

// ANCHOR: borrowed
pub async fn relay() {
    let event = String::from("report.pdf");
    let task = tokio::spawn(publish(&event));
    task.await.ok();
}
// ANCHOR_END: borrowed

async fn publish(event: &str) {
    println!("{event}");
}
