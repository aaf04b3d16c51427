//! The bus on the network: the NATS client protocol, so that NATS clients in every language can talk to it.
//!
//! It is a server for clients and nothing more: no cluster, no storage. Start with [`Listener`].
//!
//! ```
//! use capstone_bus::{Bus, Message, Topic, wire::Listener};
//! use futures::StreamExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::new();
//! let listener = Listener::builder(&bus).bind("127.0.0.1:0").await?;
//! let address = listener.local_addr();
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let running = tokio::spawn(listener.run(async { drop(stopped.await) }));
//!
//! // Any NATS client, in any language, in any process.
//! let client = async_nats::connect(format!("nats://{address}")).await?;
//! let mut remote = client.subscribe("orders.>").await?;
//! let mut local = bus.subscribe("orders.>")?;
//!
//! client.publish("orders.created", "order 7".into()).await?;
//! assert_eq!(local.recv().await.unwrap().payload, "order 7");
//! assert_eq!(remote.next().await.unwrap().payload, "order 7");
//!
//! bus.publish(Message::new(Topic::new("orders.paid")?, "order 7")).await?.all_enqueued()?;
//! assert_eq!(remote.next().await.unwrap().payload, "order 7");
//!
//! drop(stop);
//! running.await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What clients rely on
//!
//! nats-server is the judge: a test says the same lines to it and to the listener, and what comes back is the same byte for
//! byte, but for what stands below.
//!
//! The tests of async-nats 0.51.0 for its client, server pool, services and subjects, 111 of them, agree: 104 pass against
//! `capstone serve` (`just nats-suite`) and nats-server 2.15.1 alike. Three need the internet, and failed against both
//! without it. Four are of what is not here, so only nats-server passes them: JWTs (`custom_auth_callback_jwt`,
//! `multiple_auth_methods`) and clusters (`server_pool_contains_discovered_servers`, `set_server_pool_marks_all_as_explicit`).
//!
//! - All subscriptions of a connection share one outbound buffer, in the order of publishing. A `PONG` comes behind
//!   everything that this connection published before its `PING`.
//! - What only passes through is not judged. Header blocks go to other clients as they came, whatever is in them, and are
//!   read where somebody in this process looks: see [`Headers`](crate::Headers). A client that does not understand headers
//!   gets messages without them.
//! - A subject that the client may not use is a `Permissions Violation`, and a subscription too many a `maximum
//!   subscriptions exceeded`: texts that clients know, and after which the connection goes on. What is not the protocol ends
//!   it, with an `-ERR` only where nats-server has one: after a text that they do not know, clients stay away for good.
//! - A request that nobody is there for, or that is refused, is answered with status 503 at once, if the client has asked for
//!   it. There is no JetStream here, so requests to `$JS.API.…` are answered like this too. `$SYS.REQ.USER.INFO` tells a client
//!   who it is, and what it may do.
//! - `INFO` has every field that nats-server never leaves out. Its `version` is that of the nats-server which the listener is
//!   held against, because clients compare it before they use something; ours is in `capstone`. When the listener drains,
//!   clients whose `protocol` is 1 are told so by another `INFO`, with `ldm`.
//! - `CONNECT` is read leniently, may come later, again, or not at all where no credentials are wanted.
//! - Members of a queue group are those of the bus, local ones and others. One of them gets the message.
//!
//! # Slow clients
//!
//! Each client is behind by its own backlog, and as in nats-server at most by [`pending_max`](Limits::pending_max) bytes.
//! Above three quarters of that, a connection that publishes to it is held up by 2 ms a command and 10 ms a read, which
//! lets a receiver that is nearly as fast catch up, and delays no other client. A client is disconnected when more waits
//! for it; when what waited for it at one moment was not taken [`within`](Limits::write_within) 10 s; or when too much
//! waits for all of them [together](Limits::pending_total_max), and the most for it. It is told nothing, since some
//! clients stay closed for good after an `-ERR`; the log has it as `Slow Consumer`. Publishers inside of the process never
//! wait for a connection.
//!
//! # Many clients
//!
//! Thousands may come at once: they are let in one after another. Silent sockets keep nobody out, because one that has
//! said nothing for a quarter of a second [makes room](Limits::unauthenticated_max) for whoever waits.
//!
//! # Differences from nats-server
//!
//! Each that can be said in lines of the protocol is a row of the test, with its reason.
//!
//! - Subjects follow the grammar of [`Topic`](crate::Topic) and [`Pattern`](crate::Pattern): text, wildcards as tokens of their
//!   own, none of them in what is published or where a reply goes. What nats-server would take nevertheless is a
//!   `Permissions Violation`, as is a queue group whose name is no text or has blanks or control characters.
//! - `$SYS` and `$DLQ` are the bus's own, so nobody publishes there; nor to `$INBOX`, unless it is the reply that this client
//!   was asked for, and the first. `$INBOX` is nobody's to subscribe to.
//! - A wildcard in the first place does not see subjects that begin with `$`.
//! - Lengths are written anew: `PUB a 001` arrives as `MSG a 1 1`. What only a server says, `+OK` or `INFO`, and letters behind
//!   a verb, are an `Unknown Protocol Operation`.
//! - No WebSocket, no accounts, no JWT, nkey or bcrypt. TLS is behind the feature `wire-tls`; it cannot come before the `INFO`. On
//!   other addresses than loopback a token, a user or certificates of clients are needed.
//! - Permissions are by pattern, and not by queue group as well; `foo.*` does not let `foo.>` be subscribed to. Who may respond
//!   may do so once and within two minutes, which there is only the default. A request that is denied ends at once, behind its
//!   `Permissions Violation`. Every user may ask who it is, whatever it may publish.
//! - No JetStream, no cluster, routes, gateways or leaf nodes: `RS+`, `RMSG` and their like are `Unknown Protocol
//!   Operation`. No tracing of messages: `Nats-Trace-Dest` is a header like any other.
//! - No `/varz` or `/connz` to look at: [`Monitor`] has the counters.
//! - The `INFO` that nats-server sends a second time, behind the first `PONG`, is left out. A drain closes connections without
//!   an `-ERR`, so that clients connect again.
//! - What nobody must know to come in, nobody must say in time; a stranger makes room for others instead.
//!
//! # Map
//!
//! | module | what it is |
//! | --- | --- |
//! | `listener`, `builder`, `error` | [`Listener`]: accepts, and owns the connections; its options; why it was not opened |
//! | `serving` | what all connections share |
//! | `connection`, `session`, `refusal`, `end` | one client: its socket; what its commands do; why it has to go, and why it has gone |
//! | `outbound`, `feed`, `batch` | the way out: one backlog a connection, one outlet a subscription, one wake-up a read |
//! | `backlog`, `pool` | the bytes that wait for one connection; how many may wait for all |
//! | `credentials`, `permissions`, `responses` | [`User`]: what a client must know, and may do |
//! | `tls` | encrypted connections |
//! | `subjects`, `limits` | what every client may use, and may cost |
//! | `user_info` | what it is told when it asks who it is |
//! | `door` | who may come in, when there are many |
//! | `monitor` | what is counted |
//! | `codec` | the protocol as bytes |

mod attachment;
mod backlog;
mod batch;
mod builder;
// Public for the fuzzer alone, and no part of what the crate promises.
#[doc(hidden)]
pub mod codec;
mod connection;
mod credentials;
mod door;
mod end;
mod error;
mod feed;
mod limits;
mod listener;
mod monitor;
mod outbound;
mod permissions;
mod pool;
mod refusal;
mod responses;
mod serving;
mod session;
mod subjects;
#[cfg(feature = "wire-tls")]
mod tls;
mod user_info;

pub use builder::ListenerBuilder;
pub use credentials::User;
pub use error::ListenError;
pub use limits::Limits;
pub use listener::{DrainReport, Listener};
pub use monitor::{ListenerStats, Monitor};
#[cfg(feature = "wire-tls")]
pub use tls::{Tls, TlsError};
