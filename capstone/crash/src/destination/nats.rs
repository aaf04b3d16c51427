//! A stream of a nats-server that the campaign starts, and kills now and then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use async_nats::HeaderMap;
use async_nats::jetstream::{self, consumer, stream};
use futures::TryStreamExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::{Delivery, checksum};
use crate::program::{self, LONG, root};

const STREAM: &str = "crash";
const SUBJECTS: [&str; 1] = ["orders.>"];
/// What the sink adds to the headers of a message.
const ADDED: [&str; 4] = ["outbox-id", "outbox-seq", "outbox-key", "Nats-Msg-Id"];

/// The server, and where each life of the relay has ended in its stream.
pub(crate) struct NatsTarget {
    folder: PathBuf,
    port: u16,
    server: Child,
    /// The stream's last number at the end of each life.
    ends: Vec<u64>,
}

impl NatsTarget {
    /// `with_repeats`: the stream keeps what comes twice, except at once, so that it can be counted.
    pub(super) async fn start(folder: &Path, with_repeats: bool) -> anyhow::Result<Self> {
        // Free a moment ago; nobody else on this machine asks for this very one.
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let folder = folder.join("nats");
        let server = run(port, &folder).await?;
        let destination = Self { folder, port, server, ends: Vec::new() };
        destination.jetstream().await?.create_stream(config(with_repeats, &SUBJECTS)).await?;
        Ok(destination)
    }

    /// From now on the stream takes these subjects beside the usual ones, and no others.
    pub(crate) async fn take(&self, others: &[&str]) -> anyhow::Result<()> {
        let subjects = [&SUBJECTS[..], others].concat();
        self.jetstream().await?.update_stream(config(false, &subjects)).await?;
        Ok(())
    }

    pub(super) fn sink(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(super) async fn kill_and_start(&mut self, after_ms: u64) -> anyhow::Result<()> {
        sleep(Duration::from_millis(after_ms)).await;
        self.server.kill().await?;
        self.server = run(self.port, &self.folder).await?;
        Ok(())
    }

    /// The server keeps its connections, and answers nobody.
    pub(crate) async fn freeze(&self) -> anyhow::Result<()> {
        program::signal(&self.server, "-STOP").await
    }

    /// After [`freeze`](Self::freeze).
    pub(crate) async fn thaw(&self) -> anyhow::Result<()> {
        program::signal(&self.server, "-CONT").await
    }

    pub(super) async fn life_ended(&mut self) -> anyhow::Result<()> {
        let last = self.stream().await?.get_info().await?.state.last_sequence;
        self.ends.push(last);
        Ok(())
    }

    pub(super) async fn deliveries(&self) -> anyhow::Result<Vec<Delivery>> {
        let stream = self.stream().await?;
        let last = stream.get_info().await?.state.last_sequence;
        let config = consumer::pull::OrderedConfig::default();
        let mut messages = stream.create_consumer(config).await?.messages().await?;
        let mut deliveries: Vec<Delivery> = Vec::new();
        for number in 1..=last {
            let next = timeout(LONG, messages.try_next()).await.context("the stream gives no more")?;
            let message = next?.with_context(|| format!("{last} messages, and no number {number}"))?;
            let life = self.ends.partition_point(|&end| end < number);
            deliveries.push(delivery(life, &message.message).with_context(|| format!("number {number}"))?);
        }
        Ok(deliveries)
    }

    async fn stream(&self) -> anyhow::Result<stream::Stream> {
        Ok(self.jetstream().await?.get_stream(STREAM).await?)
    }

    async fn jetstream(&self) -> anyhow::Result<jetstream::Context> {
        Ok(jetstream::new(async_nats::connect(self.sink()).await?))
    }
}

fn config(with_repeats: bool, subjects: &[&str]) -> stream::Config {
    // Nothing is the server's default: two minutes.
    let duplicate_window = if with_repeats { Duration::from_millis(100) } else { Duration::ZERO };
    let subjects = subjects.iter().map(ToString::to_string).collect();
    stream::Config { name: STREAM.into(), subjects, duplicate_window, ..stream::Config::default() }
}

async fn run(port: u16, folder: &Path) -> anyhow::Result<Child> {
    let program = root().join(".tools/bin/nats-server");
    let mut server = Command::new(program);
    server.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(folder);
    server.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut server = server.spawn().context("nats-server is missing: cargo x tools")?;
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        ensure!(server.try_wait()?.is_none(), "nats-server does not stay");
        sleep(Duration::from_millis(10)).await;
    }
    Ok(server)
}

fn delivery(life: usize, message: &async_nats::Message) -> anyhow::Result<Delivery> {
    let headers = message.headers.as_ref().context("no headers")?;
    let one = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    let crc32 = checksum(&message.subject, &given(headers), &message.payload);
    let id = one("outbox-id").context("no outbox-id")?;
    let seq = one("outbox-seq").context("no outbox-seq")?.parse()?;
    Ok(Delivery { life, id, key: one("outbox-key"), seq, crc32 })
}

/// The headers that the message itself has.
fn given(headers: &HeaderMap) -> BTreeMap<String, String> {
    let all = headers.iter().map(|(name, values)| (name.to_string(), values.iter().map(ToString::to_string)));
    all.filter(|(name, _)| !ADDED.contains(&name.as_str()))
        .map(|(name, values)| (name, values.collect()))
        .collect()
}
