//! Builds the book and checks the pages as they came out: links, images, and that no page asks another host.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::html::{Use, ids, uses};
use super::step::Count;
use crate::say;
use crate::text;
use crate::tools;
use crate::tree::resolve;

/// Where the pages are, from the root.
pub(super) const PAGES: &str = "book/book";

pub(super) fn check(root: &Path) -> Result<Count> {
    let mdbook = tools::path(root, "mdbook").context("mdbook is missing: cargo x tools")?;
    let output = Command::new(mdbook).args(["build", "book"]).current_dir(root).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    say::write(&said);
    // mdBook carries on after an include that it cannot find.
    let complaints = said.lines().filter(|line| line.contains("ERROR") || line.contains("WARN")).count();
    if !output.status.success() || complaints > 0 {
        return Ok(Count::FAILED);
    }
    let files = read_pages(&root.join(PAGES))?;
    let problems = problems(&files);
    problems.iter().for_each(say::say);
    Ok(if problems.is_empty() { Count::PASSED } else { Count::FAILED })
}

/// Every file by its path, with its text if it is a page or a style sheet.
type Files = BTreeMap<String, Option<String>>;

fn read_pages(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let readable = path.extension().is_some_and(|end| end == "html" || end == "css");
            let text = if readable { Some(text::read(&path)?) } else { None };
            let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
            files.insert(name, text);
        }
    }
    Ok(files)
}

/// The parts of every page by the page's path. The page that holds all others has thousands of links into itself.
type Parts = BTreeMap<String, BTreeSet<String>>;

/// One line for each thing that does not lead where it should.
fn problems(files: &Files) -> Vec<String> {
    let pages = files.iter().filter(|(path, _)| path.ends_with(".html"));
    let parts: Parts = pages.filter_map(|(path, text)| Some((path.clone(), ids(text.as_deref()?)))).collect();
    let mut problems = Vec::new();
    for (path, text) in files.iter().filter_map(|(path, text)| Some((path, text.as_deref()?))) {
        if path.ends_with(".css") {
            let foreign = ["url(http", "url(\"http", "url('http", "url(//", "@import"];
            let found = foreign.iter().filter(|part| text.contains(**part));
            problems.extend(found.map(|part| format!("{path}: `{part}` asks for something from elsewhere")));
        } else if path != "404.html" {
            // The page for missing pages is served from any depth, so its links count from the root of a host.
            problems.extend(uses(text).into_iter().filter_map(|used| wrong(files, &parts, path, &used)));
        }
    }
    problems
}

fn wrong(files: &Files, parts: &Parts, page: &str, used: &Use) -> Option<String> {
    let (target, needed) = match used {
        Use::Link(target) => (target, false),
        Use::Request(target) => (target, true),
    };
    if target.starts_with("data:") {
        return None;
    }
    if target.starts_with("//") || target.contains("://") || target.starts_with("mailto:") {
        return needed.then(|| format!("{page}: asks another host for `{target}`"));
    }
    let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
    let file = file.split('?').next().unwrap_or_default();
    let place = if file.is_empty() { Some(page.to_owned()) } else { resolve(page, file) };
    let Some(place) = place.filter(|place| files.contains_key(place)) else {
        return Some(format!("{page}: `{target}` leads nowhere"));
    };
    let there = fragment.is_empty() || parts.get(&place).is_none_or(|parts| parts.contains(fragment));
    (!there).then(|| format!("{page}: `{target}`: that page has no such part"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned()))).collect()
    }

    #[test]
    fn a_book_that_is_whole() {
        let page = r##"<h1 id="top">T</h1><a href="#top">a</a><a href="b/c.html?x#d">b</a><img src="i.svg">
            <a href="https://docs.rs/tokio">tokio</a><script src="s.js"></script><img src="data:image/png;base64,AA">"##;
        let found = problems(&files(&[
            ("a.html", page),
            ("b/c.html", "<p id=d><a href='../a.html'>up</a></p>"),
            ("i.svg", ""),
            ("s.js", ""),
            ("s.css", "a { background: url(i.svg) }"),
        ]));
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_book_that_is_not() {
        let page = r##"<a href="no.html">a</a><a href="#no">b</a><img src="https://x.example/i.png">
            <link rel="stylesheet" href="//x.example/s.css">"##;
        let expected = [
            "a.html: `no.html` leads nowhere",
            "a.html: `#no`: that page has no such part",
            "a.html: asks another host for `https://x.example/i.png`",
            "a.html: asks another host for `//x.example/s.css`",
            "s.css: `url(http` asks for something from elsewhere",
        ];
        assert_eq!(problems(&files(&[("a.html", page), ("s.css", "url(https://x.example/f)")])), expected);
    }
}
