//! The bus on the network: the NATS client protocol, so that NATS clients in every language can talk to it.
//!
//! It is a server for clients and nothing more: no cluster, no storage, no accounts. Start with [`Listener`].
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
//! bus.publish(Message::new(Topic::new("orders.paid")?, "order 7")).await?;
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
//! - All subscriptions of a connection share one outbound buffer, in the order of publishing. A `PONG` comes behind
//!   everything that this connection published before its `PING`.
//! - A subject that the client may not use is a `Permissions Violation`, which keeps the connection. Every other `-ERR`
//!   ends it.
//! - A client that does not understand headers gets messages without them.
//! - A request that nobody is there for is answered with status 503 at once, if the client has asked for it. There is
//!   no JetStream here, so requests to `$JS.API.…` are answered like this too.
//! - Members of a queue group are those of the bus, local ones and others. One of them gets the message.
//!
//! # Slow clients
//!
//! Above [`pending_high`](Limits::pending_high) bytes for one client, the connections that publish to it wait, and so do
//! their clients, while it still takes something. It is disconnected when it takes nothing for
//! [`progress_within`](Limits::progress_within), or when more than [`pending_max`](Limits::pending_max) come together:
//! publishers inside of the process never wait for a connection.
//!
//! # Differences from nats-server
//!
//! - `CONNECT` must come first and once, also without credentials, and within two seconds.
//! - Subjects follow the grammar of [`Topic`](crate::Topic) and [`Pattern`](crate::Pattern), whatever `pedantic` says. What
//!   breaks it, a name that is no queue group's included, is a `Permissions Violation`, as are `$SYS` and `$DLQ` for
//!   publishing, and `$INBOX` unless it is the reply that this client was asked for, and the first.
//! - A wildcard in the first place does not see subjects that begin with `$`.
//! - Headers are read. A block that is none, or has a status behind `NATS/1.0`, ends the connection with an `-ERR`.
//!   Blanks around a value get lost.
//! - No TLS, no accounts, no JWT or nkey, no permissions by user. On other addresses than loopback a token is needed.
//! - No JetStream, no cluster, routes, gateways or leaf nodes: `RS+`, `RMSG` and their like are `Unknown Protocol
//!   Operation`. `INFO` is sent once; a drain closes connections without an `-ERR`, so that clients connect again.
//! - `UNSUB` of a subscription that is not there is no error, as in nats-server; a `SUB` with a `sid` that is taken
//!   keeps the first one.
//!
//! # Map
//!
//! | module | what it is |
//! | --- | --- |
//! | `listener` | [`Listener`]: accepts, and owns the connections |
//! | `connection`, `session` | one client: its socket; what its commands do |
//! | `outbound`, `feed`, `batch` | the way out: one buffer a connection, one outlet a subscription, one wake-up a read |
//! | `subjects`, `credentials`, `limits` | what a client may use, must know, may cost |
//! | `door` | who may come in, when there are many |
//! | `monitor` | what is counted |
//! | [`codec`] | the protocol as bytes |

mod batch;
pub mod codec;
mod connection;
mod credentials;
mod door;
mod feed;
mod limits;
mod listener;
mod monitor;
mod outbound;
mod session;
mod subjects;

pub use limits::Limits;
pub use listener::{DrainReport, ListenError, Listener, ListenerBuilder};
pub use monitor::{ListenerStats, Monitor};
