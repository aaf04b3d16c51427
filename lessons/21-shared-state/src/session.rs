//! A token that every publisher needs: the first one logs in, and those that come meanwhile wait for the same login.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shared::Journal;
use tokio::sync::OnceCell;
use tokio::time::sleep;

/// How long a login takes.
pub const LOGIN_TAKES: Duration = Duration::from_millis(300);

/// The number of a login.
pub type Token = u32;

/// A session of which all publishers have the same token.
// ANCHOR: session
pub struct Session {
    broker: Broker,
    token: OnceCell<Token>,
}

impl Session {
    /// The token. The first caller logs in; others wait for it.
    pub async fn token(&self) -> Token {
        *self.token.get_or_init(|| self.broker.log_in()).await
    }
}
// ANCHOR_END: session

impl Session {
    /// A session that has not logged in.
    pub fn new(broker: Broker) -> Self {
        Self { broker, token: OnceCell::new() }
    }
}

/// Three publishers need a token.
pub async fn three_publishers(journal: Journal) {
    let session = Session::new(Broker::new(journal.clone()));
    publishers(journal, async || session.token().await).await;
}

/// A broker that counts its logins.
#[derive(Debug)]
pub struct Broker {
    /// An atomic: one number that depends on nothing else.
    logins: AtomicU32,
    journal: Journal,
}

impl Broker {
    pub fn new(journal: Journal) -> Self {
        Self { logins: AtomicU32::new(0), journal }
    }

    pub async fn log_in(&self) -> Token {
        let login = self.logins.fetch_add(1, Ordering::Relaxed) + 1;
        self.journal.log("broker", format_args!("login {login} begins"));
        sleep(LOGIN_TAKES).await;
        login
    }
}

/// Three publishers that start at 0, 40 and 110 ms.
pub(crate) async fn publishers(journal: Journal, token: impl AsyncFn() -> Token) {
    let publisher = async |name: &str, after_ms| {
        sleep(Duration::from_millis(after_ms)).await;
        journal.log(name, "needs a token");
        let token = token().await;
        journal.log(name, format_args!("has token {token}"));
    };
    tokio::join!(publisher("publisher 1", 0), publisher("publisher 2", 40), publisher("publisher 3", 110));
}
