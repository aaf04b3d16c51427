//! What wakes a relay before its poll: a hint, never the truth.
//!
//! `NOTIFY` is sent outside of business transactions, since a commit with one in it waits for all other such commits; and it
//! is empty and debounced, so that many commits ring once.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_postgres::AsyncMessage;

use super::dial::Wire;
use super::target::Target;
use crate::store::StoreError;

/// Commits within this time ring once.
const DEBOUNCE: Duration = Duration::from_millis(25);

/// Pauses between attempts to listen again.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Owns a task that listens, and one that rings. Dropping it ends both.
pub(super) struct Bell {
    /// Something may have been committed.
    heard: Arc<Notify>,
    /// Somebody here has committed.
    committed: Arc<Notify>,
    tasks: [JoinHandle<()>; 2],
}

impl Bell {
    pub(super) fn hang(target: &Target) -> Self {
        let (heard, committed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let listening = listen(target.clone(), Arc::clone(&heard));
        let ringing = ring(target.clone(), Arc::clone(&committed));
        Self { heard, committed, tasks: [tokio::spawn(listening), tokio::spawn(ringing)] }
    }

    /// Wakes this process at once, and the others soon.
    pub(super) fn committed(&self) {
        self.heard.notify_one();
        self.committed.notify_one();
    }

    /// Cancel safe: a ring that nobody waits for is kept.
    pub(super) async fn heard(&self) {
        self.heard.notified().await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn listen(target: Target, heard: Arc<Notify>) {
    let mut pause = PAUSE_MIN;
    loop {
        if let Ok(mut wire) = listening(&target).await {
            // Whatever was committed while nobody listened was not heard.
            heard.notify_one();
            pause = PAUSE_MIN;
            while let Some(Ok(message)) = wire.next().await {
                if matches!(message, AsyncMessage::Notification(_)) {
                    heard.notify_one();
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
        let mut command = std::pin::pin!(client.batch_execute("LISTEN outbox"));
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

async fn ring(target: Target, committed: Arc<Notify>) {
    let mut client = None;
    loop {
        committed.notified().await;
        if client.is_none() {
            client = target.client().await.ok();
        }
        if let Some(open) = &client
            && open.batch_execute("NOTIFY outbox").await.is_err()
        {
            // A lost hint costs a poll's time, so it is not repeated.
            client = None;
        }
        sleep(DEBOUNCE).await;
    }
}
