//! [`Limits`]: what one client may cost, and all of them together.

use std::time::Duration;

/// Added to a moment, much more is no moment any more.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// The limits of a listener. They are those of nats-server, by its defaults, where it has them. Each ends the connection that
/// goes past it, and says so with an `-ERR` where clients can bear it; only a subscription too many is refused by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a control line behind its verb; 4 KiB.
    pub control_line_max: usize,
    /// Bytes of a message, headers counted; 1 MiB. Refused by the length that is declared, before it is sent. At most
    /// `pending_max`, or nobody could receive it.
    pub payload_max: usize,
    /// Connections at once; 65,536. Each takes a descriptor, and so the operating system may allow fewer: then those
    /// beyond are not accepted until others have gone.
    pub connections_max: usize,
    /// Connections at once that have not said who they are; 8,192, and never more than half of `connections_max`.
    /// Beyond that, whoever comes waits until one of them has said it, or has had time to: then that one has to go.
    pub unauthenticated_max: usize,
    /// Connections at once from one IP address; without this as many as there may be at all, because behind one address
    /// may be a whole network. An IPv4 address in IPv6 is the same one.
    pub connections_per_ip_max: usize,
    /// Subscriptions of one connection; as many as it likes.
    pub subscriptions_max: usize,
    /// Bytes that wait to be written to one connection, beyond which it is disconnected; 64 MiB. Above three quarters of
    /// it, connections that publish to it are held up a little.
    pub pending_max: usize,
    /// Bytes that wait to be written to all connections together; 512 MiB. Beyond that, whoever has the most waiting is
    /// disconnected.
    pub pending_total_max: usize,
    /// How long it may take to write what waits for a connection at one moment; 10 s. Whoever takes it more slowly is
    /// disconnected.
    pub write_within: Duration,
    /// For a TLS handshake; 2 s.
    pub handshake_within: Duration,
    /// From the connection, or its handshake, to a `CONNECT` with the right credentials; 2 s. Where everybody may come
    /// in, nobody has to say so in time.
    pub authenticate_within: Duration,
    /// Between two `PING`s to a client that says nothing; 2 min.
    pub ping_every: Duration,
    /// `PING`s that may be without an answer; 2.
    pub pings_missed_max: u32,
    /// How long a drain may take; 10 s.
    pub drain_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            control_line_max: 4 << 10,
            payload_max: 1 << 20,
            connections_max: 64 << 10,
            unauthenticated_max: 8 << 10,
            connections_per_ip_max: usize::MAX,
            subscriptions_max: usize::MAX,
            pending_max: 64 << 20,
            pending_total_max: 512 << 20,
            write_within: Duration::from_secs(10),
            handshake_within: Duration::from_secs(2),
            authenticate_within: Duration::from_secs(2),
            ping_every: Duration::from_secs(120),
            pings_missed_max: 2,
            drain_within: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// What is wrong with these, if something is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.payload_max > self.pending_max {
            Some("the longest payload is more than may wait for a connection")
        } else if self.pending_max > self.pending_total_max {
            Some("more may wait for one connection than for all of them")
        } else if self.ping_every.is_zero() {
            Some("nothing lies between two PINGs")
        } else if self.write_within.max(self.drain_within) > CENTURY {
            Some("a time is longer than a century")
        } else {
            None
        }
    }
}
