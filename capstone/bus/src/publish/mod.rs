//! Publishing: the gate that every message passes, and the two passes behind it.

pub(crate) mod gate;
pub(crate) mod group;
pub(crate) mod offered;
#[expect(clippy::module_inception, reason = "the file of `publish` has its name, as everywhere")]
pub(crate) mod publish;
pub(crate) mod publisher;
pub(crate) mod receipt;
pub(crate) mod reentry;
pub(crate) mod sink;
pub(crate) mod way_back;
pub(crate) mod with_headers;
