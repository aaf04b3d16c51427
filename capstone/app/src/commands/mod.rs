//! One file a command. Each takes its options and says how it ended.

pub mod backup;
pub mod config;
pub mod dead;
pub mod doctor;
pub mod enqueue;
pub mod keys;
pub mod migrate;
pub mod pause;
#[cfg(feature = "wire")]
pub mod publish;
pub mod relay;
#[cfg(feature = "wire")]
pub mod request;
#[cfg(feature = "wire")]
pub mod serve;
pub mod status;
pub mod stream;
#[cfg(feature = "wire")]
pub mod subscribe;
pub mod topic;
