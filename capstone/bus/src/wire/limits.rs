//! [`Limits`]: what one client may cost.

use std::time::Duration;

/// The limits of a listener. Each ends the connection that goes past it, and says so with an `-ERR` where it still can; only
/// a subscription too many is refused by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a control line behind its verb; 4 KiB.
    pub control_line_max: usize,
    /// Bytes of a message, headers counted; 1 MiB. Refused by the length that is declared, before it is sent.
    pub payload_max: usize,
    /// Connections at once; 1,024.
    pub connections_max: usize,
    /// Connections at once that have not said who they are; 256. One more displaces the oldest of them, so that silent
    /// sockets keep nobody out. Without effect unless it is less than `connections_max`.
    pub unauthenticated_max: usize,
    /// Connections at once from one IP address; without this as many as there may be at all, because behind one address
    /// may be a whole network. An IPv4 address in IPv6 is the same one.
    pub connections_per_ip_max: usize,
    /// Subscriptions of one connection; as many as it likes.
    pub subscriptions_max: usize,
    /// Bytes that wait to be written to one connection, at which publishing connections begin to wait; 4 MiB.
    pub pending_high: usize,
    /// Bytes that wait to be written to one connection, beyond which it is disconnected; 8 MiB.
    pub pending_max: usize,
    /// From the connection to its valid `CONNECT`; 2 s.
    pub authenticate_within: Duration,
    /// Between two `PING`s to a client; 30 s.
    pub ping_every: Duration,
    /// `PING`s that may be without an answer; 2.
    pub pings_missed_max: u32,
    /// How long a client may take none of the bytes that wait for it; 10 s.
    pub progress_within: Duration,
    /// How long a drain may take; 10 s.
    pub drain_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            control_line_max: 4 << 10,
            payload_max: 1 << 20,
            connections_max: 1024,
            unauthenticated_max: 256,
            connections_per_ip_max: usize::MAX,
            subscriptions_max: usize::MAX,
            pending_high: 4 << 20,
            pending_max: 8 << 20,
            authenticate_within: Duration::from_secs(2),
            ping_every: Duration::from_secs(30),
            pings_missed_max: 2,
            progress_within: Duration::from_secs(10),
            drain_within: Duration::from_secs(10),
        }
    }
}
