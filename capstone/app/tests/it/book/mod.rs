//! The book's part on the capstone: each command on its pages is run here, and prints what the page says.
//!
//! The pages include what stands in `book/src/snippets/capstone/`, a session a file. [`session`] says how these are written;
//! `BLESS=1` writes into them what the programs print now.

mod mask;
mod needs;
mod pages;
mod picture;
mod pictures;
mod play;
mod rust_client;
mod session;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use play::Stage;
use session::Session;

/// For one session, on a machine that does other things.
const LIMIT: Duration = Duration::from_secs(300);

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sessions() -> PathBuf {
    repository().join("book/src/snippets/capstone")
}

async fn plays(name: &str) {
    let path = sessions().join(name).with_extension("txt");
    let written = fs::read_to_string(&path).unwrap();
    let mut session = Session::parse(&written);
    let Some(mut stage) = Stage::for_session(&session) else { return };
    let played = async {
        for step in &mut session.steps {
            let printed = stage.play(step).await;
            if !step.expects(&printed) {
                step.printed = Some(printed);
            }
        }
    };
    tokio::time::timeout(LIMIT, played).await.expect("the session ends");
    stage.is_empty();
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, session.text()).unwrap();
        return;
    }
    for step in session.steps {
        if let Some(printed) = step.printed {
            panic!(
                "{name}: {}\nthe book says:\n{}\nit prints:\n{printed}\nBLESS=1 if that is intended",
                step.prompt.join("\n"),
                step.output
            );
        }
    }
}

#[tokio::test]
async fn run_it() {
    plays("run").await;
}

#[tokio::test]
async fn on_sqlite() {
    plays("sqlite").await;
}

#[tokio::test]
async fn on_postgres() {
    plays("postgres").await;
}

#[tokio::test]
async fn under_failure() {
    plays("failure").await;
}

#[tokio::test]
async fn operated() {
    plays("operate").await;
}

#[tokio::test]
async fn beyond_one_machine() {
    plays("grow").await;
}

#[tokio::test]
async fn over_the_network() {
    plays("network").await;
}
