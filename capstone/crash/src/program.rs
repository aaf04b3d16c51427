//! The program under test: built with its fail points, started, and ended in one way or another.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use capstone_outbox::failpoint::Point;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::plan::End;

/// A process that was to end by itself and lives that long did not come by the place.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// A clean stop takes no longer, and a run that empties the outbox either.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// The program, and the place of its database.
#[derive(Clone, Debug)]
pub(crate) struct Program(PathBuf);

/// How a process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Killed,
    /// At the place where it was to.
    AtPoint(Point),
    /// By itself, with 0.
    Done,
    /// By itself, with 1: a writer whose last line is bad.
    Refused,
    /// By itself, with 3: stopped, and its database or its server was away.
    WorkLeft,
    /// It was to end at this place and did not come by; killed.
    Missed(Point),
}

/// The one that was named, or the one that cargo builds.
pub(crate) fn find(named: Option<PathBuf>) -> anyhow::Result<Program> {
    if let Some(path) = named {
        return Ok(Program(path));
    }
    let mut build = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args([
        "build",
        "--package",
        "capstone",
        "--profile",
        "crash",
        "--features",
        "failpoints,nats,postgres",
    ]);
    build.args(["--message-format", "json-render-diagnostics"]);
    build.current_dir(root()).stderr(Stdio::inherit());
    let built = build.output().context("cannot start cargo")?;
    ensure!(built.status.success(), "the program does not compile");
    let messages = String::from_utf8(built.stdout)?;
    let mut paths = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    Ok(Program(paths.next_back().context("cargo named no program")?))
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Program {
    /// The program with these arguments, in `folder`; what it says is left in `log` there.
    pub(crate) fn command(&self, folder: &Path, log: &str, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(&self.0);
        let log = std::fs::File::create(folder.join(log))?;
        command.args(arguments).current_dir(folder).kill_on_drop(true);
        for name in ["CAPSTONE_DB", "CAPSTONE_LOG", "CAPSTONE_TOKEN", "CAPSTONE_FAILPOINT"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Ok(command)
    }

    /// Runs it to its end, which must be a good one.
    pub(crate) async fn done(&self, folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
        let mut child = self.command(folder, "done.log", arguments)?.spawn()?;
        let status =
            timeout(LONG, child.wait()).await.with_context(|| format!("{arguments:?} does not end"))??;
        let said = || std::fs::read_to_string(folder.join("done.log")).unwrap_or_default();
        ensure!(status.success(), "{arguments:?}: {status}: {}", said());
        Ok(())
    }
}

/// Makes the process end at a place, if it is to.
pub(crate) fn arm(command: &mut Command, end: End) {
    if let End::Point(point, count) = end {
        command.env("CAPSTONE_FAILPOINT", format!("{}:{count}", name(point)));
    } else if let End::StopAt(_, point) = end {
        command.env("CAPSTONE_FAILPOINT", format!("{}:1", name(point)));
    }
}

/// Makes the process freeze when it passes a place for the n-th time.
pub(crate) fn arm_to_freeze(command: &mut Command, (point, count): (Point, u64)) {
    command.env("CAPSTONE_FAILPOINT", format!("{}:{count}:freeze", name(point)));
}

/// Whether the process is stopped.
pub(crate) async fn is_frozen(child: &Child) -> anyhow::Result<bool> {
    let Some(pid) = child.id() else { return Ok(false) };
    let said = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().await?;
    Ok(said.stdout.first() == Some(&b'T'))
}

/// The name of a place.
pub(crate) fn name(point: Point) -> &'static str {
    let found = Point::ALL.into_iter().find(|(other, _)| *other == point);
    found.expect("all of them have a name").1
}

/// Lets the process run, and sees it end.
///
/// # Errors
/// It ended in a way that nobody had asked for: that is a fault of the program.
pub(crate) async fn see_end(child: &mut Child, end: End) -> anyhow::Result<Ended> {
    let status = match end {
        End::Kill(after) => {
            if let Ok(status) = timeout(after, child.wait()).await {
                return by_itself(status?);
            }
            child.kill().await?;
            return Ok(Ended::Killed);
        }
        End::Stop(after) | End::StopAt(after, _) => {
            sleep(after).await;
            signal(child, "-TERM").await?;
            timeout(LONG, child.wait()).await.context("it does not stop")??
        }
        End::Point(point, _) => match timeout(PATIENCE, child.wait()).await {
            Ok(status) => status?,
            Err(_) => {
                child.kill().await?;
                return Ok(Ended::Missed(point));
            }
        },
    };
    match end {
        End::Point(point, _) | End::StopAt(_, point) if is_abort(status) => Ok(Ended::AtPoint(point)),
        // Stopped before it listened to signals.
        End::Stop(_) | End::StopAt(..) if is_terminated(status) => Ok(Ended::Killed),
        _ => by_itself(status),
    }
}

/// How a process has ended that nobody has ended.
pub(crate) fn by_itself(status: ExitStatus) -> anyhow::Result<Ended> {
    match status.code() {
        Some(0) => Ok(Ended::Done),
        Some(1) => Ok(Ended::Refused),
        Some(3) => Ok(Ended::WorkLeft),
        _ => bail!("ended with {status}"),
    }
}

/// Sends a signal by its name, such as `-TERM`.
pub(crate) async fn signal(child: &Child, name: &str) -> anyhow::Result<()> {
    let Some(pid) = child.id() else { return Ok(()) };
    let sent = Command::new("kill").args([name, &pid.to_string()]).stderr(Stdio::null()).status().await?;
    ensure!(sent.success(), "process {pid} is gone before it got {name}");
    Ok(())
}

#[cfg(unix)]
fn is_abort(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(6)
}

#[cfg(unix)]
fn is_terminated(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(15)
}

#[cfg(not(unix))]
fn is_abort(status: ExitStatus) -> bool {
    !matches!(status.code(), Some(0 | 1))
}

#[cfg(not(unix))]
fn is_terminated(_status: ExitStatus) -> bool {
    false
}
