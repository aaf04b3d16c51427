//! What wakes a relay or a stream's consumer before its poll: a hint, never the truth.
//!
//! `NOTIFY` is sent outside of business transactions, since a commit with one in it waits for all other such commits; and it
//! is empty and debounced, so that many commits ring once. A relay listens on the session of its lease, those who wait for a
//! stream on one of their own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_postgres::{AsyncMessage, Client, Error};

use super::dial::Wire;
use super::lend::IDLE;
use super::target::Target;

/// Commits within this time ring once.
const DEBOUNCE: Duration = Duration::from_millis(25);

/// Channels of the database: for relays, and for those who wait for a stream.
const COMMITTED: &str = "outbox";
const STREAMED: &str = "outbox_stream";

/// Pauses between attempts to listen again.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Owns a task that rings, from the first time on that something has happened here, and one that listens for streams, once
/// somebody waits for one. Dropping it ends both.
pub(super) struct Bell {
    target: Target,
    heard: Arc<Heard>,
    rung: Arc<Rung>,
    ringing: OnceLock<JoinHandle<()>>,
    listening: OnceLock<JoinHandle<()>>,
}

/// What may have happened, here or elsewhere.
struct Heard {
    /// Something may have been enqueued. One relay waits for it.
    committed: Notify,
    /// There may be something for those who wait for a stream.
    streamed: watch::Sender<u64>,
}

/// What has happened here, and others are to be told of.
#[derive(Default)]
struct Rung {
    committed: Notify,
    streamed: Notify,
}

impl Heard {
    fn note(&self, channel: &str) {
        match channel {
            STREAMED => self.streamed.send_modify(|rings| *rings = rings.wrapping_add(1)),
            _ => self.committed.notify_one(),
        }
    }
}

impl Bell {
    pub(super) fn hang(target: &Target) -> Self {
        let heard = Arc::new(Heard { committed: Notify::new(), streamed: watch::Sender::new(0) });
        let (ringing, listening) = (OnceLock::new(), OnceLock::new());
        Self { target: target.clone(), heard, rung: Arc::default(), ringing, listening }
    }

    /// Wakes this process at once, and the others soon.
    pub(super) fn committed(&self) {
        self.note_committed();
        self.ring(&self.rung.committed);
    }

    /// Wakes a relay of this process, and nobody else.
    pub(super) fn note_committed(&self) {
        self.heard.note(COMMITTED);
    }

    /// Listens for commits on this session, as long as it lives.
    pub(super) async fn listen(&self, client: &Client, wire: Wire) -> Result<(), Error> {
        let heard = Arc::clone(&self.heard);
        // It ends with its client, or its server.
        tokio::spawn(async move { hear(wire, &heard).await });
        client.batch_execute("LISTEN outbox").await?;
        // Whatever was committed while nobody listened was not heard.
        self.note_committed();
        Ok(())
    }

    /// Cancel safe: a ring that nobody waits for is kept.
    pub(super) async fn heard(&self) {
        self.heard.committed.notified().await;
    }

    /// Like [`committed`](Self::committed), for those who wait for a stream.
    pub(super) fn streamed(&self) {
        self.heard.note(STREAMED);
        self.ring(&self.rung.streamed);
    }

    /// Moves with each ring for those who wait for a stream.
    pub(super) fn streams(&self) -> watch::Receiver<u64> {
        self.listening
            .get_or_init(|| tokio::spawn(listen_for_streams(self.target.clone(), Arc::clone(&self.heard))));
        self.heard.streamed.subscribe()
    }

    fn ring(&self, what: &Notify) {
        self.ringing.get_or_init(|| tokio::spawn(ring(self.target.clone(), Arc::clone(&self.rung))));
        what.notify_one();
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let tasks = [self.ringing.get(), self.listening.get()];
        tasks.into_iter().flatten().for_each(JoinHandle::abort);
    }
}

/// Until the session ends.
async fn hear(mut wire: Wire, heard: &Heard) {
    while let Some(Ok(message)) = wire.next().await {
        if let AsyncMessage::Notification(notification) = message {
            heard.note(notification.channel());
        }
    }
}

async fn listen_for_streams(target: Target, heard: Arc<Heard>) {
    let mut pause = PAUSE_MIN;
    loop {
        if let Ok((client, wire)) = target.dial().await {
            let listening = async {
                client.batch_execute("LISTEN outbox_stream").await?;
                // Whatever was published while nobody listened was not heard.
                heard.note(STREAMED);
                pause = PAUSE_MIN;
                // Without its client the connection would end.
                std::future::pending::<Result<(), Error>>().await
            };
            // The connection works only while its wire is polled. Whichever ends, the session is over.
            tokio::select! {
                () = hear(wire, &heard) => {}
                _ = listening => {}
            }
        }
        // No word of it: whoever reads and writes says what is wrong with the database.
        sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

async fn ring(target: Target, rung: Arc<Rung>) {
    let mut client = None;
    loop {
        // All are cancel safe: a permit that is not taken stays, and a sleep holds nothing.
        let channel = tokio::select! {
            () = rung.committed.notified() => COMMITTED,
            () = rung.streamed.notified() => STREAMED,
            () = sleep(IDLE), if client.is_some() => {
                client = None;
                continue;
            }
        };
        if client.is_none() {
            client = target.client().await.ok();
        }
        if let Some(open) = &client
            && open.batch_execute(&format!("NOTIFY {channel}")).await.is_err()
        {
            // A lost hint costs a poll's time, so it is not repeated.
            client = None;
        }
        sleep(DEBOUNCE).await;
    }
}
