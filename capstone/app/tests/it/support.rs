//! Runs the binary and looks at what it did.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// The events that the repository ships, and how many there are.
pub(crate) const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/orders.ndjson");
pub(crate) const EXAMPLES_COUNT: u64 = 4_000;

/// A folder with a database that does not exist yet.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With all the examples in its outbox.
    pub(crate) async fn with_examples() -> Self {
        let place = Self::new();
        run(&["enqueue", "--db", &place.db(), "--file", EXAMPLES]).await.done();
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `--db` for the database `shop.db`.
    pub(crate) fn db(&self) -> String {
        format!("sqlite:{}", self.path("shop.db").display())
    }

    pub(crate) async fn enqueue(&self, lines: &str) -> Ended {
        run_with(&["enqueue", "--db", &self.db()], lines).await
    }

    pub(crate) async fn relay_to(&self, name: &str) -> Ended {
        let sink = format!("file:{}", self.path(name).display());
        run(&["relay", "--db", &self.db(), "--sink", &sink, "--until-empty"]).await
    }

    pub(crate) async fn pending(&self) -> u64 {
        let status = run(&["status", "--json", "--db", &self.db()]).await;
        assert_eq!(status.code, 0, "{}", status.stderr);
        let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
        status["pending"].as_u64().unwrap()
    }
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "stderr: {}", self.stderr);
        self
    }

    /// Failed with exactly one line, which holds each of `words`.
    #[track_caller]
    pub(crate) fn failed_with(&self, words: &[&str]) {
        assert_eq!(self.code, 1, "stderr: {}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "one line: {}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing: {}", self.stderr);
        }
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capstone"));
    command.args(arguments).kill_on_drop(true);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAPSTONE_")) {
        command.env_remove(name);
    }
    // Tests run beside each other: each page has a port of its own.
    command.env("CAPSTONE_HTTP", "127.0.0.1:0");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) async fn run(arguments: &[&str]) -> Ended {
    ended(command(arguments).output().await.unwrap())
}

pub(crate) async fn run_with(arguments: &[&str], stdin: &str) -> Ended {
    let mut child = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // A program that stops at a bad line does not read the rest.
    drop(pipe.write_all(stdin.as_bytes()).await);
    drop(pipe);
    ended(child.wait_with_output().await.unwrap())
}

pub(crate) async fn ended_child(child: Child) -> Ended {
    ended(child.wait_with_output().await.unwrap())
}

pub(crate) fn ended(output: Output) -> Ended {
    Ended {
        // A signal has no exit code; none of these tests expects one here.
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[cfg(unix)]
pub(crate) async fn signal(child: &Child, name: &str) {
    let pid = child.id().expect("it runs").to_string();
    let sent = Command::new("kill").args([name, &pid]).status().await.unwrap();
    assert!(sent.success());
}

/// Lines of a file so far; none while it is missing.
pub(crate) fn lines(path: &Path) -> usize {
    std::fs::read(path).map_or(0, |bytes| bytes.iter().filter(|&&byte| byte == b'\n').count())
}
