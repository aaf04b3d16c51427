//! What wakes a relay or a stream's consumer before its poll: a hint, never the truth.
//!
//! `NOTIFY` is sent outside of business transactions, since a commit with one in it waits for all other such commits; and it
//! is empty and debounced, so that many commits ring once.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_postgres::AsyncMessage;

use super::dial::Wire;
use super::target::Target;
use crate::store::StoreError;

/// Commits within this time ring once.
const DEBOUNCE: Duration = Duration::from_millis(25);

/// Channels of the database: for relays, and for those who wait for a stream.
const COMMITTED: &str = "outbox";
const STREAMED: &str = "outbox_stream";

/// Pauses between attempts to listen again.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Owns a task that listens, and one that rings. Dropping it ends both.
pub(super) struct Bell {
    heard: Arc<Heard>,
    rung: Arc<Rung>,
    tasks: [JoinHandle<()>; 2],
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

    fn note_all(&self) {
        [COMMITTED, STREAMED].into_iter().for_each(|channel| self.note(channel));
    }
}

impl Bell {
    pub(super) fn hang(target: &Target) -> Self {
        let heard = Arc::new(Heard { committed: Notify::new(), streamed: watch::Sender::new(0) });
        let rung = Arc::<Rung>::default();
        let listening = listen(target.clone(), Arc::clone(&heard));
        let ringing = ring(target.clone(), Arc::clone(&rung));
        Self { heard, rung, tasks: [tokio::spawn(listening), tokio::spawn(ringing)] }
    }

    /// Wakes this process at once, and the others soon.
    pub(super) fn committed(&self) {
        self.heard.note(COMMITTED);
        self.rung.committed.notify_one();
    }

    /// Cancel safe: a ring that nobody waits for is kept.
    pub(super) async fn heard(&self) {
        self.heard.committed.notified().await;
    }

    /// Like [`committed`](Self::committed), for those who wait for a stream.
    pub(super) fn streamed(&self) {
        self.heard.note(STREAMED);
        self.rung.streamed.notify_one();
    }

    /// Moves with each ring for those who wait for a stream.
    pub(super) fn streams(&self) -> watch::Receiver<u64> {
        self.heard.streamed.subscribe()
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn listen(target: Target, heard: Arc<Heard>) {
    let mut pause = PAUSE_MIN;
    loop {
        if let Ok(mut wire) = listening(&target).await {
            // Whatever was committed while nobody listened was not heard.
            heard.note_all();
            pause = PAUSE_MIN;
            while let Some(Ok(message)) = wire.next().await {
                if let AsyncMessage::Notification(notification) = message {
                    heard.note(notification.channel());
                }
            }
        }
        // No word of it: whoever reads and writes says what is wrong with the database.
        sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// The wire of a connection that listens. The client is kept by the wire: without it the connection would end.
async fn listening(target: &Target) -> Result<Wire, StoreError> {
    let (client, wire) = target.dial().await?;
    let (mut wire, mut early) = (wire, Vec::new());
    {
        let mut command = std::pin::pin!(client.batch_execute("LISTEN outbox; LISTEN outbox_stream"));
        loop {
            // The connection works only while its wire is polled. Both are kept until the command is done.
            tokio::select! {
                outcome = command.as_mut() => {
                    outcome.map_err(|error| target.failed(&error))?;
                    break;
                }
                message = wire.next() => match message {
                    Some(message) => early.push(message),
                    None => return Err(target.gone()),
                },
            }
        }
    }
    let later = wire.map(move |message| {
        let _open = &client;
        message
    });
    Ok(futures::stream::iter(early).chain(later).boxed())
}

async fn ring(target: Target, rung: Arc<Rung>) {
    let mut client = None;
    loop {
        // Both are cancel safe: a permit that is not taken stays.
        let channel = tokio::select! {
            () = rung.committed.notified() => COMMITTED,
            () = rung.streamed.notified() => STREAMED,
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
