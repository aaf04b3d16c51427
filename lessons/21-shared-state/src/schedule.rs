//! What this lesson claims of every schedule. `cargo x schedule 21` tests it.

use std::time::Duration;

use shared::schedule::{Claim, Claims, Tasks, any_ms};
use shared::{Entry, Journal};
use tokio::time::sleep;

use crate::session::{Broker, Session, Token};
use crate::wrong;

/// Each wrong version comes before the right one.
pub fn claims() -> Claims {
    Claims::of_lesson(21).claim(
        Claim::in_many_schedules(
            "one-login",
            "There is one login, whenever the publishers come",
            there_is_one_login,
        )
        .wrong("checked under the lock, acted on after it", |journal| async move {
            let session = wrong::Session::new(Broker::new(journal.clone()));
            three_publishers(journal, async || session.token().await).await;
        })
        .right("the first logs in, the others wait for it", |journal| async move {
            let session = Session::new(Broker::new(journal.clone()));
            three_publishers(journal, async || session.token().await).await;
        }),
    )
}

fn there_is_one_login(journal: &[Entry]) -> Result<(), String> {
    match journal.iter().filter(|entry| entry.task == "broker").count() {
        1 => Ok(()),
        logins => Err(format!("there are {logins} logins")),
    }
}

/// In an ordinary run, the second and the third come when the first has its token.
async fn three_publishers(journal: Journal, token: impl AsyncFn() -> Token) {
    let publisher = async |name: &str, after: Duration| {
        sleep(after).await;
        journal.log(name, "needs a token");
        let token = token().await;
        journal.log(name, format_args!("has token {token}"));
    };
    let latest = Duration::from_millis(1000);
    Tasks::new()
        .with(publisher("publisher 1", Duration::ZERO))
        .with(publisher("publisher 2", latest - any_ms(0..=1000)))
        .with(publisher("publisher 3", latest - any_ms(0..=1000)))
        .run()
        .await;
}
