//! The receiving end.

pub(crate) mod builder;
pub(crate) mod subscription;
