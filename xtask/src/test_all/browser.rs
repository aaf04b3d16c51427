//! Opens every page of the built book in a headless Chromium, where there is one, and wants its console silent and the network untouched.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::book::PAGES;
use super::step::Count;
use crate::limited::{self, End};
use crate::say::say;
use crate::tools;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// For one page; it takes about a second.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn check(root: &Path) -> Result<Count> {
    let Some(chromium) = NAMES.into_iter().find_map(tools::on_path) else {
        say("skipped: no chromium");
        return Ok(Count::SKIPPED);
    };
    let profile = std::env::temp_dir().join(format!("book-check-{}", std::process::id()));
    fs::create_dir_all(&profile)?;
    let mut loud = 0;
    for page in pages(&root.join(PAGES))? {
        let complaints = open(&chromium, &profile, &page)?;
        let name = page.file_name().unwrap_or_default().display();
        complaints.iter().for_each(|complaint| say(format_args!("{name}: {complaint}")));
        loud += usize::from(!complaints.is_empty());
    }
    // Left behind, it would only take room in the temporary folder.
    let _ = fs::remove_dir_all(&profile);
    Ok(if loud == 0 { Count::PASSED } else { Count::FAILED })
}

/// Opens a page and returns what there is to complain about.
fn open(chromium: &Path, profile: &Path, page: &Path) -> Result<Vec<String>> {
    let net_log = profile.join("net-log.json");
    let mut command = Command::new(chromium);
    // No sandbox: it refuses to start as root, and the pages are our own. No name resolves: only files are opened.
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
    ]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.args(["--enable-logging=stderr", "--dump-dom", "--host-resolver-rules=MAP * ~NOTFOUND"]);
    command.arg(format!("--user-data-dir={}", profile.display()));
    command.arg(format!("--log-net-log={}", net_log.display())).arg(page);
    let finished = limited::run(&mut command, LIMIT)?;
    let mut complaints = console(&finished.output);
    complaints.extend(foreign_requests(&fs::read_to_string(&net_log).unwrap_or_default()));
    if finished.end != End::Success {
        complaints.push(format!("the browser did not finish: {:?}", finished.end));
    }
    Ok(complaints)
}

/// The chapters; the page that holds them all for printing opens a dialog.
fn pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).context("the book is not built")?;
    let mut pages: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    let left_out = ["print.html", "404.html", "toc.html"];
    pages.retain(|page| {
        let name = page.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".html") && !left_out.contains(&name.as_ref())
    });
    pages.sort();
    Ok(pages)
}

/// Every line that the page wrote: `[…:INFO:CONSOLE:1] "text", source: …`. The level does not tell errors from notes, and the
/// book has no reason to write either.
fn console(output: &str) -> Vec<String> {
    let lines = output.lines().filter(|line| line.starts_with('[') && line.contains(":CONSOLE"));
    lines.map(|line| line.split_once("] ").map_or(line, |(_, said)| said).to_owned()).collect()
}

/// Requests over the network, from Chromium's log of them. Its own, which it makes for itself in spite of all flags, go to
/// google.com.
fn foreign_requests(net_log: &str) -> BTreeSet<String> {
    let urls = net_log.split("\"url\":\"http").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
    let host = |url: &str| url.split('/').nth(2).unwrap_or_default().to_owned();
    let foreign = urls.map(host).filter(|host| !host.is_empty() && !host.ends_with(".google.com"));
    foreign.map(|host| format!("asks another host: {host}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_console_counts() {
        let output = "[1:1:0101/1.1:ERROR:dbus/bus.cc:408] Failed to connect\n\
            [1:1:0101/1.1:INFO:CONSOLE:3] \"Uncaught TypeError: x\", source: x.js (3)\n\
            <p>[1:ERROR:CONSOLE:1] in a text</p>\n";
        assert_eq!(console(output), ["\"Uncaught TypeError: x\", source: x.js (3)"]);
    }

    #[test]
    fn requests_of_the_page_are_told_from_those_of_the_browser() {
        let net_log = r#"{"params":{"url":"https://www.google.com/async"}},{"url":"https://x.example/a.png"},{"url":"file:///b"},
            {"url":"https://x.example/b.png"}"#;
        assert_eq!(foreign_requests(net_log), ["asks another host: x.example".to_owned()].into());
    }

    #[test]
    fn pages_for_readers_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.html", "a.html", "print.html", "404.html", "x.css"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let expected = ["a.html", "b.html"].map(|name| folder.path().join(name));
        assert_eq!(pages(folder.path()).unwrap(), expected);
    }
}
