//! A workspace of its own below `target/`, for what is laid out to be built and is not part of the repository: the proofs of
//! the exercises, a new lesson. It takes versions, features and profiles from ours, and builds into our target folder, where
//! Tokio is compiled already.

use std::path::Path;

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

/// Our target folder: the one that the environment names, else `target/`.
pub fn target(root: &Path) -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

fn manifest(ours: &str, root: &Path) -> Result<Table> {
    let mut manifest: Table = ours.parse()?;
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut).context("no [workspace]")?;
    workspace.remove("members");
    workspace.remove("exclude");
    let dependencies =
        workspace.get_mut("dependencies").and_then(Value::as_table_mut).context("no dependencies")?;
    dependencies.retain(|name, value| name == "shared" || value.get("path").is_none());
    let shared = root.join("shared").to_string_lossy().into_owned();
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
