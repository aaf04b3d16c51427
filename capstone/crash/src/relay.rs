//! One relay that lives while other things happen.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::process::Child;
use tokio::time::timeout;

use crate::program::{self, LONG, Program};

/// Dropping it kills the process.
pub(crate) struct Relay {
    child: Child,
    log: PathBuf,
}

impl Relay {
    pub(crate) fn start(
        program: &Program,
        folder: &Path,
        log: &str,
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let child = program.command(folder, log, arguments)?.spawn()?;
        Ok(Self { child, log: folder.join(log) })
    }

    /// What it said so far.
    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// For a problem's one line.
    pub(crate) fn last_words(&self) -> String {
        let said = self.said();
        said.lines().next_back().map_or("it said nothing".to_owned(), |line| line.trim().to_owned())
    }

    /// Its clock stands still.
    pub(crate) async fn freeze(&self) -> anyhow::Result<()> {
        program::signal(&self.child, "-STOP").await
    }

    pub(crate) async fn thaw(&self) -> anyhow::Result<()> {
        program::signal(&self.child, "-CONT").await
    }

    /// The most memory that it ever had at once, in KiB.
    pub(crate) fn memory_max_kib(&self) -> anyhow::Result<u64> {
        let pid = self.child.id().context("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Nobody has ended it, so it must live.
    pub(crate) fn must_live(&mut self) -> anyhow::Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "the relay ended by itself: {}", self.said());
        Ok(())
    }

    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.must_live()?;
        Ok(self.child.kill().await?)
    }

    /// A clean stop: it must end with 0.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.must_live()?;
        program::signal(&self.child, "-TERM").await?;
        let ended = timeout(LONG, self.child.wait()).await.context("the relay does not stop")??;
        ensure!(ended.success(), "the relay was stopped, {ended}: {}", self.said());
        Ok(())
    }
}
