//! One file a command. Each takes its options and says how it ended.

pub mod enqueue;
pub mod migrate;
pub mod relay;
pub mod status;
pub mod topic;
