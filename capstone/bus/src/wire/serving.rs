//! [`Serving`]: what all connections of a listener share.

use std::sync::Arc;

use super::Limits;
use super::credentials::Credentials;
use super::monitor::Counters;
use super::pool::Pool;
#[cfg(feature = "wire-tls")]
use super::tls::Tls;
use crate::Bus;

/// See the module.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) bus: Bus,
    pub(super) limits: Limits,
    pub(super) credentials: Option<Credentials>,
    pub(super) secrecy: Secrecy,
    #[cfg(feature = "wire-tls")]
    pub(super) tls: Option<Tls>,
    pub(super) counters: Arc<Counters>,
    pub(super) pool: Arc<Pool>,
}

/// Whether others on the way can read what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    None,
    #[cfg_attr(not(feature = "wire-tls"), expect(dead_code, reason = "there is no TLS"))]
    Encrypted,
    /// And clients have shown certificates.
    Mutual,
}
