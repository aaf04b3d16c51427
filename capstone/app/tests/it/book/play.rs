//! Plays a session's steps in a temporary folder, with the real program on the path.
//!
//! A session says the addresses that the program has by default. Here every server has a free port, so both are translated.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::Instant;

use super::needs::{self, Found};
use super::repository;
use super::session::{Action, Session, Step};
use crate::support::signal;

/// A program that goes on says one of these when others may talk to it.
const READY: [&str; 4] = ["status page on ", "subscribed to ", "listening for ", "Server is ready"];

/// How long a command is repeated.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Stage {
    folder: TempDir,
    found: Found,
    terminals: BTreeMap<String, Terminal>,
}

/// A program that runs while others are typed.
struct Terminal {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Stage {
    /// `None` where something is missing, which is said.
    pub(super) fn for_session(session: &Session) -> Option<Self> {
        let found = needs::find(session.needs())?;
        let folder = tempfile::tempdir().unwrap();
        // The reader stands in the repository.
        std::os::unix::fs::symlink(repository().join("capstone"), folder.path().join("capstone")).unwrap();
        Some(Self { folder, found, terminals: BTreeMap::new() })
    }

    /// Nobody is left behind.
    #[track_caller]
    pub(super) fn is_empty(&self) {
        assert!(self.terminals.is_empty(), "still running: {:?}", self.terminals.keys());
    }

    /// What is printed.
    pub(super) async fn play(&mut self, step: &Step) -> String {
        let printed = match &step.action {
            Action::Run(command) => self.run_until(command, step).await,
            Action::Start(terminal, command) => self.start(terminal, command).await,
            Action::Interrupt(terminal) => {
                signal(&self.terminals[terminal].child, "-INT").await;
                self.rest(terminal).await
            }
            Action::Await(terminal) => self.rest(terminal).await,
        };
        if step.quiet { String::new() } else { self.as_written(&printed) }
    }

    /// Once, unless the reader would wait and look again.
    async fn run_until(&self, command: &str, step: &Step) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let printed = self.run(command).await;
            if !step.until || step.expects(&self.as_written(&printed)) || Instant::now() > end {
                return printed;
            }
        }
    }

    async fn run(&self, command: &str) -> String {
        let output = self.shell(command).output().await.unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command}\n{}: {printed}", output.status);
        printed
    }

    /// Starts it, and waits until others may talk to it.
    async fn start(&mut self, name: &str, command: &str) -> String {
        let mut child = self.shell(&format!("exec {command}")).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        // A relay says nothing as long as all is well.
        while !command.starts_with("capstone relay") {
            let line = lines.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| panic!("{command}\nhas ended: {printed}"));
            self.learn(&line);
            printed += &format!("{line}\n");
            if READY.iter().any(|ready| line.contains(ready)) {
                break;
            }
        }
        self.terminals.insert(name.to_owned(), Terminal { child, lines });
        printed
    }

    /// What the terminal's program prints before it ends.
    async fn rest(&mut self, name: &str) -> String {
        let mut terminal = self.terminals.remove(name).expect("it was started");
        let mut printed = String::new();
        while let Some(line) = terminal.lines.next_line().await.unwrap() {
            printed += &(line + "\n");
        }
        let status = terminal.child.wait().await.unwrap();
        assert!(status.success(), "{name}: {status}: {printed}");
        printed
    }

    /// The ports of a server that has just begun.
    fn learn(&mut self, line: &str) {
        let said = [("listening on nats://", "127.0.0.1:4222"), ("status page on http://", "127.0.0.1:4280")];
        for (start, written) in said {
            if let Some(real) = line.strip_prefix(start) {
                let real = real.trim_end_matches('/').to_owned();
                let apart = |address: &str| address.replace(':', " ");
                self.found.addresses.retain(|(known, _)| known != written && *known != apart(written));
                self.found.addresses.push((apart(written), apart(&real)));
                self.found.addresses.push((written.to_owned(), real));
            }
        }
    }

    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec 2>&1\n{}", self.as_it_is(command))).current_dir(self.folder.path());
        for (name, _) in env::vars().filter(|(name, _)| name.starts_with("CAPSTONE_")) {
            shell.env_remove(name);
        }
        let program = Path::new(env!("CARGO_BIN_EXE_capstone")).parent().expect("it lies in a folder");
        let mut path = vec![program.to_owned()];
        path.extend(self.found.programs.iter().cloned());
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        shell.env("PATH", env::join_paths(path).unwrap());
        shell.env("CAPSTONE_LISTEN", "127.0.0.1:0").env("CAPSTONE_HTTP", "127.0.0.1:0");
        if let Some((_, server)) =
            self.found.addresses.iter().find(|(written, _)| written == "127.0.0.1:4222")
        {
            shell
                .env("CAPSTONE_SERVER", format!("nats://{server}"))
                .env("NATS_URL", format!("nats://{server}"));
        }
        shell.env("PYTHONPATH", env::join_paths(&self.found.python).unwrap());
        shell.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        shell
    }

    /// A command with the addresses that hold here.
    fn as_it_is(&self, command: &str) -> String {
        // The page calls the program as one does who has not installed it.
        let command = command.replace("cargo run -p capstone -- ", "capstone ");
        let command = command.replace("cargo run -p capstone", "capstone");
        let addresses = self.found.addresses.iter();
        addresses.fold(command, |command, (written, real)| command.replace(written, real))
    }

    fn as_written(&self, printed: &str) -> String {
        let folder = format!("{}/", self.folder.path().display());
        let printed = printed.replace(&folder, "");
        let addresses = self.found.addresses.iter();
        addresses.fold(printed, |printed, (written, real)| printed.replace(real, written))
    }
}
