//! A listener on a free port, and a client that says and hears bytes.

use std::net::SocketAddr;
use std::time::Duration;

use capstone_bus::wire::{DrainReport, Limits, Listener, ListenerBuilder, ListenerStats, Monitor};
use capstone_bus::{Bus, Pattern};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Nothing in these tests takes this long, unless it never happens.
pub(crate) const NEVER: Duration = Duration::from_secs(20);

/// A listener that runs. Dropping it aborts it.
pub(crate) struct Server {
    pub(crate) bus: Bus,
    pub(crate) address: SocketAddr,
    monitor: Monitor,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<DrainReport>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with_limits(change: impl FnOnce(Limits) -> Limits) -> Self {
        let limits = change(Limits::default());
        Self::with(|builder| builder.limits(limits)).await
    }

    pub(crate) async fn with(options: impl FnOnce(ListenerBuilder) -> ListenerBuilder) -> Self {
        Self::on(Bus::new(), "127.0.0.1:0", options).await
    }

    pub(crate) async fn on(
        bus: Bus,
        address: &str,
        options: impl FnOnce(ListenerBuilder) -> ListenerBuilder,
    ) -> Self {
        let listener = options(Listener::builder(&bus)).bind(address).await.expect("a free port");
        let (address, monitor) = (listener.local_addr(), listener.monitor());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(listener.run(async { drop(stopped.await) }));
        Self { bus, address, monitor, stop: Some(stop), running }
    }

    pub(crate) fn stats(&self) -> ListenerStats {
        self.monitor.stats()
    }

    /// Waits until the counters are like this: they change when a connection has ended, a moment after its client sees it.
    pub(crate) async fn counted(&self, wanted: impl Fn(&ListenerStats) -> bool) {
        let all = async {
            while !wanted(&self.stats()) {
                tokio::task::yield_now().await;
            }
        };
        timeout(NEVER, all).await.unwrap_or_else(|_| panic!("{:?}", self.stats()));
    }

    /// Drains it, and says how that went.
    pub(crate) async fn stop(mut self) -> DrainReport {
        drop(self.stop.take());
        let report = timeout(NEVER, &mut self.running).await.expect("a drain has a deadline");
        report.expect("no panic")
    }

    /// A socket that has heard the `INFO`.
    pub(crate) async fn connect(&self) -> Raw {
        let mut raw = Raw { socket: TcpStream::connect(self.address).await.expect("it listens") };
        let info = raw.line().await;
        assert!(info.starts_with("INFO {"), "{info}");
        raw
    }

    /// A client that has said who it is, and wants no `+OK`.
    pub(crate) async fn client(&self) -> Raw {
        self.client_with(r#""headers":true,"no_responders":true"#).await
    }

    /// The same with other options.
    pub(crate) async fn client_with(&self, options: &str) -> Raw {
        let mut raw = self.connect().await;
        raw.say(&format!("CONNECT {{\"verbose\":false,{options}}}\r\nPING\r\n")).await;
        raw.hears("PONG\r\n").await;
        raw
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// A client that says and hears bytes.
pub(crate) struct Raw {
    pub(crate) socket: TcpStream,
}

impl Raw {
    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.write_all(text.as_bytes()).await.expect("the connection is open");
    }

    /// Exactly this comes next.
    pub(crate) async fn hears(&mut self, expected: &str) {
        let mut heard = vec![0; expected.len()];
        let mut at = 0;
        while at < heard.len() {
            let read = timeout(NEVER, self.socket.read(&mut heard[at..])).await;
            match read {
                Ok(Ok(count @ 1..)) => at += count,
                other => {
                    panic!("{other:?} after {:?}, not {expected:?}", String::from_utf8_lossy(&heard[..at]))
                }
            }
            let so_far = String::from_utf8_lossy(&heard[..at]);
            assert!(expected.starts_with(&*so_far), "heard {so_far:?}, not {expected:?}");
        }
    }

    /// Says this, and hears exactly that, and nothing between it and the answer to a `PING`.
    pub(crate) async fn dialogue(&mut self, say: &str, hear: &str) {
        self.say(&format!("{say}PING\r\n")).await;
        self.hears(&format!("{hear}PONG\r\n")).await;
    }

    /// Hears exactly this, and then the connection ends.
    pub(crate) async fn ends_with(mut self, expected: &str) {
        let mut heard = Vec::new();
        let ended = timeout(NEVER, self.socket.read_to_end(&mut heard)).await.expect("it ends");
        assert_eq!(String::from_utf8_lossy(&heard), expected, "{ended:?}");
    }

    pub(crate) async fn line(&mut self) -> String {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            let byte = timeout(NEVER, self.socket.read_u8()).await.expect("a line");
            line.push(byte.expect("a line"));
        }
        String::from_utf8(line).expect("text")
    }
}

pub(crate) fn patterns<const N: usize>(texts: [&str; N]) -> [Pattern; N] {
    texts.map(|text| text.parse().expect("a pattern"))
}
