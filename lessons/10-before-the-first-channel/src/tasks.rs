//! Tasks: `spawn` hands a future to the runtime, which runs it without an await. The handle returns its result.
//!
//! `spawn` demands that the future is `Send`, on every flavour of the runtime:
//!
//! ```compile_fail
//! # use std::rc::Rc as Shared;
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() {
//!     let shared = Shared::new(1);
//!     let task = tokio::spawn(async move {
//!         tokio::task::yield_now().await;
//!         println!("{shared}");
//!     });
//!     task.await.unwrap();
//! }
//! ```
//!
//! With an `Arc` instead of the `Rc` it compiles:
//!
//! ```
//! # use std::sync::Arc as Shared;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! #     let shared = Shared::new(1);
//! #     let task = tokio::spawn(async move {
//! #         tokio::task::yield_now().await;
//! #         println!("{shared}");
//! #     });
//! #     task.await.unwrap();
//! # }
//! ```

use shared::Journal;

use crate::publish::{OUTBOX, publish};

/// Publishes the outbox with one task per event. Returns the names in the order of the outbox, whichever task ends first.
// ANCHOR: at-once
pub async fn at_once(journal: Journal) -> Vec<&'static str> {
    let mut handles = Vec::new();
    for (task, event) in ["task 1", "task 2", "task 3"].into_iter().zip(OUTBOX) {
        handles.push(tokio::spawn(publish(task, event, journal.clone())));
    }
    journal.log("relay", "has spawned 3 tasks");

    let mut published = Vec::new();
    for handle in handles {
        published.push(handle.await.expect("no publish panics"));
    }
    journal.log("relay", format_args!("marks {} events as published", published.len()));
    published
}
// ANCHOR_END: at-once
