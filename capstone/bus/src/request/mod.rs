//! A message that wants a reply, and the reply.

pub(crate) mod inbox;
#[expect(clippy::module_inception, reason = "the file of `Request` has its name, as everywhere")]
pub(crate) mod request;
pub(crate) mod respond;
