//! Lesson 28: request and reply. A request is a message that names the topic for its answer.
//!
//! Read the modules in this order; `cargo run -p lesson-28` plays their scenes.
//!
//! - [`bus`]: topics and mailboxes, in a few dozen lines. Start here.
//! - [`filter`]: publish/subscribe, where one subscriber wants only some of the messages
//! - [`request`]: an inbox for each request; no responders, a timeout, a late answer
//! - [`prices`]: a service that answers, and the till that asks it
//! - [`offers`]: several responders
//! - [`dead_letter`]: what becomes of a message that fails for good
//! - [`client`] and [`server`]: requests over one connection, where ids tell the answers apart
//! - [`wrong`]: the same ideas gone wrong
//! - [`story`](mod@story): the scenes that `main` plays

pub mod bus;
pub mod client;
pub mod dead_letter;
pub mod filter;
pub mod offers;
pub mod prices;
pub mod request;
pub mod server;
pub mod story;
pub mod wrong;

pub use story::story;
