//! The repository's files in memory, so that a rule is a function of texts. Walks by itself: a tarball has no `git`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::text;

/// Folders that hold nothing of ours: built, fetched, or the learner's.
const SKIPPED: [&str; 6] = ["target", ".git", ".tools", ".course", "node_modules", "book/book"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// From the root, with `/` on every system.
    pub path: String,
    /// `None` for what is no UTF-8.
    pub text: Option<String>,
}

/// All files, in the order of their paths.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: Vec<File>,
    folders: BTreeSet<String>,
}

impl Tree {
    pub fn read(root: &Path) -> Result<Tree> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        Ok(Tree::new(files))
    }

    /// A tree that exists in a test only.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: Some((*text).to_owned()) };
        Tree::new(files.iter().map(file).collect())
    }

    fn new(mut files: Vec<File>) -> Tree {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut folders = BTreeSet::from([String::new()]);
        for file in &files {
            let ends = file.path.match_indices('/').map(|(at, _)| file.path[..at].to_owned());
            folders.extend(ends);
        }
        Tree { files, folders }
    }

    /// Each text file, with its path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)))
    }

    /// The text files whose path begins and ends so.
    pub fn matching<'a>(&'a self, start: &'a str, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter(move |(path, _)| path.starts_with(start) && path.ends_with(end))
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.file(path)?.text.as_deref()
    }

    pub fn has_file(&self, path: &str) -> bool {
        self.file(path).is_some()
    }

    pub fn has_folder(&self, path: &str) -> bool {
        self.folders.contains(path.trim_end_matches('/'))
    }

    /// The names of the folders directly below `folder`.
    pub fn folders_in(&self, folder: &str) -> Vec<&str> {
        let below = |path: &'_ String| {
            path.strip_prefix(folder)?.strip_prefix('/').map(str::len).map(|len| path.len() - len)
        };
        let names = self.folders.iter().filter_map(|path| below(path).map(|at| &path[at..]));
        names.filter(|name| !name.contains('/')).collect()
    }

    fn file(&self, path: &str) -> Option<&File> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }
}

/// `link` as written in the file `from`, as a path from the root; `None` if it leaves the repository.
pub fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if SKIPPED.contains(&name.as_str()) || SKIPPED.contains(&path.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{path}/"), files)?;
        } else if let Ok(bytes) = fs::read(entry.path()) {
            // A file may vanish while others work in the folder: then it is no file of ours.
            let text = String::from_utf8(bytes).ok().map(|text| text::normalised(&text));
            files.push(File { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_and_fetched_files_are_skipped() {
        let root = tempfile::tempdir().unwrap();
        for path in
            ["a.rs", "target/b.rs", "x/target/c", ".tools/bin/just", "book/book/i.html", "book/src/d.md"]
        {
            text::write(&root.path().join(path), "x\r\n").unwrap();
        }
        fs::write(root.path().join("picture.png"), [0xff, 0xfe]).unwrap();
        let tree = Tree::read(root.path()).unwrap();
        let paths: Vec<&str> = tree.texts().map(|(path, _)| path).collect();
        assert_eq!(paths, ["a.rs", "book/src/d.md"]);
        assert_eq!(tree.text("a.rs"), Some("x\n"));
        assert!(tree.has_file("picture.png") && tree.text("picture.png").is_none());
        assert!(tree.has_folder("book/src/") && !tree.has_folder("target"));
    }

    #[test]
    fn folders_are_listed_by_name() {
        let tree = Tree::of(&[("lessons/10-a/src/lib.rs", ""), ("lessons/11-b/x", ""), ("lessonsx/y/z", "")]);
        assert_eq!(tree.folders_in("lessons"), ["10-a", "11-b"]);
    }

    #[test]
    fn links_are_resolved_from_their_file() {
        assert_eq!(resolve("book/src/11.md", "../../lessons/./a.rs").unwrap(), "lessons/a.rs");
        assert_eq!(resolve("README.md", "docs/adr").unwrap(), "docs/adr");
        assert_eq!(resolve("README.md", "../x"), None);
    }
}
