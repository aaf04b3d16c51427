//! Lesson 15: join. One task runs several futures concurrently, and awaits them all.
//!
//! Read in this order; `cargo run -p lesson-15` plays the same scenes.
//!
//! - [`offer`]: three services are asked concurrently: `join!` and `try_join!`. Start here.
//! - [`services`]: the services, and how the journal shows that a question was dropped
//! - [`order`]: two calls that change something, and what to do when one fails
//! - [`compute`]: a computation needs a thread, not a branch
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays
//!
//! The branches of `join!` may borrow, because they are part of the function's own future:
//!
//! ```
//! # async fn ask(_service: &str, _product: &str) {}
//! async fn offer() {
//!     let product = String::from("lamp");
//!     tokio::join!(ask("stock", &product), ask("price", &product));
//! }
//! ```
//!
//! A task may outlive the function that spawns it, so it must own what it uses. This is `'static`. A local variable
//! "does not live long enough":
//!
//! ```compile_fail,E0597
//! # async fn ask(_service: &str, _product: &str) {}
//! async fn offer() {
//!     let product = String::from("lamp");
//!     let asking = tokio::spawn(ask("stock", &product));
//!     asking.await.expect("no question panics");
//! }
//! ```
//!
//! A parameter "escapes outside of function":
//!
//! ```compile_fail,E0521
//! # async fn ask(_service: &str, _product: &str) {}
//! async fn offer(product: &str) {
//!     tokio::spawn(ask("stock", product)).await.expect("no question panics");
//! }
//! ```
//!
//! A task may also move to another thread, so it must be `Send`. An `Rc` is not, but may be used in `join!`:
//!
//! ```
//! # use std::rc::Rc;
//! async fn ask(service: &str, product: Rc<str>) {
//!     tokio::task::yield_now().await;
//!     println!("{service}: {product}");
//! }
//! async fn offer() {
//!     let product: Rc<str> = "lamp".into();
//!     tokio::join!(ask("stock", product.clone()), ask("price", product));
//! }
//! ```
//!
//! The future of `offer` is not `Send` either, so it cannot be spawned:
//!
//! ```compile_fail
//! # use std::rc::Rc;
//! # async fn offer() {
//! #     let product: Rc<str> = "lamp".into();
//! #     tokio::task::yield_now().await;
//! #     println!("{product}");
//! # }
//! tokio::spawn(offer());
//! ```
//!
//! Nor can a single question:
//!
//! ```compile_fail
//! # use std::rc::Rc;
//! # async fn ask(service: &str, product: Rc<str>) {
//! #     tokio::task::yield_now().await;
//! #     println!("{service}: {product}");
//! # }
//! async fn offer() {
//!     let product: Rc<str> = "lamp".into();
//!     tokio::spawn(ask("stock", product)).await.expect("no question panics");
//! }
//! ```
//!
//! `join!` takes futures, not their values:
//!
//! ```compile_fail,E0277
//! async fn answer() -> u32 { 7 }
//! async fn two() -> (u32, u32) {
//!     tokio::join!(answer().await, answer().await)
//! }
//! ```

pub mod compute;
pub mod offer;
pub mod order;
pub mod services;
pub mod story;
pub mod wrong;

pub use story::story;
