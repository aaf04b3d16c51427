//! How a connection is made, with TLS or without: one way for the pool, the lease and the listener.

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::task::JoinHandle;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Config, Error, Socket};

use std::sync::Arc;

/// What drives a connection: it must be polled for the client to work, and yields what the server says unasked.
pub(super) type Wire = BoxStream<'static, Result<AsyncMessage, Error>>;

pub(super) trait Dial: Send + Sync {
    fn dial(&self, config: Config) -> BoxFuture<'static, Result<(Client, Wire), Error>>;
}

/// Over TLS as `T` does it; `NoTls` is one, too.
pub(super) struct Over<T>(pub(super) T);

impl<T> Dial for Over<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn dial(&self, config: Config) -> BoxFuture<'static, Result<(Client, Wire), Error>> {
        let tls = self.0.clone();
        async move {
            let (client, mut connection) = config.connect(tls).await?;
            let wire = stream::poll_fn(move |context| connection.poll_message(context)).boxed();
            Ok((client, wire))
        }
        .boxed()
    }
}

/// The pool's way of making connections.
pub(super) struct Pooled(pub(super) Arc<dyn Dial>);

impl deadpool_postgres::Connect for Pooled {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let dialled = self.0.dial(config.clone());
        async move {
            let (client, wire) = dialled.await?;
            Ok((client, tokio::spawn(drain(wire))))
        }
        .boxed()
    }
}

/// Ends when the client is dropped or the server is gone; the client's next statement then fails.
pub(super) async fn drain(mut wire: Wire) {
    while let Some(Ok(_notice)) = wire.next().await {}
}
