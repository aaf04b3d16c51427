//! `#[derive(Event)]`: gives a type its topic, and checks the topic when it is compiled.
//!
//! Use it as `capstone_bus::events::Event`, with the feature `derive`. There are its examples, too: this crate comes
//! below that one and knows nothing of it but the path of the trait.

#![warn(missing_docs)]

mod expand;
#[expect(dead_code, reason = "of the grammar of topics and patterns, only topics are read here")]
#[path = "../../bus/src/topic/grammar.rs"]
mod grammar;

use proc_macro::TokenStream;

/// Implements `Event`, with the topic from `#[event(topic = "orders.created")]`.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    expand::expand(input.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}
