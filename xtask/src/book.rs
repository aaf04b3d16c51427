//! `cargo x book`: serves the book to a reader, with an mdBook that it has made sure of. Whether the book is right is
//! `test_all`'s to say.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::paint::Paint;
use crate::say::say;
use crate::tools::{self, Found};

/// What a reader has in any case, for the error's last lines.
const WITHOUT: &str = "what works without it:
  cargo run -p lesson-10    a lesson's story in the terminal; likewise lesson-11 and on
  cargo x learn             the exercises
  book/src                  the chapters, as Markdown";

/// Serves the book until it is interrupted.
pub fn read(root: &Path, paint: Paint) -> Result<ExitCode> {
    // How it ended is said below.
    let report = |line: &str| {
        if line.starts_with("fetching") {
            say(line);
        }
    };
    let found = tools::ensure(root, paint, &["mdbook"], report).pop();
    let mdbook = match found.expect("mdbook is one of the tools") {
        Found::Ready { place, .. } => place,
        Found::Missing { reason, .. } => {
            bail!("the book needs mdbook, which is not here and cannot be fetched\n  {reason}\n\n{WITHOUT}")
        }
    };
    let status = Command::new(mdbook).args(["serve", "book", "--open"]).current_dir(root).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
