//! Text files, the same on every system: line ends are `\n` once a file is read, so that comparing and hashing do not
//! depend on how git checked it out. Does not decide where files are.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Reads a UTF-8 file; the error names it.
pub fn read(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(normalised(&text))
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a file only if that changes it: what is built from it stays fresh, and what changes is rebuilt whatever its time.
pub fn update(path: &Path, text: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) { Ok(()) } else { write(path, text) }
}

pub fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// How many lines two texts have in common at their beginning.
pub fn starts_alike(one: &str, other: &str) -> usize {
    one.lines().zip(other.lines()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_windows_are_read_as_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.txt");
        write(&path, "one\r\ntwo\n").unwrap();
        assert_eq!(read(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("no/such.txt")).unwrap_err().to_string();
        assert!(error.contains("such.txt"), "{error}");
    }
}
