//! [`Limits`]: what one client may cost, and all of them together.

use std::time::Duration;

/// Added to a moment, much more is no moment any more.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// The limits of a listener. They are those of nats-server, by its defaults, where it has them. Each ends the connection that
/// goes past it, and says so with an `-ERR` where clients can bear it; only a subscription too many is refused by itself.
///
/// ```
/// use std::time::Duration;
/// use capstone_bus::{Bus, wire::{Limits, Listener}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let limits = Limits::default().connections_max(1_000).ping_every(Duration::from_secs(30));
/// let listener = Listener::builder(&Bus::new()).limits(limits).bind("127.0.0.1:0").await?;
/// # drop(listener);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "limits nothing until a listener gets it"]
pub struct Limits {
    pub(super) control_line_max: usize,
    pub(super) payload_max: usize,
    pub(super) connections_max: usize,
    pub(super) unauthenticated_max: usize,
    pub(super) connections_per_ip_max: usize,
    pub(super) subscriptions_max: usize,
    pub(super) pending_max: usize,
    pub(super) pending_total_max: usize,
    pub(super) write_within: Duration,
    pub(super) handshake_within: Duration,
    pub(super) authenticate_within: Duration,
    pub(super) ping_every: Duration,
    pub(super) pings_missed_max: u32,
    pub(super) drain_within: Duration,
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
    /// Bytes of a control line behind its verb; 4 KiB.
    pub fn control_line_max(mut self, bytes: usize) -> Self {
        self.control_line_max = bytes;
        self
    }

    /// Bytes of a message, headers counted; 1 MiB. Refused by the length that is declared, before it is sent. At most
    /// `pending_max`, or nobody could receive it.
    pub fn payload_max(mut self, bytes: usize) -> Self {
        self.payload_max = bytes;
        self
    }

    /// Connections at once; 65,536. Each takes a descriptor, and so the operating system may allow fewer: then those
    /// beyond are not accepted until others have gone.
    pub fn connections_max(mut self, connections: usize) -> Self {
        self.connections_max = connections;
        self
    }

    /// Connections at once that have not said who they are; 8,192, and never more than half of `connections_max`.
    /// Beyond that, whoever comes waits until one of them has said it, or has had time to: then that one has to go.
    pub fn unauthenticated_max(mut self, connections: usize) -> Self {
        self.unauthenticated_max = connections;
        self
    }

    /// Connections at once from one IP address; without this as many as there may be at all, because behind one address
    /// may be a whole network. An IPv4 address in IPv6 is the same one.
    pub fn connections_per_ip_max(mut self, connections: usize) -> Self {
        self.connections_per_ip_max = connections;
        self
    }

    /// Subscriptions of one connection; as many as it likes.
    pub fn subscriptions_max(mut self, subscriptions: usize) -> Self {
        self.subscriptions_max = subscriptions;
        self
    }

    /// Bytes that wait to be written to one connection, beyond which it is disconnected; 64 MiB. Above three quarters of
    /// it, connections that publish to it are held up a little.
    pub fn pending_max(mut self, bytes: usize) -> Self {
        self.pending_max = bytes;
        self
    }

    /// Bytes that wait to be written to all connections together; 512 MiB. Beyond that, whoever has the most waiting is
    /// disconnected.
    pub fn pending_total_max(mut self, bytes: usize) -> Self {
        self.pending_total_max = bytes;
        self
    }

    /// How long it may take to write what waits for a connection at one moment; 10 s. Whoever takes it more slowly is
    /// disconnected.
    pub fn write_within(mut self, time: Duration) -> Self {
        self.write_within = time;
        self
    }

    /// For a TLS handshake; 2 s.
    pub fn handshake_within(mut self, time: Duration) -> Self {
        self.handshake_within = time;
        self
    }

    /// From the connection, or its handshake, to a `CONNECT` with the right credentials; 2 s. Where everybody may come
    /// in, nobody has to say so in time.
    pub fn authenticate_within(mut self, time: Duration) -> Self {
        self.authenticate_within = time;
        self
    }

    /// Between two `PING`s to a client that says nothing; 2 min.
    pub fn ping_every(mut self, time: Duration) -> Self {
        self.ping_every = time;
        self
    }

    /// `PING`s that may be without an answer; 2.
    pub fn pings_missed_max(mut self, pings: u32) -> Self {
        self.pings_missed_max = pings;
        self
    }

    /// How long a drain may take; 10 s.
    pub fn drain_within(mut self, time: Duration) -> Self {
        self.drain_within = time;
        self
    }

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
