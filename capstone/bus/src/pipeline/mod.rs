//! What both kinds of handlers can be told to do: when to try again, and what their errors mean.

pub(crate) mod error;
pub(crate) mod retry;
