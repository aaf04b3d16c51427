//! Lesson 11: channels. A task owns its data and passes it on instead of sharing it under a lock.
//!
//! Read in this order; `cargo run -p lesson-11` plays the scenes.
//!
//! - [`producers`]: two producers, one consumer, and how a channel ends. Start here.
//! - [`capacity`]: a full channel makes the sender wait
//! - [`sending`]: what `send` promises, and how to send without losing the value
//! - [`order`]: which order is guaranteed, and which is not
//! - [`relay`]: a poller finds the work, workers do it
//! - [`wrong`]: the same ideas, done wrong
//! - [`schedule`]: what holds however busy the consumer is
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! An `mpsc` channel has one consumer. Its receiver cannot be cloned:
//!
//! ```compile_fail,E0599
//! let (_tx, rx) = tokio::sync::mpsc::channel::<String>(3);
//! let second = rx.clone();
//! ```
//!
//! What has been sent no longer belongs to the sender:
//!
//! ```compile_fail,E0382
//! # async fn send(tx: tokio::sync::mpsc::Sender<String>) {
//! let event = String::from("upload completed");
//! tx.send(event).await.unwrap();
//! println!("{event}");
//! # }
//! ```
//!
//! A `send` without `.await` sends nothing. The compiler warns; here the warning is an error:
//!
//! ```compile_fail
//! #![deny(unused_must_use)]
//! # async fn send(tx: tokio::sync::mpsc::Sender<&'static str>) {
//! tx.send("upload completed");
//! # }
//! ```
//!
//! With the `.await` it compiles:
//!
//! ```
//! #![deny(unused_must_use)]
//! # async fn send(tx: tokio::sync::mpsc::Sender<&'static str>) {
//! tx.send("upload completed").await.unwrap();
//! # }
//! ```

pub mod capacity;
pub mod order;
pub mod producers;
pub mod relay;
pub mod schedule;
pub mod sending;
pub mod story;
pub mod wrong;

pub use story::story;
