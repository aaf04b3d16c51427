//! Where messages are published, and which of them a subscription wants.

pub(crate) mod checked_text;
pub(crate) mod grammar;
#[cfg(test)]
pub(crate) mod oracle;
pub(crate) mod pattern;
pub(crate) mod reserved;
#[expect(clippy::module_inception, reason = "the file of `Topic` has its name, as everywhere")]
pub(crate) mod topic;
