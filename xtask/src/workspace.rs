//! A workspace of its own below `target/`, for what is laid out to be built and is not part of the repository: the proofs of
//! the exercises, a new lesson. It takes versions, features and profiles from ours, and builds into our target folder, where
//! Tokio is compiled already.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::text;

/// Writes the manifest, the lock file and the settings. `add` puts members or a package into our manifest, which it finds
/// without members and, of our own packages, with `shared` only.
pub fn lay_out(root: &Path, folder: &Path, add: impl FnOnce(&mut Table)) -> Result<()> {
    let mut manifest = manifest(&text::read(&root.join("Cargo.toml"))?, root).context("Cargo.toml")?;
    add(&mut manifest);
    text::update(&folder.join("Cargo.toml"), &manifest.to_string())?;
    for file in ["Cargo.lock", "clippy.toml", "rustfmt.toml"] {
        text::update(&folder.join(file), &text::read(&root.join(file))?)?;
    }
    let target = Value::from(target(root).to_string_lossy().into_owned());
    text::update(&folder.join(".cargo/config.toml"), &format!("[build]\ntarget-dir = {target}\n"))
}

/// Where a workspace of that name lies.
pub fn folder(root: &Path, name: &str) -> PathBuf {
    root.join("target").join(name)
}

/// Where cargo builds: the folder that the environment names, else the one of the settings, else `target/`.
fn target(root: &Path) -> PathBuf {
    let settings: Option<Table> =
        text::read(&root.join(".cargo/config.toml")).ok().and_then(|text| text.parse().ok());
    let set = settings.as_ref().and_then(|settings| settings.get("build")?.get("target-dir")?.as_str());
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root.join(named.or(set.map(PathBuf::from)).unwrap_or_else(|| "target".into()))
}

fn manifest(ours: &str, root: &Path) -> Result<Table> {
    let mut manifest: Table = ours.parse()?;
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut).context("no [workspace]")?;
    workspace.remove("members");
    workspace.remove("exclude");
    let dependencies =
        workspace.get_mut("dependencies").and_then(Value::as_table_mut).context("no dependencies")?;
    let shared =
        dependencies.get("shared").and_then(|shared| shared.get("path")?.as_str()).context("no shared")?;
    let shared = root.join(shared).to_string_lossy().into_owned();
    dependencies.retain(|_, value| value.get("path").is_none());
    dependencies.insert("shared".to_owned(), Table::from_iter([("path".to_owned(), shared.into())]).into());
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shared_is_left_of_our_packages() {
        let ours = "[workspace]\nmembers = [\"shared\", \"xtask\"]\nexclude = [\"fuzz\"]\n\
            [workspace.dependencies]\ncapstone-bus = { path = \"capstone/bus\" }\nshared = { path = \"shared\" }\ntokio = \"1\"\n";
        let theirs = manifest(ours, Path::new("above")).unwrap();
        let expected: Table =
            "[workspace]\n[workspace.dependencies]\nshared = { path = \"above/shared\" }\ntokio = \"1\"\n"
                .replace(
                    "above/shared",
                    &Path::new("above").join("shared").to_string_lossy().replace('\\', "\\\\"),
                )
                .parse()
                .unwrap();
        assert_eq!(theirs, expected);
    }
}
