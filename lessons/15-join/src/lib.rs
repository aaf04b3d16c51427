//! Lesson 15: join. One task runs several futures at once, and awaits them all.
//!
//! Read in this order; `cargo run -p lesson-15` tells the same story.
//!
//! - [`offer`]: three services are asked at once: `join!` and `try_join!`. Start here.
//! - [`services`]: what is asked, and how one sees that nobody waits for the answer any more
//! - [`order`]: two calls that change something, and what to do when one of them fails
//! - [`compute`]: a computation needs a thread, not a branch
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` tells
//!
//! What `join!` runs may borrow, because it ends before the function does:
//!
//! ```
//! # async fn ask(_service: &str, _product: &str) {}
//! async fn offer() {
//!     let product = String::from("lamp");
//!     tokio::join!(ask("stock", &product), ask("price", &product));
//! }
//! ```
//!
//! A task may outlive the function, so it must own what it uses:
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
//! And it may change threads, so it must be `Send`. An `Rc` is not; in `join!` it may be used:
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

pub mod compute;
pub mod offer;
pub mod order;
pub mod services;
pub mod story;
pub mod wrong;

pub use story::story;
